/**
 * What connections through the virtual address notice of a daemon's reloads, restarts, crashes and of its change for the other:
 * lost and failed ones, and the longest time without an answer. A lab kernel has one CPU, for which daemon, clients and servers
 * wait: the row in which there is no daemon says how much of it is theirs.
 */

import { join } from 'node:path';

import type { Errors, CrowdReport } from '../lab/crowd.js';
import type { LabKernel } from '../lab/kernel.js';
import { CHECKOUT, runInLab } from '../lab/lab.js';
import { formatTable, ratio } from './statistics.js';

interface Stall extends CrowdReport {
  readonly name: string;
}

const MARK = '@stall ';
/** The event that none is, and for how many seconds. */
const ALONE = 'no daemon at all';
const CONTROL = 20;

export interface Load {
  readonly kernel: LabKernel;
  /** Connections that are kept. */
  readonly kept: number;
  /** Lines a second on them. */
  readonly lines: number;
  /** New ones a second. */
  readonly rate: number;
  readonly reloads: number;
  readonly restarts: number;
}

export async function benchContinuity({ kernel, kept, lines, rate, reloads, restarts }: Load): Promise<string> {
  const words = [...[kept, lines, rate, reloads, restarts, CONTROL].map(String), 'both'];
  const { output } = await runInLab(join(CHECKOUT, 'dist/test/lab/scripts/continuity.js'), { kernel, timeout: 1800, words });
  const stalls = output.split('\n').flatMap((line) => (line.startsWith(MARK) ? [JSON.parse(line.slice(MARK.length)) as Stall] : []));
  const alone = stalls.find(({ name }) => name === ALONE)?.longest;
  if (alone === undefined) throw new Error(`the lab did not come to its end:\n${output}`);
  const rows = stalls.map(({ name, kept: still, lost, longest, asked, failed, slowest }) => [
    name,
    `${kept - still} of ${kept}${listed(lost)}`,
    `${sum(failed)} of ${asked}${listed(failed)}`,
    longest.toFixed(1),
    ratio(longest, alone),
    slowest.toFixed(1),
  ]);
  const head = ['event', 'kept ones lost', 'new ones failed', 'longest without an echo, ms', 'to no daemon', 'slowest new one, ms'];
  const title = `Connections through the virtual address, ${kept} kept with ${lines} lines a second and ${rate} new ones a second, ${reloads} reloads, ${restarts} restarts, ${kernel} kernel`;
  return `${title}\n${formatTable([head, ...rows])}`;
}

function sum(errors: Errors): number {
  return Object.values(errors).reduce((total, count) => total + count, 0);
}

function listed(errors: Errors): string {
  return Object.entries(errors).map(([name, count]) => ` ${name} ${count}`).join('');
}
