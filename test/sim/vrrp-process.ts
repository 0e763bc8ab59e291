/**
 * One life of a simulated VRRP process: the production driver with its sockets, its alarm and its requests to the kernel,
 * and what happens to them while the process is not run. A process that has ended hears and does nothing more.
 */

import { isMulticast } from '../../src/base/address.js';
import { micros, seconds } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import { createJournal } from '../../src/runtime/journal.js';
import type { AdvertEndpoint, VrrpPorts } from '../../src/runtime/ports.js';
import { createVrrpDriver } from '../../src/runtime/vrrp-driver.js';
import type { DirectorMachine, VrrpDriver } from '../../src/runtime/vrrp-driver.js';
import type { Belongings } from '../../src/vrrp/instance/belongings.js';
import type { DirectorEvent } from '../../src/vrrp/events.js';
import { advertEvent, isRubbish, virtualRouterIdIn } from './advert-event.js';
import { KeepalivedModel } from './keepalived.js';
import { createDeviceKeeper } from './device-port.js';
import type { DeviceKeeper } from './device-port.js';
import type { KernelAddresses } from './kernel-addresses.js';
import type { Datagram, Lan } from './lan.js';
import type { Observation, Role } from './observation.js';
import type { VrrpHost } from './vrrp-host.js';
import type { World } from './world.js';

/** What the process finds around it. */
export interface Surroundings {
  readonly world: World;
  readonly lan: Lan;
  readonly host: VrrpHost;
  readonly kernel: KernelAddresses;
  readonly machine: DirectorMachine;
  /** False plants a fault: what is queued is not heard before the alarm is believed. */
  readonly drains: boolean;
  readonly observe: (observation: Observation) => void;
  /** Counts that the event is about to be heard. */
  readonly cover: (event: DirectorEvent) => void;
  readonly onRole: (instance: string, role: Role) => void;
  /** Asked to stop, it has nothing left to wait for. */
  readonly onStopped: () => void;
}

/** Datagrams a socket buffer holds. */
const SOCKET_QUEUE = 256;
/** From the arrival of a datagram to its reading, when the process has nothing else to do. */
const WAKE_UP = 20;
/** The wall clock at the beginning of the simulated time. */
const EPOCH = 1_700_000_000_000_000;

export class VrrpProcess {
  readonly seed: number;
  readonly journal = createJournal<DirectorEvent>(1 << 20);
  readonly #around: Surroundings;
  readonly #driver: Pick<VrrpDriver, 'deliver' | 'onAlarm'>;
  /** Undefined in a process of keepalived. */
  readonly #own: VrrpDriver | undefined;
  readonly #devices: DeviceKeeper;
  #endpoints: readonly AdvertEndpoint[] = [];
  #queue: Datagram[] = [];
  #readable = false;
  #alarmAt: number | undefined;
  #alarmDue = false;
  /** Alarms set so far: one that was set again must not fire. */
  #alarms = 0;
  #paused = false;
  /** What has arrived on other sockets while it was paused, in order. */
  #waiting: (() => void)[] = [];
  #stopping = false;
  #ended = false;

