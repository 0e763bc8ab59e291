/** One pair of directors of the failover benchmark: its daemons, what happens to them, and what others see of it. */

import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { present } from '../../src/base/invariant.js';
import { openCapture, type Capture, type CapturedAdvert } from '../interop/capture.js';
import { startDaemon, type Daemon, type DaemonKind } from '../interop/daemon.js';
import { MAC, type Pair } from '../interop/pair.js';
import { BACKUP_PRIORITY, MASTER_PRIORITY, STOPPED_FOR, type Event } from './failover-events.js';
import { flushNeighbours, startClient, watchHolders, type Client, type Holders } from './witnesses.js';

const VIP = '10.77.0.100';
/** Milliseconds after which what has not happened never will. */
const PATIENCE = 20_000;

/** All in milliseconds. */
export interface Measured {
  /** From the last word of the old master to the first announcement of the new one; without a change of masters NaN. */
  readonly takeover: number;
  /** Between two adverts of whoever was master. */
  readonly silence: number;
  /** Without an answer. */
  readonly client: number;
  readonly nobody: number;
  readonly both: number;
}

interface Witnesses {
  readonly capture: Capture;
  readonly client: Client;
}

export const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A is the better director; B is always there. */
export class Scene {
  readonly kind: DaemonKind;
  readonly #pair: Pair;
  readonly #folder: string;
  readonly #interval: number;
  readonly #client: string;
  readonly #holders: Holders;
  readonly #a: Daemon[] = [];
  readonly #b: Daemon;
  /** A's VRRP process has died already: the next one would be started late. */
  #isWorn = false;
  #witnesses: Witnesses | undefined;

  /** Starts B. `interval` in seconds, `client` the client program. */
  constructor(kind: DaemonKind, pair: Pair, folder: string, interval: number, client: string) {
    this.kind = kind;
    this.#pair = pair;
    this.#folder = folder;
    this.#interval = interval;
    this.#client = client;
    this.#holders = watchHolders(pair, VIP);
    this.#b = this.#start('b', BACKUP_PRIORITY);
  }

  /** Whether a start or a stop of A has to come before `event`. */
  needsStart(event: Event): boolean {
    if (event === 'failback') return this.#a.length > 0;
    return this.#a.length === 0 || (this.#isWorn && event.includes('VRRP process'));
  }

  /** Starts or stops A so that `event` can happen. */
  async prepare(event: Event): Promise<void> {
    if (!this.needsStart(event)) return;
    await this.#stopA();
    if (event !== 'failback') this.#startA();
  }

  /** Waits until the address is where `event` finds it and nowhere else; false when that does not come to pass. */
  async settle(event: Event): Promise<boolean> {
    const [holder, other] = event === 'failback' ? (['b', 'a'] as const) : (['a', 'b'] as const);
    const settled = await this.#until(() => this.#holders.holds(holder) && !this.#holders.holds(other));
    return settled && this.#b.log().includes('Entering BACKUP STATE');
  }

