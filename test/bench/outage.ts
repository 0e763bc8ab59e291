/** A tenth of 10,000 real servers failing in the same moment, in the lab kernel: how soon they are out of the table; and memory. */

import { join } from 'node:path';

import type { LabKernel } from '../lab/kernel.js';
import { CHECKOUT, runInLab } from '../lab/lab.js';
import type { OutageFigures } from './outage-inside.js';
import { formatTable, median, percentile } from './statistics.js';

/** `only`: one of the daemons, else both, and the kernel alone. */
export async function benchOutage({ kernel, rounds, only }: { readonly kernel: LabKernel; readonly rounds: number; readonly only?: string | undefined }): Promise<string> {
  const words = [String(rounds), ...(only === undefined ? [] : [only])];
  const { status, output } = await runInLab(join(CHECKOUT, 'dist/test/bench/outage-inside.js'), { kernel, timeout: 900, words });
  if (status !== 0) throw new Error(`the lab ended with ${status}:\n${output}`);
  const rows = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as OutageFigures)
    .map(({ kind, resident, anonymous, out, back }) => [
      kind,
      ...[out, back].map((times) => [Math.min(...times), median(times), percentile(times, 95), Math.max(...times)].map((time) => time.toFixed(0)).join(' / ')),
      resident?.toFixed(0) ?? '',
      anonymous?.toFixed(0) ?? '',
    ]);
  const head = ['daemon', 'out of the table, ms', 'in it again, ms', 'resident, MiB', 'of that private'];
  const title = `1,000 of 10,000 real servers fail at once, by a file that they follow: from the file to the last one; min / median / p95 / max; ${kernel} kernel`;
  return `${title}\n${formatTable([head, ...rows])}`;
}