  constructor(around: Surroundings, seed: number) {
    this.seed = seed;
    this.#around = around;
    const { machine, onStopped } = around;
    this.#devices = createDeviceKeeper(around.world, around.kernel, (run) => this.#whenAwake(run));
    const isOurs = around.host.plan.software === 'holdfast';
    this.#own = isOurs ? createVrrpDriver(this.#ports(), { seed, machine, record: this.journal.record, onStopped }) : undefined;
    this.#driver = this.#own ?? new KeepalivedModel(this.#ports(), onStopped);
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  get isStopping(): boolean {
    return this.#stopping;
  }

  /** Those of holdfast only. */
  snapshot(): ReturnType<VrrpDriver['snapshot']> | undefined {
    return this.#own?.snapshot();
  }

  /** keepalived begins anew. */
  legacy(): ReturnType<VrrpDriver['legacy']> | undefined {
    return this.#own?.legacy();
  }

  end(): void {
    this.#ended = true;
  }

  /** Hears what `event` gives at the moment of hearing: now, or when the process is run again. Undefined = nothing. */
  deliver(event: () => DirectorEvent | undefined): void {
    this.#whenAwake(() => {
      const heard = event();
      if (heard !== undefined) this.#hear(heard);
    });
  }

  /** A datagram reaches the host while its link is up. */
  receive(datagram: Datagram): void {
    const id = virtualRouterIdIn(datagram);
    if (id === undefined || this.#queue.length >= SOCKET_QUEUE) return;
    const heard = this.#endpoints.find((open) => this.#reaches(datagram, open) && open.virtualRouterIds.includes(id));
    if (heard === undefined) return;
    this.#queue.push({ ...datagram, segment: heard.interface });
    if (this.#readable) return;
    this.#readable = true;
    this.#around.world.after(WAKE_UP, () =>
      this.#whenAwake(() => {
        this.#readable = false;
        this.#drain();
      }),
    );
  }

  pause(): void {
    this.#paused = true;
  }

  /** A loop that wakes up serves what is due and what has come in some order; a driver must not depend on which. */
  resume(): void {
    if (!this.#paused || this.#ended) return;
    this.#paused = false;
    const sources: readonly (() => void)[] = [
      () => {
        if (this.#alarmDue) this.#alarmFires();
      },
      () => this.#drain(),
      () => {
        for (const run of this.#waiting.splice(0)) this.#whenAwake(run);
      },
    ];
    for (const serve of this.#around.world.chance(0.6) ? sources : [...sources].reverse()) serve();
  }

  stop(): void {
    this.#whenAwake(() => {
      if (this.#stopping) return;
      this.#stopping = true;
      this.#hear({ type: 'stopRequested', keepAddresses: false, patience: seconds(4) });
      this.#around.observe({ type: 'stopRequested', host: this.#around.host });
    });
  }

  #whenAwake(run: () => void): void {
    if (this.#ended) return;
    if (this.#paused) this.#waiting.push(run);
    else run();
  }

  #hear(event: DirectorEvent): void {
    if (this.#ended) return;
    const { host, observe, cover } = this.#around;
    if (this.#own !== undefined) cover(event);
    if (isRubbish(event)) observe({ type: 'rubbishHeard', host });
    this.#driver.deliver(event);
    if (event.type === 'linkChanged') this.#devices.lookAgain();
    observe({ type: 'turnEnded', host });
  }

  #drain(): void {
    const { host, observe } = this.#around;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const event = advertEvent(next, this.#wallClock());
      this.#hear(event);
      if (event.type === 'advertReceived' && !isRubbish(event)) observe({ type: 'advertHeard', host, source: event.source, virtualRouterId: event.advert.virtualRouterId });
    }
  }

  #wallClock(): Micros {
    const { world, host } = this.#around;
    return micros(EPOCH + world.now() + host.clockOffset());
  }

  /** Ends as the conditions of the host are at its end. */
  #runScript(run: number, limit: Micros): void {
    const { world, host } = this.#around;
    const hangs = host.conditions().script === 'hangs';
    world.after(hangs ? limit : world.between(500, 50_000), () =>
      this.deliver(() => ({ type: 'scriptEnded', run, ending: hangs ? { type: 'timedOut' } : { type: 'exited', status: host.conditions().script === 'passes' ? 0 : 1 } })),
    );
  }

  #setAlarm(deadline: number | undefined): void {
    const { world, observe, host } = this.#around;
    observe({ type: 'alarmSet', host });
    this.#alarms += 1;
    this.#alarmAt = deadline;
    this.#alarmDue = false;
    if (deadline === undefined) return;
    const mine = this.#alarms;
    // A timer may be late, and Node's may be early by a fraction of a millisecond.
    const jitter = world.chance(0.1) ? -world.between(0, 200) : world.between(0, 1_000);
    world.at(deadline + jitter, () => {
      if (this.#alarms === mine) this.#alarmFires();
    });
  }

  #alarmFires(): void {
    if (this.#ended || this.#alarmAt === undefined) return;
    if (this.#paused) {
      this.#alarmDue = true;
      return;
    }
    this.#alarmAt = undefined;
    this.#alarmDue = false;
    if (this.#own !== undefined) this.#around.cover({ type: 'timeout' });
    this.#driver.onAlarm();
    this.#around.observe({ type: 'turnEnded', host: this.#around.host });
  }

  #ports(): VrrpPorts {
    const { world, host, observe, onRole, drains } = this.#around;
    return {
      clock: { now: world.now },
      wallClock: () => this.#wallClock(),
      alarm: { set: (deadline) => this.#setAlarm(deadline) },
      devices: this.#devices.port,
      firewall: { configure: () => undefined, drop: () => undefined },
      adverts: {
        configure: (endpoints) => {
          this.#endpoints = endpoints;
        },
        send: (way, { source, destination, hopLimit, payload, identification = 1 }) =>
          this.#send({ segment: way.interface, family: way.family, protocol: way.protocol, source, destination, hopLimit, payload, identification }),
        drain: () => {
          if (drains) this.#drain();
        },
      },
      addresses: { set: (instance, epoch, present, belongings) => this.#ask(instance, epoch, present, belongings) },
      announcements: { announce: (addresses) => observe({ type: 'announced', host, addresses }) },
      trackers: {
        runScript: (run, _command, limit) => this.#runScript(run, limit),
        // Its end is of no interest to anybody.
        stopScript: () => undefined,
        watch: ({ files, processes }) => {
          for (const { name } of processes) {
            world.after(500, () => this.deliver(() => ({ type: 'processesCounted', process: name, count: host.conditions().processes })));
          }
          for (const { name } of files) world.after(500, () => this.deliver(() => ({ type: 'fileRead', file: name, value: host.conditions().number })));
        },
      },
      commands: { run: () => undefined },
      alerts: { send: () => undefined },
      fifo: {
        write: (line) => {
          const match = /^INSTANCE "(.*)" (MASTER|BACKUP|FAULT|STOP) \d+$/.exec(line);
          if (match !== null) onRole(match[1] ?? '', match[2] as Role);
        },
      },
      logger: { log: (entry) => world.explain(`    ${host.plan.name}: ${entry.text}`) },
    };
  }

  /** A socket hears its group, or what is sent to this host alone; one on a macvlan what arrives below it. */
  #reaches(datagram: Datagram, open: AdvertEndpoint): boolean {
    const { kernel } = this.#around;
    const { destination, segment, family, protocol } = datagram;
    if (kernel.link(open.interface)?.up !== true || kernel.baseOf(open.interface) !== segment) return false;
    const isToIt = open.multicastGroup === undefined ? !isMulticast(destination) : open.multicastGroup === destination;
    return isToIt && open.family === family && open.protocol === protocol;
  }

  #send(datagram: Datagram): void {
    const { world, lan, host, kernel, observe } = this.#around;
    const { name } = host.plan;
    const { source } = datagram;
    const segment = kernel.baseOf(datagram.segment);
    const event = advertEvent(datagram, this.#wallClock());
    const isRight = event.type === 'advertReceived' && event.arrival?.checksum === 'right';
    if (!isRight) return world.fail('W1 own adverts are well formed', `${name} sends ${'error' in event ? event.error : 'a wrong checksum'}`);
    const { advert } = event;
    world.trace(`${name} ${segment} sends ${advert.virtualRouterId} ${advert.priority}`);
    world.cover('advert');
    observe({ type: 'advertSent', host, segment, source, advert });
    const isOpen = this.#endpoints.some((open) => isSame(open, datagram));
    if (isOpen && kernel.link(datagram.segment)?.up === true) lan.send(name, { ...datagram, segment });
  }

  #ask(instance: string, epoch: number, present: boolean, belongings: Belongings): void {
    const { addresses } = belongings;
    const { world, host, kernel, observe } = this.#around;
    observe({ type: 'addressesRequested', host, instance, present, addresses });
    kernel.request(present, belongings, ({ reason, settled }) => {
      world.trace(`${host.plan.name} ${instance} addresses ${present} ${reason ?? 'done'}`);
      if (this.#ended) return;
      observe({ type: 'addressesApplied', host, instance, present, addresses: settled });
      const applied = settled.map(({ address }) => address);
      this.deliver(() =>
        reason === undefined
          ? { type: 'addressesApplied', instance, epoch }
          : { type: 'addressesFailed', instance, epoch, reason, applied },
      );
    });
  }
}

function isSame(open: AdvertEndpoint, { segment, family, protocol }: Datagram): boolean {
  return open.interface === segment && open.family === family && open.protocol === protocol;
}
