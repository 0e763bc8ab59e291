/** Advert inter-arrival as a neighbour's network card sees it, idle and with every core busy. */

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

import { openCapture } from '../interop/capture.js';
import { startDaemon, until, type DaemonKind } from '../interop/daemon.js';
import { MAC, openPair } from '../interop/pair.js';
import { formatTable, percentile } from './statistics.js';

interface Jitter {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const INTERVALS = [
  { seconds: 0.01, samples: 1500 },
  { seconds: 0.1, samples: 200 },
  { seconds: 1, samples: 25 },
];

/** Prints |interval - nominal| in ms, p50 / p99 / max, for both daemons. */
export async function benchJitter(): Promise<string> {
  const rows = [['advert_int', 'machine', 'keepalived p50/p99/max ms', 'holdfast p50/p99/max ms']];
  for (const { seconds, samples } of INTERVALS) {
    for (const load of [0, cpus().length]) {
      const figures: string[] = [];
      for (const kind of ['keepalived', 'holdfast'] as const) {
        const { p50, p99, max } = await measure(kind, seconds, samples, load);
        figures.push(`${p50.toFixed(3)} / ${p99.toFixed(2)} / ${max.toFixed(2)}`);
      }
      rows.push([`${seconds} s`, load === 0 ? 'idle' : `${load} spinners`, ...figures]);
    }
  }
  return `Advert jitter, |interval - nominal|\n${formatTable(rows)}`;
}

async function measure(kind: DaemonKind, seconds: number, samples: number, load: number): Promise<Jitter> {
  const pair = openPair('jitter');
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const capture = await openCapture(pair.namespace('client'), join(folder, 'pcap'));
  const configuration = `vrrp_instance VI_1 {
    version 3
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int ${seconds}
    virtual_ipaddress {
      10.77.0.100
    }
  }\n`;
  const daemon = startDaemon(kind, { namespace: pair.namespace('a'), folder, configuration, options: ['-P'] });
  const spinners: ChildProcess[] = [];
  try {
    await until('master', () => pair.addresses('a').includes('10.77.0.100/32'));
    for (let i = 0; i < load; i += 1) spinners.push(spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const from = Date.now() / 1000;
    await new Promise((resolve) => setTimeout(resolve, samples * seconds * 1000));
    const times = capture
      .packets()
      .filter((packet) => packet.kind === 'advert' && packet.sourceMac === MAC.a && packet.at >= from)
      .map((packet) => packet.at);
    const late = times.slice(1).map((at, i) => Math.abs(at - (times[i] ?? at) - seconds) * 1000);
    return { p50: percentile(late, 50), p99: percentile(late, 99), max: Math.max(...late) };
  } finally {
    for (const spinner of spinners) spinner.kill('SIGKILL');
    await daemon.stop();
    await capture.close();
    pair.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
