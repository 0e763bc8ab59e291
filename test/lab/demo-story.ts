/** The demo's measurements: what the client met, second by second and act by act, and whether all of it held. */

import type { Director } from './director.js';
import type { Screen } from './screen.js';
import { bar, paint } from './screen.js';
import type { Traffic } from './traffic.js';
import { countByServer } from './traffic.js';

/** One line of the summary. */
export interface Finding {
  readonly what: string;
  readonly measured: string;
  readonly wanted: string;
  readonly held: boolean;
}

/** Everything that runs while the story is told. */
export interface Cast {
  readonly screen: Screen;
  readonly traffic: Traffic;
  readonly servers: readonly string[];
  readonly virtualAddress: string;
  /** By name; the entry of a director that is dead is the one it had. */
  readonly directors: Map<string, Director>;
}

const BAR = 8;

/** Prints one line a second about the second before, until stopped. */
export function startTicker(cast: Cast, began: number): { readonly stop: () => void } {
  let stopped = false;
  const tick = async (): Promise<void> => {
    const now = Date.now();
    const holders = await holdersOf(cast);
    if (stopped) return;
    printSecond(cast, Math.round((now - began) / 1000), now, holders);
    // The next second begins where this one ended, so that no line overtakes another and none is counted twice.
    setTimeout(() => void tick(), Math.max(0, now + 1000 - Date.now()));
  };
  void tick();
  return { stop: () => (stopped = true) };
}

function printSecond(cast: Cast, second: number, now: number, holders: readonly string[]): void {
  const { screen } = cast;
  const recent = cast.traffic.finishedBetween(now - 1000, now);
  const counts = countByServer(recent);
  const failed = recent.filter((exchange) => exchange.error !== undefined).length;
  const full = Math.max(1, ...counts.values());
  const shares = cast.servers.map((server) => {
    const count = counts.get(server) ?? 0;
    return `${server} ${paint(screen, count > 0 ? 'green' : 'dim', bar(count, full, BAR))} ${String(count).padStart(2)}`;
  });
  const total = cast.traffic.exchanges().filter((exchange) => exchange.server !== undefined).length;
  const words = [
    paint(screen, 'dim', `${String(second).padStart(4)} s`),
    paint(screen, 'bold', `#${String(total).padStart(4, '0')}`),
    ...shares,
    failed > 0 ? paint(screen, 'red', `failed ${String(failed).padStart(2)}`) : paint(screen, 'dim', 'failed  0'),
    `at ${holders.length === 0 ? paint(screen, 'red', 'no director') : paint(screen, 'magenta', holders.join('+'))}`,
  ];
  screen.line(words.join('  '));
}

/** The directors that run and whose kernel has the virtual address. */
export async function holdersOf(cast: Cast): Promise<readonly string[]> {
  const holds = await Promise.all(
    [...cast.directors].map(async ([name, director]) =>
      !director.program.ended && (await director.holdsAddress(cast.virtualAddress)) ? name : undefined,
    ),
  );
  return holds.filter((name) => name !== undefined);
}

/** Prints the findings; true if all of them held. */
export function printSummary(screen: Screen, findings: readonly Finding[]): boolean {
  for (const { what, measured, wanted, held } of findings) {
    const verdict = held ? paint(screen, 'green', '✔') : paint(screen, 'red', '✘');
    screen.line(` ${verdict} ${what.padEnd(54)} ${paint(screen, 'bold', measured.padStart(9))}  ${paint(screen, 'dim', wanted)}`);
  }
  return findings.every((finding) => finding.held);
}
