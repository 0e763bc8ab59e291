/** From configuration text to validated model: `-t` of both daemons as whole processes, and holdfast's loader alone. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CHECKOUT } from '../lab/lab.js';
import type { Cost } from './load-inside.js';
import { lvsConfiguration } from './lvs-configuration.js';
import { formatTable, ratio } from './statistics.js';

/** The fastest of so many runs: what else the machine does only ever adds. */
const RUNS = 5;
const SIZES = [100, 1000, 10_000, 50_000];
/** keepalived's time grows with the square of the servers of one virtual server; 50,000 take it minutes. */
const TOGETHER = [1000, 10_000];

interface Measured {
  readonly realServers: number;
  readonly keepalived: Cost;
  readonly holdfast: Cost;
  readonly load: Cost;
}

/** Prints seconds and peak memory, and how the loader's time grows with the file. */
export function benchParse(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  try {
    const spread = SIZES.map((size) => measure(folder, size, 10));
    const together = TOGETHER.map((size) => measure(folder, size, size));
    return Promise.resolve(
      [
        table('Configuration to model, ten real servers per virtual server', spread),
        `CPU of load grows with the number of real servers to the power of ${exponent(spread).toFixed(2)}`,
        '',
        table('Configuration to model, one virtual server with all real servers', together),
      ].join('\n'),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measure(folder: string, realServers: number, perVirtualServer: number): Measured {
  const path = join(folder, 'bench.conf');
  writeFileSync(path, lvsConfiguration({ realServers, perVirtualServer, delayLoop: 6 }));
  const runs = Array.from({ length: RUNS }, () => ({
    keepalived: timed(['keepalived', '-t', '-f', path]),
    holdfast: timed([process.execPath, join(CHECKOUT, 'dist/main.js'), '-t', '-f', path]),
    load: loaded(path),
  }));
  return {
    realServers,
    keepalived: fastest(runs.map(({ keepalived }) => keepalived)),
    holdfast: fastest(runs.map(({ holdfast }) => holdfast)),
    load: fastest(runs.map(({ load }) => load)),
  };
}

function fastest(costs: readonly Cost[]): Cost {
  return costs.reduce((best, cost) => (cost.seconds < best.seconds ? cost : best));
}

/** The program from exec to exit. */
function timed(command: readonly string[]): Cost {
  const output = execFileSync('python3', [join(CHECKOUT, 'test/bench/tools/cost.py'), ...command], { encoding: 'utf8' });
  const [seconds = Number.NaN, cpuSeconds = Number.NaN, kib = Number.NaN, status] = output.split(' ').map(Number);
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}`);
  return { seconds, cpuSeconds, peak: kib / 1024 };
}

function loaded(path: string): Cost {
  const output = execFileSync(process.execPath, [join(import.meta.dirname, 'load-inside.js'), path], { encoding: 'utf8' });
  return JSON.parse(output) as Cost;
}

function table(title: string, measured: readonly Measured[]): string {
  const rows = [['real servers', 'keepalived -t s', 'holdfast -t s', 'ratio', 'CPU ratio', 'load alone s', 'keepalived MiB', 'holdfast MiB']];
  for (const { realServers, keepalived, holdfast, load } of measured) {
    rows.push([
      `${realServers}`,
      keepalived.seconds.toFixed(3),
      holdfast.seconds.toFixed(3),
      ratio(holdfast.seconds, keepalived.seconds),
      ratio(holdfast.cpuSeconds, keepalived.cpuSeconds),
      load.seconds.toFixed(3),
      keepalived.peak.toFixed(0),
      holdfast.peak.toFixed(0),
    ]);
  }
  return `${title}\n${formatTable(rows)}`;
}

/** The slope of the straight line through the logarithms of all sizes. */
function exponent(measured: readonly Measured[]): number {
  const points = measured.map(({ realServers, load }) => [Math.log(realServers), Math.log(load.cpuSeconds)] as const);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point[0])), mean(points.map((point) => point[1]))];
  const above = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return above / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
