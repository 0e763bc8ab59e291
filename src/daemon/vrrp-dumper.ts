/** SIGUSR1 and SIGUSR2 in the VRRP process: the director's snapshot as keepalived's data and statistics files. */

import type { GlobalConfig } from '../conf/model.js';
import { openClock } from '../io/clock.js';
import { vrrpDumpText } from '../runtime/dump-text.js';
import { statisticsSince, statisticsText } from '../runtime/statistics-text.js';
import type { DirectorDescription } from '../vrrp/describe.js';
import type { Statistics } from '../vrrp/statistics.js';
import type { ChildContext } from './child.js';
import { writeDump } from './dump.js';
import type { DumpKind } from './ipc.js';
import { dumpFilePath, statisticsFilePath } from './process-names.js';

/** Writes one dump per call. Clearing statistics remembers where they stood: the machine's counters only grow. */
export function createVrrpDumper(
  { tell }: ChildContext<'vrrp'>,
  snapshot: () => DirectorDescription,
  configuration: () => GlobalConfig | undefined,
): (kind: DumpKind) => void {
  const clock = openClock();
  let cleared: ReadonlyMap<string, Statistics> = new Map();
  return (kind) => {
    const global = configuration();
    if (global === undefined) return;
    const director = snapshot();
    const { instances } = director;
    if (kind === 'data') {
      tell({ type: 'dumping', subject: 'VRRP', pid: process.pid });
      writeDump(dumpFilePath('vrrp', global), vrrpDumpText(director, wallClock(clock.now())), tell);
      return;
    }
    tell({ type: 'dumpingStatistics', clearing: kind === 'statisticsAndClear', pid: process.pid });
    const counted = instances.map(({ name, statistics }) => ({
      name,
      statistics: statisticsSince(statistics, cleared.get(name)),
    }));
    writeDump(statisticsFilePath(global), statisticsText(counted), tell);
    if (kind === 'statisticsAndClear') cleared = new Map(instances.map(({ name, statistics }) => [name, statistics]));
  };
}

/** From the machine's clock to seconds since 1970, as the two stand to each other now. */
function wallClock(now: number): (instant: number) => number {
  const origin = Date.now() / 1_000 - now / 1_000_000;
  return (instant) => origin + instant / 1_000_000;
}
