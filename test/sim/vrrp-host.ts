/**
 * One simulated director host: the production driver and reducer between a simulated kernel, clock and wire, and the
 * ways in which a process can suffer.
 */

import { decodeAdvert } from '../../src/vrrp/packet.js';
import type { DirectorConfig, VirtualAddress } from '../../src/vrrp/config.js';
import type { DirectorEvent } from '../../src/vrrp/events.js';
import type { AdvertEndpoint, VrrpPorts } from '../../src/runtime/ports.js';
import { createJournal } from '../../src/runtime/journal.js';
import type { Journal } from '../../src/runtime/journal.js';
import { createVrrpDriver } from '../../src/runtime/vrrp-driver.js';
import type { DirectorMachine, VrrpDriver } from '../../src/runtime/vrrp-driver.js';
import type { HostPlan } from './cluster-config.js';
import { hostAddresses, knownAddresses } from './cluster-config.js';
import { createKernelAddresses } from './kernel-addresses.js';
import type { KernelAddresses } from './kernel-addresses.js';
import type { Datagram, Lan } from './lan.js';
import { advertEvent, concerns, isRubbish } from './advert-event.js';
import type { Observation, Role } from './observation.js';
import type { World } from './world.js';

export interface VrrpHostOptions {
  readonly world: World;
  readonly lan: Lan;
  readonly plan: HostPlan;
  readonly segments: readonly string[];
  readonly machine: DirectorMachine;
  readonly config: DirectorConfig;
  readonly kernelLatency: number;
  readonly observe: (observation: Observation) => void;
  /** False plants a fault: what is queued is not heard before the alarm is believed. */
  readonly drains: boolean;
}

export interface VrrpHost {
  readonly plan: HostPlan;
  readonly kernel: KernelAddresses;
  readonly config: () => DirectorConfig;
  readonly role: (instance: string) => Role;
  readonly process: () => 'running' | 'paused' | 'dead';
  readonly powered: () => boolean;
  /** Addresses that a process left behind and no later one can know of. */
  readonly abandoned: ReadonlySet<string>;
  /** Orderly stop was asked for and has not been followed by a start. */
  readonly stopping: () => boolean;
  readonly start: () => void;
  /** kill -9: the kernel keeps what it holds. */
  readonly kill: () => void;
  /** TERM: the process says goodbye and ends once the kernel has answered. */
  readonly stop: () => void;
  /** SIGSTOP, or an event loop that is stuck: packets and alarms wait. */
  readonly pause: (span: number) => void;
  /** Ends a pause before its time. */
  readonly wake: () => void;
  readonly powerOff: () => void;
  readonly powerOn: () => void;
  readonly reload: (config: DirectorConfig) => void;
  /** Everything the running process has heard. */
  readonly journal: () => { readonly journal: Journal<DirectorEvent>; readonly seed: number };
  readonly snapshot: () => ReturnType<VrrpDriver['snapshot']>;
}

/** Datagrams a socket buffer holds. */
const SOCKET_QUEUE = 256;
/** From TERM to the end of the process. */
const GOODBYE = 1_000_000;

interface Process {
  readonly driver: VrrpDriver;
  readonly seed: number;
  readonly journal: Journal<DirectorEvent>;
  endpoints: readonly AdvertEndpoint[];
  readonly queue: Datagram[];
  readable: boolean;
  paused: boolean;
  alarmAt: number | undefined;
  alarmPlan: number;
  alarmDue: boolean;
  /** What has arrived on other sockets while it was paused, in order. */
  readonly waiting: (() => void)[];
  stopping: boolean;
}

