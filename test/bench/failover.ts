/** Everything that moves an address or should not: for how long nobody speaks for it, answers for it, holds it, or two do. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openCapture, type Capture, type CapturedAdvert } from '../interop/capture.js';
import { startDaemon, until, type Daemon, type DaemonKind } from '../interop/daemon.js';
import { MAC, openPair, type Pair } from '../interop/pair.js';
import { formatTable, median } from './statistics.js';
import { startClient, watchHolders } from './witnesses.js';

const VIP = '10.77.0.100';
const BACKUP_PRIORITY = 100;
const MASTER_PRIORITY = 150;
/** Pairs measured side by side: enough to finish, few enough not to disturb each other. */
const PARALLEL = 4;
/** How long a stopped process stays so, unless somebody ends it. */
const STOPPED_FOR = 8_000;

type Event = 'link cut' | 'kill -9 of all' | 'orderly stop' | 'kill -9 of the VRRP process' | 'VRRP process stopped 8 s' | 'failback';
const EVENTS: readonly Event[] = [
  'link cut',
  'kill -9 of all',
  'orderly stop',
  'kill -9 of the VRRP process',
  'VRRP process stopped 8 s',
  'failback',
];
const INTERVALS: readonly number[] = [1, 0.1, 0.01];

/** All in milliseconds. */
interface Measured {
  /** From the last word of the old master to the first announcement of the new one; without a change of masters NaN. */
  readonly takeover: number;
  /** Between two adverts of whoever was master. */
  readonly silence: number;
  /** Without an answer. */
  readonly client: number;
  readonly nobody: number;
  readonly both: number;
}

/** `runs` of each event and interval with each daemon; `wanted` restricts the events to those that contain the word. */
export async function benchFailover(runs: number, wanted = ''): Promise<string> {
  const rows = [['event', 'advert_int', 'daemon', 'takeover', 'adverts silent', 'client unanswered', 'held by nobody', 'held by both']];
  for (const event of EVENTS.filter((name) => name.includes(wanted))) {
    for (const interval of INTERVALS) {
      for (const kind of ['keepalived', 'holdfast'] as const) {
        const measured = await measureAll(kind, event, interval, runs);
        const cell = (of: keyof Measured): string => summary(measured.map((each) => each[of]));
        const cells = (['takeover', 'silence', 'client', 'nobody', 'both'] as const).map(cell);
        const row = [event, `${interval} s`, kind, ...cells];
        rows.push(row);
        // An hour's work should not be lost to an interruption.
        process.stderr.write(`${row.join(' | ')}\n`);
      }
    }
  }
  const bounds = INTERVALS.map((interval) => `${interval} s: ${(3000 * interval + skew(interval)).toFixed(1)} (${skew(interval).toFixed(1)} after a goodbye)`);
  return [
    `Failover, ${runs} runs each, min / median / max in ms. By the protocol a takeover takes ${bounds.join(', ')}.`,
    formatTable(rows),
  ].join('\n');
}

function skew(interval: number): number {
  return ((256 - BACKUP_PRIORITY) / 256) * interval * 1000;
}

function summary(samples: readonly number[]): string {
  const known = samples.filter((sample) => !Number.isNaN(sample));
  if (known.length === 0) return '-';
  const values = [Math.min(...known), median(known), Math.max(...known)].map((value) => value.toFixed(1));
  return `${values.join(' / ')}${known.length < samples.length ? ` (${known.length} of ${samples.length})` : ''}`;
}

