/**
 * Runs inside the lab kernel: `start-inside.js RUNS REAL_SERVERS...` starts the daemons in turns on files of growing size and
 * prints one JSON line of figures for each.
 */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startDaemon, type DaemonKind } from '../interop/daemon.js';
import { identityOf, lvsConfiguration, type LvsShape } from './lvs-configuration.js';
import { memoryOf } from './process-figures.js';
import { watchService } from './watch-service.js';

export interface StartFigures {
  readonly kind: DaemonKind;
  readonly realServers: number;
  /** Seconds, of each run. */
  readonly start: readonly number[];
  readonly stop: readonly number[];
  /** MiB of all processes of the last run, some seconds after the start. */
  readonly resident: number;
  readonly proportional: number;
}

interface Run {
  readonly start: number;
  readonly stop: number;
  readonly resident: number;
  readonly proportional: number;
}

/** Milliseconds from the last server to a look at the memory: garbage of the start is gone by then. */
const SETTLED = 15_000;
/** Milliseconds from one look at the last service to the next: daemons and looks share the only processor. */
const LOOK_EVERY = 20;
/** Milliseconds. */
const PATIENCE = 300_000;

const [runs = 1, ...sizes] = process.argv.slice(2).map(Number);
execFileSync('ip', ['link', 'set', 'lo', 'up']);
// Somebody must answer: a server that fails its first check is taken out again before all are in.
const farm = spawn(process.execPath, [join(import.meta.dirname, 'farm.js')], { stdio: ['pipe', 'pipe', 'inherit'] });
await once(farm.stdout, 'data');
for (const realServers of sizes) {
  const shape = { realServers, perVirtualServer: 10, delayLoop: 600 };
  const measured: Record<DaemonKind, Run[]> = { keepalived: [], holdfast: [] };
  for (let run = 1; run <= runs; run += 1) {
    for (const kind of ['keepalived', 'holdfast'] as const) measured[kind].push(await measure(kind, shape, run === runs));
  }
  for (const kind of ['keepalived', 'holdfast'] as const) {
    const { resident, proportional } = measured[kind].at(-1) ?? { resident: 0, proportional: 0 };
    const figures: StartFigures = {
      kind,
      realServers,
      start: measured[kind].map(({ start }) => start),
      stop: measured[kind].map(({ stop }) => stop),
      resident,
      proportional,
    };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  }
}
farm.kill();

async function measure(kind: DaemonKind, shape: LvsShape, weigh: boolean): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const configuration = lvsConfiguration(shape);
  // keepalived kills a child that takes over five seconds to remove its services, and leaves the rest.
  execFileSync('ipvsadm', ['-C']);
  const watch = watchService(identityOf(shape.realServers / shape.perVirtualServer - 1));
  const began = performance.now();
  const daemon = startDaemon(kind, { folder, configuration, options: ['-C'] });
  // Programming follows the file, so the last service's last server is the last of all; the total is checked afterwards.
  await watch.reaches(shape.perVirtualServer, PATIENCE, LOOK_EVERY);
  const start = (performance.now() - began) / 1000;
  watch.close();
  const entries = readFileSync('/proc/net/ip_vs', 'utf8').match(/^ {2}->/gm)?.length ?? 0;
  // One line of the table's head looks like an entry.
  if (entries - 1 !== shape.realServers) throw new Error(`${kind}: ${entries - 1} of ${shape.realServers} programmed\n${daemon.log().slice(-1000)}`);
  if (weigh) await pause(SETTLED);
  const memory = weigh ? daemon.pids().map(memoryOf) : [];
  const stopping = performance.now();
  await daemon.stop();
  const stop = (performance.now() - stopping) / 1000;
  const sum = (field: 'resident' | 'proportional'): number => memory.reduce((total, each) => total + each[field], 0);
  return { start, stop, resident: sum('resident'), proportional: sum('proportional') };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