export function createVrrpHost(options: VrrpHostOptions): VrrpHost {
  const { world, lan, plan, observe } = options;
  let config = options.config;
  let current: Process | undefined;
  let powered = false;
  let lives = 0;
  const roles = new Map<string, Role>();
  const abandoned = new Set<string>();

  const setRole = (instance: string, to: Role): void => {
    const from = roles.get(instance) ?? 'DEAD';
    if (from === to) return;
    roles.set(instance, to);
    world.trace(`${plan.name} ${instance} ${to}`);
    observe({ type: 'roleChanged', host, instance, from, to });
  };

  const deliver = (process: Process, event: DirectorEvent): void => {
    if (process !== current) return;
    coverEvent(event);
    if (isRubbish(event)) observe({ type: 'rubbishHeard', host });
    process.driver.deliver(event);
    observe({ type: 'turnEnded', host });
  };

  /** Counts the state in which each router concerned hears the event. */
  const coverEvent = (event: DirectorEvent): void => {
    for (const instance of config.instances) {
      if ('instance' in event && event.instance !== instance.name) continue;
      if ('family' in event && !concerns(event, instance)) continue;
      world.cover(`${roles.get(instance.name) ?? 'DEAD'} ${event.type}`);
    }
  };

  /** Events wait while a process is paused, as they do in its sockets. */
  const whenAwake = (process: Process, run: () => void): void => {
    if (process !== current) return;
    if (process.paused) process.waiting.push(run);
    else run();
  };

  const kernel = createKernelAddresses(world, {
    latency: options.kernelLatency,
    onLink: (name) => {
      observe({ type: 'kernelChanged', host, interface: name });
      const process = current;
      if (process === undefined) return;
      world.after(world.between(50, 1_000), () => whenAwake(process, () => deliver(process, linkEvent(name))));
    },
    onLost: (name, lost) => {
      const process = current;
      if (process === undefined) return;
      world.after(world.between(50, 1_000), () =>
        whenAwake(process, () => {
          if (!kernel.holds(name, lost)) deliver(process, { type: 'addressRemoved', interface: name, address: lost });
        }),
      );
    },
  });

  const linkEvent = (name: string): DirectorEvent => {
    const link = kernel.link(name);
    return link === undefined
      ? { type: 'linkChanged', interface: name }
      : { type: 'linkChanged', interface: name, link };
  };

  const hear = (datagram: Datagram): void => {
    const process = current;
    if (process === undefined || !powered || kernel.link(datagram.segment)?.up !== true) return;
    const endpoint = process.endpoints.find(
      (open) => open.interface === datagram.segment && open.family === datagram.family,
    );
    if (endpoint?.virtualRouterIds.includes(datagram.payload[1] ?? -1) !== true) return;
    if (process.queue.length >= SOCKET_QUEUE) return;
    process.queue.push(datagram);
    wakeReader(process);
  };

  const wakeReader = (process: Process): void => {
    if (process.readable) return;
    process.readable = true;
    world.after(20, () =>
      whenAwake(process, () => {
        process.readable = false;
        drain(process);
      }),
    );
  };

  const drain = (process: Process): void => {
    for (let next = process.queue.shift(); next !== undefined && process === current; next = process.queue.shift()) {
      deliver(process, advertEvent(next));
    }
  };

  const alarmFires = (process: Process): void => {
    if (process !== current || process.alarmAt === undefined) return;
    if (process.paused) {
      process.alarmDue = true;
      return;
    }
    process.alarmAt = undefined;
    process.alarmDue = false;
    coverEvent({ type: 'timeout' });
    process.driver.onAlarm();
    observe({ type: 'turnEnded', host });
  };

  const setAlarm = (process: () => Process, deadline: number | undefined): void => {
    const owner = process();
    observe({ type: 'alarmSet', host });
    owner.alarmPlan += 1;
    owner.alarmAt = deadline;
    owner.alarmDue = false;
    if (deadline === undefined) return;
    const planned = owner.alarmPlan;
    // A timer may be late, and Node's may be early by a fraction of a millisecond.
    const jitter = world.chance(0.1) ? -world.between(0, 200) : world.between(0, 1_000);
    world.at(deadline + jitter, () => {
      if (owner.alarmPlan === planned) alarmFires(owner);
    });
  };

  const ports = (process: () => Process): VrrpPorts => ({
    clock: { now: world.now },
    alarm: { set: (deadline) => setAlarm(process, deadline) },
    adverts: {
      configure: (endpoints) => {
        process().endpoints = endpoints;
      },
      send: (endpoint, source, destination, payload) => {
        const { interface: segment, family } = endpoint;
        const decoded = decodeAdvert(payload, { family, source, destination });
        if (!decoded.ok) return world.fail('W1 own adverts are well formed', `${plan.name} sends ${decoded.error}`);
        world.trace(`${plan.name} ${segment} sends ${decoded.value.virtualRouterId} ${decoded.value.priority}`);
        observe({ type: 'advertSent', host, segment, source, advert: decoded.value });
        const open = process().endpoints.some((known) => known.interface === segment && known.family === family);
        if (!open || kernel.link(segment)?.up !== true) return;
        lan.send(plan.name, { segment, family, source, destination, hopLimit: 255, payload });
      },
      drain: () => {
        if (options.drains) drain(process());
      },
    },
    addresses: {
      set: (instance, epoch, present, addresses) => requestAddresses(process(), instance, epoch, present, addresses),
    },
    announcements: {
      announce: (addresses) => observe({ type: 'announced', host, addresses }),
    },
    commands: { run: () => undefined },
    fifo: {
      write: (line) => {
        const match = /^INSTANCE "(.*)" (MASTER|BACKUP|FAULT|STOP) \d+$/.exec(line);
        if (match !== null) setRole(match[1] ?? '', match[2] as Role);
      },
    },
    logger: { log: (entry) => world.explain(`    ${plan.name}: ${entry.text}`) },
  });

  const requestAddresses = (
    process: Process,
    instance: string,
    epoch: number,
    present: boolean,
    addresses: readonly VirtualAddress[],
  ): void => {
    observe({ type: 'addressesRequested', host, instance, present, addresses });
    kernel.request(present, addresses, (answer) => {
      const { reason, settled } = answer;
      world.trace(`${plan.name} ${instance} addresses ${present} ${reason ?? 'done'}`);
      if (process !== current) return;
      observe({ type: 'addressesApplied', host, instance, present, addresses: settled });
      const applied = settled.map(({ address }) => address);
      const event: DirectorEvent =
        reason === undefined
          ? { type: 'addressesApplied', instance, epoch }
          : { type: 'addressesFailed', instance, epoch, reason, applied };
      whenAwake(process, () => deliver(process, event));
    });
  };

  const startProcess = (): void => {
    if (!powered || current !== undefined) return;
    lives += 1;
    const seed = plan.number * 1_000 + lives;
    const journal = createJournal<DirectorEvent>(1 << 20);
    const self = (): Process => process;
    const process: Process = {
      driver: createVrrpDriver(ports(self), { seed, machine: options.machine, record: journal.record }),
      seed,
      journal,
      endpoints: [],
      queue: [],
      readable: false,
      paused: false,
      alarmAt: undefined,
      alarmPlan: 0,
      alarmDue: false,
      waiting: [],
      stopping: false,
    };
    current = process;
    world.trace(`${plan.name} starts`);
    observe({ type: 'started', host });
    const begin: DirectorEvent[] = [
      { type: 'reconfigured', config },
      ...options.segments.map((name) => linkEvent(name)),
    ];
    if (world.chance(0.5)) begin.push(begin.shift() ?? { type: 'timeout' });
    for (const [index, event] of begin.entries()) {
      world.after(1_000 * (index + 1), () => whenAwake(process, () => deliver(process, refresh(event))));
    }
  };

  /** A link's state when it is reported, not when the report was planned. */
  const refresh = (event: DirectorEvent): DirectorEvent => {
    if (event.type === 'linkChanged') return linkEvent(event.interface);
    return event.type === 'reconfigured' ? { type: 'reconfigured', config } : event;
  };

  const endProcess = (): void => {
    if (current === undefined) return;
    current = undefined;
    abandonAddresses();
    for (const instance of roles.keys()) setRole(instance, 'DEAD');
  };

  /** What the configuration no longer names is nobody's once the process that knew of it has ended. */
  const abandonAddresses = (): void => {
    const known = knownAddresses(plan, config);
    for (const segment of options.segments) {
      for (const { address } of kernel.link(segment)?.addresses ?? []) if (!known.has(address)) abandoned.add(address);
    }
  };

  const resume = (process: Process): void => {
    if (process !== current || !process.paused) return;
    process.paused = false;
    const sources: readonly (() => void)[] = [
      () => {
        if (process.alarmDue) alarmFires(process);
      },
      () => drain(process),
      () => {
        for (const run of process.waiting.splice(0)) if (process === current) run();
      },
    ];
    // Node runs the due timer before the queued datagram; a driver must not depend on any order.
    for (const run of world.chance(0.6) ? sources : [...sources].reverse()) if (process === current) run();
    observe({ type: 'interrupted', host });
  };

  const host: VrrpHost = {
    plan,
    kernel,
    config: () => config,
    role: (instance) => roles.get(instance) ?? 'DEAD',
    process: () => (current === undefined ? 'dead' : current.paused ? 'paused' : 'running'),
    powered: () => powered,
    abandoned,
    stopping: () => current?.stopping ?? false,
    start: startProcess,
    kill: endProcess,
    stop: () => {
      const process = current;
      if (process === undefined || process.stopping) return;
      whenAwake(process, () => {
        process.stopping = true;
        coverEvent({ type: 'stopRequested', keepAddresses: false });
        process.driver.deliver({ type: 'stopRequested', keepAddresses: false });
        observe({ type: 'stopRequested', host });
        observe({ type: 'turnEnded', host });
        world.after(GOODBYE, () => {
          if (process === current) endProcess();
        });
      });
    },
    pause: (span) => {
      const process = current;
      if (process === undefined || process.paused) return;
      process.paused = true;
      observe({ type: 'interrupted', host });
      world.after(span, () => resume(process));
    },
    wake: () => {
      if (current?.paused === true) resume(current);
    },
    powerOff: () => {
      endProcess();
      powered = false;
      kernel.reset();
    },
    powerOn: () => {
      if (powered) return;
      powered = true;
      for (const segment of options.segments) kernel.createLink(segment, hostAddresses(plan));
      startProcess();
    },
    reload: (next) => {
      config = next;
      const process = current;
      if (process === undefined) return;
      observe({ type: 'interrupted', host });
      whenAwake(process, () => deliver(process, { type: 'reconfigured', config: next }));
    },
    journal: () => ({ journal: current?.journal ?? createJournal<DirectorEvent>(1), seed: current?.seed ?? 0 }),
    snapshot: () => {
      if (current === undefined) throw new Error(`${plan.name} is not running`);
      return current.driver.snapshot();
    },
  };
  for (const segment of options.segments) lan.attach(segment, plan.name, hear);
  return host;
}