async function measureAll(kind: DaemonKind, event: Event, interval: number, runs: number): Promise<Measured[]> {
  const measured: Measured[] = [];
  const worker = async (index: number): Promise<void> => {
    for (let run = index; run < runs; run += PARALLEL) measured.push(await measure(kind, event, interval, index));
  };
  await Promise.all(Array.from({ length: PARALLEL }, (_, index) => worker(index)));
  return measured;
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

/** One pair and what has been started in it. */
interface Scene {
  readonly pair: Pair;
  readonly folder: string;
  readonly interval: number;
  readonly kind: DaemonKind;
  readonly daemons: Daemon[];
}

function start(scene: Scene, station: 'a' | 'b'): Daemon {
  const daemon = startDaemon(scene.kind, {
    namespace: scene.pair.namespace(station),
    folder: join(scene.folder, station),
    configuration: configuration(station === 'a' ? MASTER_PRIORITY : BACKUP_PRIORITY, scene.interval),
    options: ['-P'],
  });
  scene.daemons.push(daemon);
  return daemon;
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function measure(kind: DaemonKind, event: Event, interval: number, index: number): Promise<Measured> {
  const pair = openPair(`fail${index}`);
  const scene: Scene = { pair, folder: mkdtempSync(join(tmpdir(), 'holdfast-bench-')), interval, kind, daemons: [] };
  const capture = await openCapture(pair.namespace('client'), join(scene.folder, 'pcap'));
  const holder = event === 'failback' ? 'b' : 'a';
  try {
    const b = start(scene, 'b');
    if (event !== 'failback') start(scene, 'a');
    await until('there is a master', () => pair.addresses(holder).includes(`${VIP}/32`));
    await until('B is ready', () => b.log().includes('Entering BACKUP STATE'));
    // Any phase of the advert interval is as likely as any other.
    await pause(1000 + Math.random() * interval * 1000);
    const client = startClient(pair, VIP);
    const holders = watchHolders(pair, VIP, holder);
    await pause(300);
    const from = Date.now() / 1000 - interval;
    await happen(event, scene);
    await pause(1_000 + interval * 1_000);
    const silence = longestSilence(capture, from);
    return { takeover: takeover(capture, event), silence, client: await client.longestSilence(), ...(await holders.end()) };
  } finally {
    await Promise.all(scene.daemons.map((daemon) => daemon.stop()));
    await capture.close();
    pair.close();
    rmSync(scene.folder, { recursive: true, force: true });
  }
}

/** Resolves when it is over. */
async function happen(event: Event, scene: Scene): Promise<void> {
  const { pair, folder, interval } = scene;
  const a = scene.daemons.at(-1);
  const holds = (station: 'a' | 'b'): boolean => pair.addresses(station).includes(`${VIP}/32`);
  const vrrp = (): number => Number(readFileSync(join(folder, 'a', 'r.pid'), 'utf8'));
  switch (event) {
    case 'link cut':
      pair.cable('a', 'pulled');
      return until('B holds it', () => holds('b'));
    case 'kill -9 of all':
      for (const pid of a?.pids() ?? []) if (!isGuardian(pid)) process.kill(pid, 'SIGKILL');
      await until('B holds it', () => holds('b'));
      // Whoever has not let go of it by then never does.
      return pause(3_000);
    case 'orderly stop':
      await a?.stop();
      return until('B holds it', () => holds('b'));
    case 'kill -9 of the VRRP process':
      process.kill(vrrp(), 'SIGKILL');
      return pause(5_000 * interval + 3_000);
    case 'VRRP process stopped 8 s': {
      const stopped = vrrp();
      process.kill(stopped, 'SIGSTOP');
      await pause(STOPPED_FOR);
      try {
        process.kill(stopped, 'SIGCONT');
      } catch {
        // Somebody has ended it meanwhile.
      }
      return pause(5_000 * interval + 1_000);
    }
    case 'failback':
      start(scene, 'a');
      await until('A holds it', () => holds('a'));
      return until('B holds it no more', () => !holds('b'));
  }
}

function isGuardian(pid: number): boolean {
  return execFileSync('cat', [`/proc/${pid}/comm`], { encoding: 'utf8' }).startsWith('holdfast-guard');
}

function adverts(capture: Capture): readonly CapturedAdvert[] {
  return capture.packets().filter((packet) => packet.kind === 'advert');
}

/** From the last word of the old master that the others heard, a goodbye if there was one, to the announcement of the new one. */
function takeover(capture: Capture, event: Event): number {
  const [old, next] = event === 'failback' ? [MAC.b, MAC.a] : [MAC.a, MAC.b];
  const words = adverts(capture).filter(({ sourceMac }) => sourceMac === old);
  const goodbye = words.find(({ priority }) => priority === 0);
  const last = (goodbye ?? words.at(-1))?.at ?? 0;
  const announced = capture.packets().find(({ kind, sourceMac, at }) => kind === 'announcement' && sourceMac === next && at > last);
  return announced === undefined || event === 'failback' ? Number.NaN : (announced.at - last) * 1000;
}

/** Between adverts that claim to be master, from `from` (seconds) on. */
function longestSilence(capture: Capture, from: number): number {
  const claims = adverts(capture).filter(({ at, priority }) => priority > 0 && at >= from);
  return Math.max(...claims.slice(1).map(({ at }, i) => (at - (claims[i]?.at ?? at)) * 1000));
}
