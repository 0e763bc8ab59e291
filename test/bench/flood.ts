/** A master under a flood of rubbish: how late its own adverts are, what it writes, how much it grows, and what it sends. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startDaemon, until, type DaemonKind } from '../interop/daemon.js';
import { openPair } from '../interop/pair.js';
import { cpuSeconds, memoryOf } from './process-figures.js';
import { formatTable } from './statistics.js';

const KINDS = ['checksum', 'unknown router', 'lower priority', 'goodbye'] as const;
const PACKETS_A_SECOND = 30_000;
const DURATION = 20;
/** Milliseconds between a master's regular adverts. */
const INTERVAL = 1_000;

const CONFIGURATION = `vrrp_instance VI_1 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority 150
  version 3
  advert_int 1
  virtual_ipaddress {
    10.77.0.100
  }
}
`;

/** One row for each kind of rubbish and each daemon; `wanted` restricts the kinds to those that contain the word. */
export async function benchFlood(wanted = ''): Promise<string> {
  const rows: string[][] = [];
  for (const kind of KINDS.filter((name) => name.includes(wanted))) {
    for (const daemon of ['keepalived', 'holdfast'] as const) rows.push([kind, daemon, ...(await measure(daemon, kind))]);
  }
  const title = `Flood of ${PACKETS_A_SECOND} packets/s for ${DURATION} s at a master that advertises every ${INTERVAL / 1_000} s`;
  return `${title}\n${formatTable([['rubbish', 'daemon', 'flood sent', 'longest gap (ms)', 'adverts sent', 'log lines', 'growth (MiB)', 'CPU (s)'], ...rows])}`;
}

async function measure(kind: DaemonKind, rubbish: (typeof KINDS)[number]): Promise<string[]> {
  const pair = openPair(`flood${kind[0] ?? ''}`);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-flood-'));
  const daemon = startDaemon(kind, { namespace: pair.namespace('a'), folder, configuration: CONFIGURATION, options: ['-P'] });
  try {
    await until('it holds the address', () => pair.addresses('a').includes('10.77.0.100/32'), 30);
    const ears = join(folder, 'pcap');
    const dump = spawn('ip', ['netns', 'exec', pair.namespace('a'), 'tcpdump', '-Z', 'root', '-i', 'eth0', '-n', '-U', '-Q', 'out', '-w', ears, 'ip proto 112'], {
      stdio: 'ignore',
    });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const before = { memory: resident(daemon.pids()), cpu: cpuSeconds(daemon.pids()), lines: lines(daemon.log()) };
    const sent = await flood(pair.namespace('client'), rubbish);
    const after = { memory: resident(daemon.pids()), cpu: cpuSeconds(daemon.pids()), lines: lines(daemon.log()) };
    const ended = once(dump, 'exit');
    dump.kill('SIGINT');
    await ended;
    const times = instants(readFileSync(ears));
    const gaps = times.slice(1).map((at, i) => at - (times[i] ?? at));
    return [
      String(sent),
      Math.max(...gaps).toFixed(0),
      String(times.length),
      String(after.lines - before.lines),
      (after.memory - before.memory).toFixed(1),
      (after.cpu - before.cpu).toFixed(2),
    ];
  } finally {
    await daemon.stop();
    pair.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function flood(namespace: string, rubbish: string): Promise<number> {
  const script = join(process.cwd(), 'dist', 'test', 'bench', 'flood-inside.js');
  const words = ['netns', 'exec', namespace, process.execPath, script, 'eth0', rubbish, String(PACKETS_A_SECOND), String(DURATION)];
  const child = spawn('ip', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'exit');
  return Number(output);
}

/** Milliseconds at which packets of a pcap file (microseconds, little endian) were seen. */
function instants(file: Buffer): readonly number[] {
  const found: number[] = [];
  for (let at = 24; at + 16 <= file.length; at += 16 + file.readUInt32LE(at + 8)) {
    found.push(file.readUInt32LE(at) * 1_000 + file.readUInt32LE(at + 4) / 1_000);
  }
  return found;
}

function resident(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + memoryOf(pid).resident, 0);
}

function lines(log: string): number {
  return log.split('\n').length - 1;
}
