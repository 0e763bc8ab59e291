/** Directors of many instances: what they cost while nothing happens, and when the last address answers after the master's cable is cut. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startDaemon, until, type Daemon, type DaemonKind } from '../interop/daemon.js';
import { cpuSeconds, memoryOf } from './process-figures.js';
import { openSegments, placeOf, type Segments } from './segments.js';
import { formatTable } from './statistics.js';

const COUNTS = [1, 100, 500];
/** Seconds between adverts. */
const INTERVAL = 1;
const MASTER_PRIORITY = 150;
const BACKUP_PRIORITY = 100;
/** Seconds of nothing, in which the processors' time is taken. */
const QUIET = 20;
/** Milliseconds by the protocol: three intervals and the skew. */
const BOUND = (3 * INTERVAL + ((256 - BACKUP_PRIORITY) / 256) * INTERVAL) * 1_000;

/** One row for each number of instances, or for one number, and each daemon. */
export async function benchScale(only?: number): Promise<string> {
  const rows: string[][] = [];
  for (const count of only === undefined ? COUNTS : [only]) {
    for (const kind of ['keepalived', 'holdfast'] as const) {
      rows.push([String(count), kind, ...(await measure(kind, count))]);
      // An interrupted run should not lose what it has.
      process.stderr.write(`${rows.at(-1)?.join(' | ') ?? ''}\n`);
    }
  }
  const head = ['instances', 'daemon', 'CPU master (%)', 'CPU backup (%)', 'resident (MiB)', 'private (MiB)', 'first answer (ms)', 'last answer (ms)', 'answering'];
  const title = `Many instances at ${INTERVAL} s, all processes; memory of the master. From the cut, by the protocol at most ${BOUND.toFixed(0)} ms`;
  return `${title}\n${formatTable([head, ...rows])}`;
}

async function measure(kind: DaemonKind, count: number): Promise<string[]> {
  const segments = openSegments('scale', count);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-scale-'));
  const daemons: Daemon[] = [];
  try {
    const [a, b] = (['a', 'b'] as const).map((station) => {
      const priority = station === 'a' ? MASTER_PRIORITY : BACKUP_PRIORITY;
      const place = { namespace: segments.namespace(station), folder: join(folder, station) };
      const daemon = startDaemon(kind, { ...place, configuration: configuration(priority, count), options: ['-P'] });
      daemons.push(daemon);
      return daemon;
    });
    if (a === undefined || b === undefined) throw new Error('two directors were started');
    await until('A is master of all', () => occurrences(a.log(), 'Entering MASTER STATE') >= count, 60);
    // Gratuitous ARPs are repeated after five seconds.
    await pause(8_000);
    const before = [a, b].map((daemon) => cpuSeconds(daemon.pids()));
    await pause(QUIET * 1_000);
    const load = [a, b].map((daemon, i) => ((cpuSeconds(daemon.pids()) - (before[i] ?? 0)) / QUIET) * 100);
    const memory = a.pids().map(memoryOf);
    const figures = [
      ...load.map((percent) => percent.toFixed(2)),
      memory.reduce((sum, { resident }) => sum + resident, 0).toFixed(1),
      memory.reduce((sum, { anonymous }) => sum + anonymous, 0).toFixed(1),
    ];
    return [...figures, ...(await failOver(segments, count))];
  } finally {
    await Promise.all(daemons.map((daemon) => daemon.stop()));
    segments.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds from the cut to the first and the last answer of a new master, and how many answered. */
async function failOver(segments: Segments, count: number): Promise<string[]> {
  const script = join(process.cwd(), 'dist', 'test', 'bench', 'scale-inside.js');
  const words = ['netns', 'exec', segments.namespace('client'), process.execPath, script, String(count), String(BOUND - 1_500)];
  const prober = spawn('ip', words, { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  const ready = new Promise<void>((resolve) => {
    prober.stdout.on('data', (part: Buffer) => {
      output += part.toString();
      resolve();
    });
  });
  const ended = once(prober, 'close');
  await ready;
  output = '';
  segments.cut('a');
  prober.stdin.end('cut\n');
  await ended;
  const times = JSON.parse(output) as readonly number[];
  return [Math.min(...times).toFixed(0), Math.max(...times).toFixed(0), String(times.length)];
}

function configuration(priority: number, count: number): string {
  return Array.from({ length: count }, (_, index) => {
    const { interface: name, virtualRouterId, address } = placeOf(index);
    return `vrrp_instance VI_${index + 1} {
  version 3
  interface ${name}
  virtual_router_id ${virtualRouterId}
  priority ${priority}
  advert_int ${INTERVAL}
  virtual_ipaddress {
    ${address}
  }
}\n`;
  }).join('');
}

function occurrences(text: string, words: string): number {
  return text.split(words).length - 1;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
