/** Runs inside the lab kernel: starts each daemon on files of growing size and prints one JSON line of figures for each. */

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startDaemon, type DaemonKind } from '../interop/daemon.js';
import { lastService, lvsConfiguration, type LvsShape } from './lvs-configuration.js';
import { median } from './statistics.js';

export interface StartFigures {
  readonly kind: DaemonKind;
  readonly realServers: number;
  /** Seconds. */
  readonly start: number;
  readonly stop: number;
}

/** How often each size is started: ten thousand take long enough to be steady. */
const RUNS = new Map([
  [100, 3],
  [1000, 3],
  [10_000, 1],
]);

execFileSync('ip', ['link', 'set', 'lo', 'up']);
// Somebody must answer: a server that fails its first check is taken out again before all are in.
const farm = spawn(process.execPath, [join(import.meta.dirname, 'farm.js')], { stdio: ['pipe', 'pipe', 'inherit'] });
await once(farm.stdout, 'data');
for (const [realServers, count] of RUNS) {
  for (const kind of ['keepalived', 'holdfast'] as const) {
    const runs: { start: number; stop: number }[] = [];
    for (let run = 0; run < count; run += 1) runs.push(await measure(kind, { realServers, perVirtualServer: 10, delayLoop: 600 }));
    const figures: StartFigures = {
      kind,
      realServers,
      start: median(runs.map(({ start }) => start)),
      stop: median(runs.map(({ stop }) => stop)),
    };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  }
}
farm.kill();

async function measure(kind: DaemonKind, shape: LvsShape): Promise<{ start: number; stop: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const configuration = lvsConfiguration(shape);
  const service = lastService(shape);
  // keepalived kills a child that takes over five seconds to remove its services, and leaves the rest.
  execFileSync('ipvsadm', ['-C']);
  const began = performance.now();
  const daemon = startDaemon(kind, { folder, configuration, options: ['-C'] });
  while (!programmed(service)) await new Promise((resolve) => setTimeout(resolve, 10));
  const start = (performance.now() - began) / 1000;
  const entries = readFileSync('/proc/net/ip_vs', 'utf8').match(/^ {2}->/gm)?.length ?? 0;
  // One line of the table's head looks like an entry.
  if (entries - 1 !== shape.realServers) throw new Error(`${kind}: ${entries - 1} of ${shape.realServers} programmed\n${daemon.log().slice(-1000)}`);
  const stopping = performance.now();
  await daemon.stop();
  return { start, stop: (performance.now() - stopping) / 1000 };
}

/** Programming follows the file, so the last service's last server is the last of all; the total is checked afterwards. */
function programmed(service: string): boolean {
  const { stdout } = spawnSync('ipvsadm', ['-Ln', '-t', service], { encoding: 'utf8' });
  return (stdout.match(/Masq/g)?.length ?? 0) === 10;
}
