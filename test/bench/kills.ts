/** Random kill -9 of every process of a master, a thousand and more: how long until each is replaced, and whether the address ever moved. */

import type { Kill, Victim } from '../daemon/kill-rounds.js';
import { killRound, startWatcher } from '../daemon/kill-rounds.js';
import { openNetwork } from '../daemon/network.js';
import { formatTable, median, percentile } from './statistics.js';

export interface KillSettings {
  /** At least so many in all. */
  readonly kills: number;
  /** Pairs of directors at a time. */
  readonly parallel: number;
  readonly firstSeed: number;
  /** Of adverts, seconds. */
  readonly interval: number;
}

export async function benchKills({ kills, parallel, firstSeed, interval }: KillSettings): Promise<string> {
  const done: Kill[] = [];
  const broken: string[] = [];
  let seed = firstSeed;
  const lane = async (): Promise<void> => {
    while (done.length < kills) {
      const network = openNetwork();
      try {
        const watcher = await startWatcher(network, interval);
        // What a watcher has said is kept: a new one now and then.
        for (let round = 0; round < 10 && done.length < kills; round += 1) done.push(...(await killRound(network, watcher, interval, seed++)));
      } catch (error) {
        broken.push(error instanceof Error ? error.message.slice(0, 2_000) : String(error));
      } finally {
        await network.close();
      }
      process.stderr.write(`${done.length} kills, ${broken.length} broken\n`);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  const victims = [...new Set(done.map(({ victim }) => victim))].sort();
  const row = (victim: Victim): readonly string[] => {
    const times = done.filter((kill) => kill.victim === victim).map(({ milliseconds }) => milliseconds);
    return [victim, String(times.length), ...[median(times), percentile(times, 99), Math.max(...times)].map((time) => time.toFixed(0))];
  };
  const table = formatTable([['killed', 'times', 'replaced after, median ms', 'p99 ms', 'max ms'], ...victims.map(row)]);
  return [`${done.length} kills, ${broken.length} rounds in which something did not hold`, table, ...broken].join('\n\n');
}
