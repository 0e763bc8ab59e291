/** How long nobody speaks for the address: cable pulled, processes killed, orderly stop; beside what the protocol allows. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openCapture, type Capture } from '../interop/capture.js';
import { startDaemon, until, type Daemon, type DaemonKind } from '../interop/daemon.js';
import { MAC, openPair, type Pair } from '../interop/pair.js';
import { formatTable, median } from './statistics.js';

type Failure = 'cable pulled' | 'kill -9 of all' | 'orderly stop';

const FAILURES: readonly Failure[] = ['cable pulled', 'kill -9 of all', 'orderly stop'];
const VIP = '10.77.0.100';
const BACKUP_PRIORITY = 100;
/** Pairs measured side by side: enough to finish in minutes, few enough not to disturb each other. */
const PARALLEL = 4;

interface Gap {
  /** From the last advert heard of the old master, or its goodbye, to the first announcement of the new one; ms. */
  readonly announcement: number;
  /** The longest time in which a client that asks every 2 ms has no answer from the address; ms. */
  readonly client: number;
}

/** Prints both gaps of each failure. */
export async function benchFailover(runs: number): Promise<string> {
  const rows = [['event', 'advert_int', 'protocol bound ms', 'keepalived min/med/max ms', 'holdfast min/med/max ms', 'holdfast within bound + 50 ms', 'client without answer: keepalived', 'client without answer: holdfast']];
  for (const interval of [1, 0.1]) {
    for (const failure of FAILURES) {
      const skew = ((256 - BACKUP_PRIORITY) / 256) * interval;
      const bound = (failure === 'orderly stop' ? skew : 3 * interval + skew) * 1000;
      const gaps = new Map<DaemonKind, Gap[]>();
      for (const kind of ['keepalived', 'holdfast'] as const) gaps.set(kind, await measureAll(kind, failure, interval, runs));
      const cell = (kind: DaemonKind, of: keyof Gap): string => {
        const samples = (gaps.get(kind) ?? []).map((each) => each[of]);
        return [Math.min(...samples), median(samples), Math.max(...samples)].map((value) => value.toFixed(1)).join(' / ');
      };
      const good = (gaps.get('holdfast') ?? []).filter(({ announcement }) => announcement <= bound + 50 && announcement >= bound - 1).length;
      const measured = [cell('keepalived', 'announcement'), cell('holdfast', 'announcement'), `${good} of ${runs}`];
      rows.push([failure, `${interval} s`, bound.toFixed(1), ...measured, cell('keepalived', 'client'), cell('holdfast', 'client')]);
    }
  }
  return `Failover, last advert (or priority 0) heard to first gratuitous ARP\n${formatTable(rows)}`;
}

async function measureAll(kind: DaemonKind, failure: Failure, interval: number, runs: number): Promise<Gap[]> {
  const gaps: Gap[] = [];
  const worker = async (index: number): Promise<void> => {
    for (let run = index; run < runs; run += PARALLEL) gaps.push(await measure(kind, failure, interval, index));
  };
  await Promise.all(Array.from({ length: PARALLEL }, (_, index) => worker(index)));
  return gaps;
}

function configuration(priority: number, interval: number): string {
  return `vrrp_instance VI_1 {
    version 3
    interface eth0
    virtual_router_id 51
    priority ${priority}
    advert_int ${interval}
    virtual_ipaddress {
      ${VIP}
    }
  }\n`;
}

async function measure(kind: DaemonKind, failure: Failure, interval: number, index: number): Promise<Gap> {
  const pair = openPair(`fail${index}`);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const capture = await openCapture(pair.namespace('client'), join(folder, 'pcap'));
  const start = (station: 'a' | 'b', priority: number): Daemon =>
    startDaemon(kind, {
      namespace: pair.namespace(station),
      folder: join(folder, station),
      configuration: configuration(priority, interval),
      options: ['-P'],
    });
  const daemons = [start('b', BACKUP_PRIORITY), start('a', 150)] as const;
  try {
    await until('A is master', () => pair.addresses('a').includes(`${VIP}/32`));
    await until('B is backup', () => daemons[0].log().includes('Entering BACKUP STATE'));
    // Any phase of the advert interval is as likely as any other.
    await new Promise((resolve) => setTimeout(resolve, 1000 + Math.random() * interval * 1000));
    const client = startClient(pair);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await fail(failure, pair, daemons[1]);
    await until('B announces', () => firstAnnouncement(capture) !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 500));
    return { announcement: gap(capture, failure), client: await client.longestSilence() };
  } finally {
    await Promise.all(daemons.map((daemon) => daemon.stop()));
    await capture.close();
    pair.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fail(failure: Failure, pair: Pair, daemon: Daemon): Promise<void> {
  if (failure === 'cable pulled') pair.cable('a', 'pulled');
  else if (failure === 'kill -9 of all') await daemon.crash();
  else await daemon.stop();
}

function firstAnnouncement(capture: Capture): number | undefined {
  const packets = capture.packets();
  const lastOfA = packets.findLast((packet) => packet.kind === 'advert' && packet.sourceMac === MAC.a)?.at ?? 0;
  return packets.find((packet) => packet.kind === 'announcement' && packet.sourceMac === MAC.b && packet.at > lastOfA)?.at;
}

/** Milliseconds from the last word of A that B heard to B's first gratuitous ARP. */
function gap(capture: Capture, failure: Failure): number {
  const words = capture.packets().filter((packet) => packet.kind === 'advert' && packet.sourceMac === MAC.a);
  // kill -9 of keepalived's peers sends nothing; an orderly stop repeats its goodbye, and the first one counts.
  const goodbye = words.find((packet) => packet.kind === 'advert' && packet.priority === 0);
  const last = failure === 'orderly stop' ? goodbye : words.at(-1);
  return ((firstAnnouncement(capture) ?? Number.NaN) - (last?.at ?? Number.NaN)) * 1000;
}

/** A neighbour that pings the address all the time. */
function startClient(pair: Pair): { readonly longestSilence: () => Promise<number> } {
  const ping = spawn('ip', ['netns', 'exec', pair.namespace('client'), 'ping', '-n', '-D', '-i', '0.002', VIP], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  ping.stdout.on('data', (part: Buffer) => (output += part.toString()));
  return {
    longestSilence: async () => {
      const ended = once(ping, 'exit');
      ping.kill('SIGINT');
      await ended;
      const answered = [...output.matchAll(/^\[([\d.]+)\] \d+ bytes/gm)].map((match) => Number(match[1]) * 1000);
      return Math.max(...answered.slice(1).map((at, i) => at - (answered[i] ?? at)));
    },
  };
}
