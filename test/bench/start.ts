/** From exec to the last real server in the kernel's table, in the lab kernel; how long the orderly stop takes, and the memory between them. */

import { join } from 'node:path';

import type { LabKernel } from '../lab/kernel.js';
import { CHECKOUT, runInLab } from '../lab/lab.js';
import { formatTable, ratio } from './statistics.js';
import type { StartFigures } from './start-inside.js';

/**
 * Prints seconds for both daemons, the fastest of `runs` that take turns; the lab kernel's system calls are slow, so the ratio
 * is what counts.
 */
export async function benchStart(kernel: LabKernel, runs: number, sizes: readonly number[] = [100, 1_000, 10_000]): Promise<string> {
  const words = [runs, ...sizes].map(String);
  const { status, output } = await runInLab(join(CHECKOUT, 'dist/test/bench/start-inside.js'), { kernel, timeout: 900, words });
  if (status !== 0) throw new Error(`the lab ended with ${status}:\n${output}`);
  const figures = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as StartFigures);
  const both = (name: string): string[] => [`keepalived ${name}`, `holdfast ${name}`, 'ratio'];
  const rows = [['real servers', ...both('start s'), ...both('stop s'), ...both('resident MiB'), 'holdfast, shared once']];
  for (const { realServers, ...keepalived } of figures.filter((figure) => figure.kind === 'keepalived')) {
    const holdfast = figures.find((figure) => figure.kind === 'holdfast' && figure.realServers === realServers);
    if (holdfast === undefined) throw new Error(`no figure of holdfast for ${realServers} real servers`);
    const cells = (a: number, b: number): string[] => [a.toFixed(2), b.toFixed(2), ratio(b, a)];
    rows.push([
      `${realServers}`,
      ...cells(Math.min(...keepalived.start), Math.min(...holdfast.start)),
      ...cells(Math.min(...keepalived.stop), Math.min(...holdfast.stop)),
      ...cells(keepalived.resident, holdfast.resident),
      holdfast.proportional.toFixed(1),
    ]);
  }
  return `Start to all real servers programmed, ${kernel} kernel, the fastest of ${runs}\n${formatTable(rows)}`;
}
