/**
 * Runs inside the lab kernel: 10,000 real servers, of which 1,000 follow one file, so that they fail in the same moment. Prints one
 * JSON line of figures for each daemon.
 */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startDaemon, until, type Daemon, type DaemonKind } from '../interop/daemon.js';
import { lvsConfiguration } from './lvs-configuration.js';
import { memoryOf } from './process-figures.js';

export interface OutageFigures {
  readonly kind: DaemonKind;
  /** MiB of all its processes; what several share counts for each. */
  readonly resident: number;
  /** MiB of all its processes, private to each. */
  readonly anonymous: number;
  /** Milliseconds from the writing of the file to the last server out of the table, and back in it: one of each round. */
  readonly out: readonly number[];
  readonly back: readonly number[];
}

const REAL_SERVERS = 10_000;
const FAILING = 1_000;
const ROUNDS = 5;

const [only] = process.argv.slice(2);
execFileSync('ip', ['link', 'set', 'lo', 'up']);
const farm = spawn(process.execPath, [join(import.meta.dirname, 'farm.js')], { stdio: ['pipe', 'pipe', 'inherit'] });
await once(farm.stdout, 'data');
for (const kind of ['keepalived', 'holdfast'] as const) {
  if (only === undefined || only === kind) process.stdout.write(`${JSON.stringify(await measure(kind))}\n`);
}
farm.kill();

async function measure(kind: DaemonKind): Promise<OutageFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const file = join(folder, 'outage');
  writeFileSync(file, '0\n');
  execFileSync('ipvsadm', ['-C']);
  const configuration = lvsConfiguration({ realServers: REAL_SERVERS, perVirtualServer: 10, delayLoop: 600, file });
  const daemon = startDaemon(kind, { folder, configuration, options: ['-C'] });
  await until('all servers', () => inTable() === REAL_SERVERS, 120);
  // The first round of checks is over some seconds later.
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const out: number[] = [];
  const back: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    out.push(await timeTo(file, '1\n', REAL_SERVERS - FAILING));
    back.push(await timeTo(file, '0\n', REAL_SERVERS));
  }
  const figures = { kind, ...memory(daemon), out, back };
  await daemon.stop();
  return figures;
}

function memory(daemon: Daemon): Pick<OutageFigures, 'resident' | 'anonymous'> {
  const each = daemon.pids().map(memoryOf);
  return { resident: each.reduce((sum, one) => sum + one.resident, 0), anonymous: each.reduce((sum, one) => sum + one.anonymous, 0) };
}

async function timeTo(file: string, text: string, servers: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const began = performance.now();
  writeFileSync(file, text);
  while (inTable() !== servers) {
    if (performance.now() - began > 60_000) throw new Error(`${inTable()} servers in the table, not ${servers}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return performance.now() - began;
}

/** Real servers in the kernel's table; its head has one line that looks like one. */
function inTable(): number {
  let count = -1;
  const text = readFileSync('/proc/net/ip_vs', 'latin1');
  for (let at = text.indexOf('\n  ->'); at >= 0; at = text.indexOf('\n  ->', at + 1)) count += 1;
  return count;
}
