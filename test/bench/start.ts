/** From exec to the last real server in the kernel's table, in the lab kernel; and how long the orderly stop takes. */

import { join } from 'node:path';

import { CHECKOUT, runInLab } from '../lab/lab.js';
import { formatTable, ratio } from './statistics.js';
import type { StartFigures } from './start-inside.js';

/** Prints seconds for both daemons; the lab kernel's system calls are slow, so the ratio is what counts. */
export async function benchStart(): Promise<string> {
  const { status, output } = await runInLab(join(CHECKOUT, 'dist/test/bench/start-inside.js'), { timeout: 900 });
  if (status !== 0) throw new Error(`the lab ended with ${status}:\n${output}`);
  const figures = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as StartFigures);
  const rows = [['real servers', 'keepalived start s', 'holdfast start s', 'ratio', 'keepalived stop s', 'holdfast stop s', 'ratio']];
  for (const { realServers, ...keepalived } of figures.filter((figure) => figure.kind === 'keepalived')) {
    const holdfast = figures.find((figure) => figure.kind === 'holdfast' && figure.realServers === realServers);
    if (holdfast === undefined) throw new Error(`no figure of holdfast for ${realServers} real servers`);
    const cells = (a: number, b: number): string[] => [a.toFixed(2), b.toFixed(2), ratio(b, a)];
    rows.push([`${realServers}`, ...cells(keepalived.start, holdfast.start), ...cells(keepalived.stop, holdfast.stop)]);
  }
  return `Start to all real servers programmed, in the lab kernel\n${formatTable(rows)}`;
}