  /** Sends those who watch; they have seen the address when it resolves. */
  async watch(): Promise<void> {
    flushNeighbours(this.#pair);
    const capture = await openCapture(this.#pair.namespace('client'), join(this.#folder, 'pcap'));
    this.#witnesses = { capture, client: await startClient(this.#pair, VIP, this.#client) };
  }

  /** Lets it happen, waits until it is over, and tells what was seen. */
  async measure(event: Event): Promise<Measured> {
    const { capture, client } = present(this.#witnesses, 'somebody watches');
    const from = Date.now();
    await this.#happen(event);
    await pause(1_000 + this.#interval * 1_000);
    const silence = longestSilence(capture, from / 1_000 - this.#interval);
    const seen = { takeover: takeover(capture, event), silence, client: await client.longestSilence(), ...this.#holders.since(from) };
    await capture.close();
    this.#witnesses = undefined;
    await this.#mend(event);
    return seen;
  }

  async close(): Promise<void> {
    await this.#witnesses?.client.longestSilence();
    await this.#witnesses?.capture.close();
    await Promise.all([this.#stopA(), this.#b.stop()]);
    await this.#holders.close();
  }

  #start(station: 'a' | 'b', priority: number): Daemon {
    const folder = join(this.#folder, station);
    mkdirSync(folder, { recursive: true });
    for (const file of FILES) writeFileSync(join(folder, file), '0\n');
    return startDaemon(this.kind, {
      namespace: this.#pair.namespace(station),
      folder,
      configuration: configuration(folder, priority, this.#interval),
      options: ['-P'],
    });
  }

  #startA(): void {
    this.#isWorn = false;
    this.#a.push(this.#start('a', MASTER_PRIORITY));
  }

  async #stopA(): Promise<void> {
    await this.#a.pop()?.stop();
  }

  async #until(condition: () => boolean): Promise<boolean> {
    const end = performance.now() + PATIENCE;
    while (!condition()) {
      if (performance.now() > end) return false;
      await pause(20);
    }
    return true;
  }

  async #happen(event: Event): Promise<void> {
    const vrrp = (): number => Number(readFileSync(join(this.#folder, 'a', 'r.pid'), 'utf8'));
    const taken = (): Promise<boolean> => this.#until(() => this.#holders.holds('b'));
    switch (event) {
      case 'FAULT by a tracked file':
        this.#write('fault', '1\n');
        await taken();
        return;
      case 'yield by hand':
        await this.#yield(true);
        await taken();
        await this.#until(() => !this.#holders.holds('a'));
        return;
      case 'removal by a reload':
        this.#reload(this.#configurationOfA().replace('VI_1', 'VI_2').replace('_id 51', '_id 52').replace(VIP, '10.77.0.109'));
        await taken();
        return;
      case 'link cut':
        this.#pair.cable('a', 'pulled');
        await taken();
        return;
      case 'kill -9 of all':
        for (const pid of this.#a.pop()?.pids() ?? []) if (!isGuardian(pid)) signalIfThere(pid, 'SIGKILL');
        await taken();
        // Whoever has not let go of it by then never does.
        return pause(3_000);
      case 'orderly stop':
        await this.#stopA();
        await taken();
        return;
      case 'kill -9 of the VRRP process':
        this.#isWorn = true;
        signalIfThere(vrrp(), 'SIGKILL');
        return pause(5_000 * this.#interval + 3_000);
      case 'VRRP process stopped 8 s': {
        this.#isWorn = true;
        const stopped = vrrp();
        signalIfThere(stopped, 'SIGSTOP');
        await pause(STOPPED_FOR);
        signalIfThere(stopped, 'SIGCONT');
        return pause(5_000 * this.#interval + 1_000);
      }
      case 'failback':
        this.#startA();
        await this.#until(() => this.#holders.holds('a'));
        await this.#until(() => !this.#holders.holds('b'));
        return;
    }
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.#folder, 'a', name), text);
  }

  #configurationOfA(): string {
    return configuration(join(this.#folder, 'a'), MASTER_PRIORITY, this.#interval);
  }

  #reload(text: string): void {
    this.#write('keepalived.conf', text);
    this.#a.at(-1)?.signal('SIGHUP');
  }

  /** keepalived has no word for it: what its users do is to lower the priority by a file. */
  async #yield(away: boolean): Promise<void> {
    if (this.kind === 'keepalived') {
      this.#write('lower', away ? '1\n' : '0\n');
      return;
    }
    const words = [join(process.cwd(), 'dist', 'main.js'), 'vrrp', away ? 'yield' : 'resume', 'VI_1', '--socket', join(this.#folder, 'a', 'p.control.sock')];
    await promisify(execFile)(process.execPath, words);
  }

  /** What the event has left behind that no daemon mends. */
  async #mend(event: Event): Promise<void> {
    if (event === 'link cut') this.#pair.cable('a', 'plugged');
    if (event === 'FAULT by a tracked file') this.#write('fault', '0\n');
    if (event === 'yield by hand') await this.#yield(false);
    if (event === 'removal by a reload') this.#reload(this.#configurationOfA());
    if (event !== 'kill -9 of all' || !this.#holders.holds('a')) return;
    this.#pair.run('a', 'ip', 'address', 'del', `${VIP}/32`, 'dev', 'eth0');
    await this.#until(() => !this.#holders.holds('a'));
  }
}

/** Tracked by each director: not 0 in the first one is a FAULT, in the second one the lower priority. */
const FILES = ['fault', 'lower'] as const;

function configuration(folder: string, priority: number, interval: number): string {
  const files = FILES.map((name) => `track_file ${name} {\n    file ${join(folder, name)}\n  }\n`);
  return `${files.join('')}vrrp_instance VI_1 {
    version 3
    interface eth0
    virtual_router_id 51
    priority ${priority}
    advert_int ${interval}
    track_file {
      fault weight 0
      lower weight -100
    }
    virtual_ipaddress {
      ${VIP}
    }
  }\n`;
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Somebody has ended it meanwhile.
  }
}

function isGuardian(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('holdfast-guard');
  } catch {
    // It has just ended: nobody to spare.
    return true;
  }
}

function adverts(capture: Capture): readonly CapturedAdvert[] {
  return capture.packets().filter((packet) => packet.kind === 'advert');
}

/** From the last word of the old master that the others heard, a goodbye if there was one, to the announcement of the new one. */
function takeover(capture: Capture, event: Event): number {
  if (event === 'failback') return Number.NaN;
  const words = adverts(capture).filter(({ sourceMac }) => sourceMac === MAC.a);
  const goodbye = words.find(({ priority }) => priority === 0);
  const last = (goodbye ?? words.at(-1))?.at ?? 0;
  const announced = capture.packets().find(({ kind, sourceMac, at }) => kind === 'announcement' && sourceMac === MAC.b && at > last);
  return announced === undefined ? Number.NaN : (announced.at - last) * 1000;
}

/** Between adverts that claim to be master, from `from` (seconds) on. */
function longestSilence(capture: Capture, from: number): number {
  const claims = adverts(capture).filter(({ at, priority }) => priority > 0 && at >= from);
  return Math.max(...claims.slice(1).map(({ at }, i) => (at - (claims[i]?.at ?? at)) * 1000));
}
