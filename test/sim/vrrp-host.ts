/** One simulated director host: a kernel that outlives its processes, and the ways in which both can suffer. */

import type { Journal } from '../../src/runtime/journal.js';
import type { DirectorMachine, VrrpDriver } from '../../src/runtime/vrrp-driver.js';
import { allBelongings, identity, listOf } from '../../src/vrrp/instance/belongings.js';
import { withSettings } from '../../src/vrrp/instance/manager.js';
import type { Legacy } from '../../src/vrrp/events.js';
import type { DirectorConfig } from '../../src/vrrp/config.js';
import type { DirectorEvent } from '../../src/vrrp/events.js';
import { isMulticast } from '../../src/base/address.js';
import type { IpAddress } from '../../src/base/address.js';
import { FILE, GOOD_CONDITIONS, POOL, PROCESS, SESSION } from './conditions.js';
import type { Conditions, TrackPlan } from './conditions.js';
import { concerns } from './advert-event.js';
import type { HostPlan } from './cluster-config.js';
import { hostAddresses, knownAddresses } from './cluster-config.js';
import { createKernelAddresses } from './kernel-addresses.js';
import type { KernelAddresses } from './kernel-addresses.js';
import type { Lan } from './lan.js';
import type { Observation, Role } from './observation.js';
import { VrrpProcess } from './vrrp-process.js';
import type { World } from './world.js';

export interface VrrpHostOptions {
  readonly world: World;
  readonly lan: Lan;
  readonly plan: HostPlan;
  readonly segments: readonly string[];
  /** The segments, and the macvlans on them. */
  readonly interfaces: readonly string[];
  readonly machine: DirectorMachine;
  readonly config: DirectorConfig;
  readonly tracks: TrackPlan;
  readonly kernelLatency: number;
  readonly observe: (observation: Observation) => void;
  /** False plants a fault: what is queued is not heard before the alarm is believed. */
  readonly drains: boolean;
}

export interface VrrpHost {
  readonly plan: HostPlan;
  readonly kernel: KernelAddresses;
  readonly tracks: TrackPlan;
  readonly conditions: () => Conditions;
  /** What trackers find changes. */
  readonly change: (conditions: Partial<Conditions>) => void;
  /** Of the wall clock against the true time, in microseconds. */
  readonly clockOffset: () => number;
  /** As an operator does, or a time server. */
  readonly setClock: (offset: number) => void;
  readonly config: () => DirectorConfig;
  readonly role: (instance: string) => Role;
  readonly process: () => 'running' | 'paused' | 'dead';
  readonly powered: () => boolean;
  /** Addresses, and identities of routes and rules, that a process left behind and no later one can know of. */
  readonly abandoned: ReadonlySet<string>;
  /** Orderly stop was asked for, and the process has not ended yet. */
  readonly stopping: () => boolean;
  readonly start: () => void;
  /** kill -9: the kernel keeps what it holds. */
  readonly kill: () => void;
  /** kill -9 of the VRRP process alone: the supervisor starts another one that takes its place after `delay`. */
  readonly replace: (delay: number) => void;
  /** TERM: the process says goodbye and ends once the kernel has answered, or is killed. */
  readonly stop: () => void;
  /** SIGSTOP, or an event loop that is stuck: packets and alarms wait. */
  readonly pause: (span: number) => void;
  /** Ends a pause before its time. */
  readonly wake: () => void;
  /** A stranger says that an address of the segment is its own. */
  readonly claim: (segment: string, address: IpAddress) => void;
  readonly requestAnnouncement: (instance: string) => void;
  /** Of all its routers, by SNMP. */
  readonly setPriority: (priority: number) => void;
  readonly powerOff: () => void;
  readonly powerOn: () => void;
  readonly reload: (config: DirectorConfig) => void;
  /** Everything the running process has heard, and its seed; undefined while none runs. */
  readonly history: () => { readonly journal: Journal<DirectorEvent>; readonly seed: number } | undefined;
  readonly snapshot: () => ReturnType<VrrpDriver['snapshot']> | undefined;
}

