/**
 * What connections through the virtual address notice of a daemon's reloads, restarts, crashes and of its change for the other:
 * lost and failed ones, and the longest time without an answer. Numbers of a lab kernel of one CPU, where the clients wait for the
 * same CPU as the daemon: only to be compared with the row in which there is no daemon.
 */

import { join } from 'node:path';

import { CHECKOUT, runInLab } from '../lab/lab.js';
import { formatTable, ratio } from './statistics.js';

interface Stall {
  readonly name: string;
  readonly held: number;
  /** Milliseconds. */
  readonly longest: number;
  readonly asked: number;
  readonly failed: number;
  readonly errors: readonly string[];
  /** Milliseconds. */
  readonly slowest: number;
}

const MARK = '@stall ';
/** The event that none is, and for how many seconds. */
const ALONE = 'no daemon at all';
const CONTROL = 20;

export interface Load {
  /** Connections that are kept. */
  readonly held: number;
  /** New ones a second. */
  readonly rate: number;
  readonly reloads: number;
  readonly restarts: number;
}

export async function benchContinuity({ held, rate, reloads, restarts }: Load): Promise<string> {
  const words = [held, Math.max(1, Math.round(1000 / rate)), reloads, restarts, CONTROL].map(String);
  const { output } = await runInLab(join(CHECKOUT, 'dist/test/lab/scripts/continuity.js'), { timeout: 1800, words });
  const stalls = output.split('\n').flatMap((line) => (line.startsWith(MARK) ? [JSON.parse(line.slice(MARK.length)) as Stall] : []));
  const alone = stalls.find(({ name }) => name === ALONE)?.longest;
  const rows = stalls.map(({ name, held: still, longest, asked, failed, errors, slowest }) => [
    name,
    `${held - still} of ${held}`,
    [`${failed} of ${asked}`, ...errors].join(' '),
    String(longest),
    alone === undefined ? '-' : ratio(longest, alone),
    String(slowest),
  ]);
  const head = ['event', 'kept ones lost', 'new ones failed', 'longest without an echo, ms', 'to no daemon', 'slowest new one, ms'];
  return `Connections through the virtual address, ${held} kept and ${rate} new ones a second, ${reloads} reloads, ${restarts} restarts\n${formatTable([head, ...rows])}`;
}