const STRANGERS_MAC = '02:00:00:00:00:77';
/** From TERM to KILL: child_wait_time. */
const PATIENCE = 5_000_000;

export function createVrrpHost(options: VrrpHostOptions): VrrpHost {
  const { world, lan, plan, observe, segments, interfaces } = options;
  let config = options.config;
  let current: VrrpProcess | undefined;
  let powered = false;
  let conditions = GOOD_CONDITIONS;
  let clockOffset = 0;
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

  /** Counts the state in which each router concerned hears the event. */
  const cover = (event: DirectorEvent): void => {
    for (const instance of config.instances) {
      if ('instance' in event && event.instance !== instance.name) continue;
      if ('family' in event && !concerns(event, instance)) continue;
      world.cover(`${roles.get(instance.name) ?? 'DEAD'} ${event.type}`);
    }
  };

  const linkEvent = (name: string): DirectorEvent => {
    const link = kernel.link(name);
    return link === undefined ? { type: 'linkChanged', interface: name } : { type: 'linkChanged', interface: name, link };
  };

  const sessionEvent = (up: boolean): DirectorEvent => ({ type: 'sessionChanged', session: SESSION, up, at: world.now() });

  const poolEvent = (up: boolean): DirectorEvent => ({ type: 'virtualServerChanged', virtualServer: POOL, up });

  /** The kernel tells the process that runs now, after a while, one message after the other. */
  let toldUntil = 0;
  const notify = (event: () => DirectorEvent | undefined): void => {
    const listener = current;
    toldUntil = Math.max(toldUntil, world.now() + world.between(50, 1_000));
    world.at(toldUntil, () => listener?.deliver(event));
  };

  const kernel = createKernelAddresses(world, {
    latency: options.kernelLatency,
    onLink: (name) => {
      observe({ type: 'kernelChanged', host, interface: name });
      // As it was when it changed: the kernel's messages come one by one.
      const event = linkEvent(name);
      notify(() => event);
    },
    onLost: (name, address) =>
      notify(() => (kernel.holds(name, address) ? undefined : { type: 'addressRemoved', interface: name, address })),
    onNetworkLost: (object) =>
      notify(() => {
        if (kernel.network().includes(identity(object))) return undefined;
        return 'destination' in object ? { type: 'routeRemoved', route: object } : { type: 'ruleRemoved', rule: object };
      }),
  });

  const startProcess = (legacy?: Legacy): void => {
    if (!powered || current !== undefined) return;
    lives += 1;
    const { machine, drains } = options;
    const onStopped = (): void => world.after(0, () => endProcess(process));
    const around = { world, lan, host, kernel, machine, drains, observe, cover, onRole: setRole, onStopped };
    const process = new VrrpProcess(around, plan.number * 1_000 + lives);
    current = process;
    world.trace(`${plan.name} starts`);
    observe({ type: 'started', host, inherits: legacy !== undefined });
    const links = interfaces.map((name) => () => linkEvent(name));
    const inherited = legacy === undefined ? {} : { legacy };
    const configuration = (): DirectorEvent => ({ type: 'reconfigured', config, ...inherited });
    const session = (): DirectorEvent => sessionEvent(conditions.sessionUp);
    const pool = (): DirectorEvent => poolEvent(conditions.poolUp);
    const beginning = world.chance(0.5) ? [configuration, session, pool, ...links] : [...links, session, pool, configuration];
    for (const [index, event] of beginning.entries()) world.after(1_000 * (index + 1), () => process.deliver(event));
  };

  const endProcess = (process: VrrpProcess | undefined): void => {
    if (process === undefined || process !== current) return;
    process.end();
    current = undefined;
    abandonAddresses();
    for (const instance of roles.keys()) setRole(instance, 'DEAD');
  };

  /** What the configuration no longer names is nobody's once the process that knew of it has ended. */
  const abandonAddresses = (): void => {
    const named = new Set(config.instances.flatMap((instance) => listOf(allBelongings(instance)).map(identity)));
    for (const object of kernel.network()) if (!named.has(object)) abandoned.add(object);
    const known = knownAddresses(plan, config);
    for (const name of interfaces) {
      for (const { address } of kernel.link(name)?.addresses ?? []) if (!known.has(address)) abandoned.add(address);
    }
  };

  const resume = (process: VrrpProcess): void => {
    if (process !== current || !process.isPaused) return;
    observe({ type: 'interrupted', host });
    process.resume();
    observe({ type: 'interrupted', host });
  };

  const host: VrrpHost = {
    plan,
    kernel,
    tracks: options.tracks,
    conditions: () => conditions,
    change: (next) => {
      conditions = { ...conditions, ...next };
      notify(() => ({ type: 'fileRead', file: FILE, value: conditions.number }));
      notify(() => ({ type: 'processesCounted', process: PROCESS, count: conditions.processes }));
      notify(() => sessionEvent(conditions.sessionUp));
      notify(() => poolEvent(conditions.poolUp));
    },
    clockOffset: () => clockOffset,
    setClock: (offset) => {
      clockOffset = offset;
    },
    config: () => config,
    role: (instance) => roles.get(instance) ?? 'DEAD',
    process: () => (current === undefined ? 'dead' : current.isPaused ? 'paused' : 'running'),
    powered: () => powered,
    abandoned,
    stopping: () => current?.isStopping ?? false,
    start: () => startProcess(),
    kill: () => {
      lives += 1;
      endProcess(current);
      for (const instance of roles.keys()) setRole(instance, 'DEAD');
    },
    replace: (delay) => {
      if (current === undefined || current.isStopping) return;
      const legacy = current.legacy();
      current.end();
      current = undefined;
      if (legacy === undefined) host.kill();
      const life = lives;
      // What others have been told of this host stays true until the next process says something else.
      world.after(delay, () => {
        if (lives === life) startProcess(legacy);
      });
    },
    stop: () => {
      const process = current;
      process?.stop();
      world.after(PATIENCE, () => endProcess(process));
    },
    pause: (span) => {
      const process = current;
      if (process === undefined || process.isPaused) return;
      process.pause();
      observe({ type: 'interrupted', host });
      world.after(span, () => resume(process));
    },
    wake: () => {
      if (current !== undefined) resume(current);
    },
    claim: (segment, address) => {
      if (kernel.link(segment)?.up === true) current?.deliver(() => ({ type: 'addressClaimed', interface: segment, address, mac: STRANGERS_MAC }));
    },
    requestAnnouncement: (instance) => current?.deliver(() => ({ type: 'announceRequested', instance })),
    setPriority: (priority) => {
      // Owners are what they are, and keepalived's processes here hear no manager.
      if (plan.priority === 255 || plan.software !== 'holdfast') return;
      for (const { name } of config.instances) {
        config = withSettings(config, [{ instance: name, priority }]);
        current?.deliver(() => ({ type: 'instanceSet', instance: name, priority }));
      }
    },
    powerOff: () => {
      lives += 1;
      endProcess(current);
      for (const instance of roles.keys()) setRole(instance, 'DEAD');
      powered = false;
      kernel.reset();
    },
    powerOn: () => {
      if (powered) return;
      powered = true;
      for (const segment of segments) kernel.createLink(segment, hostAddresses(plan));
      startProcess();
    },
    reload: (next) => {
      config = next;
      if (current !== undefined) observe({ type: 'interrupted', host });
      current?.deliver(() => ({ type: 'reconfigured', config: next }));
    },
    history: () => (plan.software === 'holdfast' ? current : undefined),
    snapshot: () => current?.snapshot(),
  };
  for (const segment of segments) {
    lan.attach(segment, plan.name, (datagram) => {
      const link = kernel.link(segment);
      const isForUs = isMulticast(datagram.destination) || link?.addresses.some(({ address }) => address === datagram.destination) === true;
      if (link?.up === true && isForUs) current?.receive(datagram);
    });
  }
  return host;
}
