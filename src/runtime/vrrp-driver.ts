/**
 * Runs the director against the world: its effects become port calls, in their order. It takes no decision of the
 * protocol; what it adds is the wire form of adverts, the sockets a configuration needs, and hearing before timing out.
 */

import type { Micros } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import { bequestOf, legacyOf, routeKey, statesOf } from '../vrrp/adoption.js';
import type { Legacy } from '../vrrp/events.js';
import { estatesOf } from '../vrrp/estate.js';
import type { Estate } from '../vrrp/estate.js';
import { allAddresses } from '../vrrp/instance/belongings.js';
import { describeDirector } from '../vrrp/describe.js';
import type { DirectorDescription } from '../vrrp/describe.js';
import { directorDeadline, initialDirector, stepDirector } from '../vrrp/director.js';
import type { DirectorState } from '../vrrp/director.js';
import type { DirectorConfig, InstanceConfig } from '../vrrp/config.js';
import { NO_DEVICES, devicesOf } from '../vrrp/host/devices.js';
import { dropsPackets, firewallOf } from '../vrrp/host/firewall.js';
import type { DirectorEffect, DirectorEvent } from '../vrrp/events.js';
import type { Handover, Instance } from '../vrrp/instance/state.js';
import type { VrrpNote, VrrpState } from '../vrrp/notes.js';
import { createAdvertEncoder } from './advert-encoder.js';
import { endpointsOf, wayOf } from './advert-endpoints.js';
import { vrrpAlert } from './alert-text.js';
import { createDriver } from './driver.js';
import type { Driver, DriverNote, Machine } from './driver.js';
import { stateLine } from './fifo-lines.js';
import { narrateDriver } from './narrate/driver.js';
import { createVrrpNoteLimit } from './note-limit.js';
import { narrateVrrp } from './narrate/vrrp.js';
import type { VrrpPorts } from './ports.js';

export type DirectorMachine = Machine<DirectorState, DirectorEvent, DirectorEffect, VrrpNote>;

export const DIRECTOR: DirectorMachine = { initial: initialDirector, step: stepDirector, deadline: directorDeadline };

export interface VrrpDriverOptions {
  readonly seed: number;
  /** The machine to run; DIRECTOR unless another implementation is compared with it. */
  readonly machine?: DirectorMachine;
  /** Hears every event with its instant: with the seed, enough to replay the run. */
  readonly record?: (event: DirectorEvent, now: Micros) => void;
  /** An instance, a script or a session has changed its state, or what is held: legacy() and estates() are others. */
  readonly onLegacyChanged?: () => void;
  /** By routeKey, the states to which instances go: told before they act on it, since a process that ends then was master to others. */
  readonly onStatesChanging?: (states: ReadonlyMap<string, VrrpState>) => void;
  /** After stopRequested: everything is handed over and the kernel has answered the last request: the process may end. */
  readonly onStopped?: () => void;
}

export interface VrrpDriver {
  readonly deliver: (event: DirectorEvent) => void;
  /** The alarm fired. */
  readonly onAlarm: () => void;
  readonly snapshot: () => DirectorDescription;
  /** Everything there is, secrets too: for what picks from it, never for printing as it stands. */
  readonly state: () => DirectorState;
  /** What a process that takes the place of this one should know. */
  readonly legacy: () => Legacy;
  /** The same for the next program, at a restart in place. */
  readonly bequest: () => Legacy;
  /** What would be left behind if this process ended now. */
  readonly estates: () => readonly Estate[];
}

const CHANGES_LEGACY: ReadonlySet<VrrpNote['type']> = new Set([
  'instanceStarted',
  'stateChanged',
  'instanceRemoved',
  'masterAdopted',
  'addressesRequested',
  'networkRequested',
  'addressesFailed',
  'sourceChanged',
  'linkAppeared',
  'scriptChanged',
  'sessionChanged',
  'staticObjectRestoring',
  'staticObjectDropped',
]);

const NOTHING_TRACKED = { files: [], processes: [] };

export function createVrrpDriver(ports: VrrpPorts, options: VrrpDriverOptions): VrrpDriver {
  /** Whose sockets and devices are there. */
  let served: readonly InstanceConfig[] = [];
  let keepsAddresses = false;
  let configured: DirectorConfig | undefined;
  let legacyChanged = false;
  let handovers: readonly Handover[] | undefined;
  const farewell = createFarewell(() => {
    // A device that keeps its addresses must stay with them.
    if (!keepsAddresses) removeEquipment(ports);
    options.onStopped?.();
  });
  const tell = createTeller(ports, (note) => {
    legacyChanged ||= CHANGES_LEGACY.has(note.type);
  });
  const driver: Driver<DirectorState, DirectorEvent> = createDriver({
    machine: options.machine ?? DIRECTOR,
    seed: options.seed,
    clock: ports.clock,
    alarm: ports.alarm,
    record: options.record,
    perform: createPerformer(ports, farewell),
    tell,
    foretell: (notes, { instances }) => foretell(notes, instances, options.onStatesChanging),
  });
  const serve = (config: DirectorConfig, instances: readonly InstanceConfig[]): void => {
    served = instances;
    equip(ports, config, instances);
  };
  /** What is no longer needed is closed: a removed instance listens until its successor has spoken. */
  const settle = (reconfigured: boolean): void => {
    const state = driver.state();
    if (configured !== undefined && state.phase === 'running' && (reconfigured || state.handovers !== handovers)) {
      handovers = state.handovers;
      serve(configured, [...handovers.map(({ config }) => config), ...configured.instances]);
    }
    farewell.settled();
    if (legacyChanged) options.onLegacyChanged?.();
    legacyChanged = false;
  };
  return {
    deliver: (event) => {
      const reconfigures = event.type === 'reconfigured';
      if (reconfigures) {
        // Static objects of a new configuration; those of the first one go with its instances.
        legacyChanged ||= configured !== undefined;
        configured = event.config;
        if (event.legacy !== undefined) keepFiltering(ports, configured.instances, event.legacy);
        // What is new before the step, in which it may be needed; the old goes after it: a removed instance says goodbye.
        serve(configured, [...served, ...configured.instances]);
      }
      if (event.type === 'stopRequested') keepsAddresses = event.keepAddresses;
      driver.deliver(event);
      farewell.happened(event);
      settle(reconfigures);
      // After the step: what they report belongs to the new configuration.
      if (reconfigures) ports.trackers.watch(event.config.tracked ?? NOTHING_TRACKED);
    },
    // An advert already queued must be heard before a deadline is believed: after a stall both are due at once.
    onAlarm: () => {
      driver.expire({ type: 'timeout' }, ports.adverts.drain);
      settle(false);
    },
    snapshot: () => describeDirector(driver.state()),
    state: driver.state,
    legacy: () => legacyOf(driver.state(), ports.clock.now()),
    bequest: () => bequestOf(driver.state(), ports.clock.now()),
    estates: () => estatesOf(driver.state()),
  };
}

/** What of these notes a successor must know. */
function foretell(notes: readonly VrrpNote[], instances: readonly Instance[], tell: VrrpDriverOptions['onStatesChanging']): void {
  const changing = new Set(notes.flatMap((note) => (note.type === 'stateChanged' || note.type === 'masterAdopted' ? [note.instance] : [])));
  if (changing.size > 0) tell?.(statesOf(instances.filter(({ config }) => changing.has(config.name))));
}

/** Notes become log lines, unless there are too many of a kind. `heard`: all that the machine says, told or not. */
function createTeller({ logger, clock }: VrrpPorts, heard: (note: VrrpNote) => void): (note: VrrpNote | DriverNote) => void {
  const limit = createVrrpNoteLimit();
  return (note) => {
    if (note.type === 'alarmLate' || note.type === 'mailboxOverflow') {
      logger.log(narrateDriver(note));
      return;
    }
    heard(note);
    const lines = narrateVrrp(note);
    const { admitted, before } = limit.admit(note, lines.length, clock.now());
    for (const entry of [...before, ...(admitted ? lines : [])]) logger.log(entry);
  };
}

/** What instances need of the host before they do anything. Rules name devices, and sockets open on them. */
function equip(ports: VrrpPorts, config: DirectorConfig, instances: readonly InstanceConfig[]): void {
  ports.devices.configure(devicesOf(config, instances));
  ports.firewall.configure(firewallOf(config, instances));
  ports.adverts.configure(endpointsOf({ ...config, instances }));
}

/**
 * The addresses that the process before has left in the kernel are filtered from the first rule on. The machine takes the
 * rest from there: an instance that is not adopted removes its addresses, and their filter with them.
 */
function keepFiltering(ports: VrrpPorts, instances: readonly InstanceConfig[], { states }: Legacy): void {
  for (const config of instances) {
    if (dropsPackets(config) && states.get(routeKey(config)) === 'MASTER') ports.firewall.drop(allAddresses(config), true);
  }
}

function removeEquipment(ports: VrrpPorts): void {
  ports.firewall.configure(undefined);
  ports.devices.configure(NO_DEVICES);
}

/** Knows which address requests are unanswered, and says when none is left after a stop. */
interface Farewell {
  readonly asked: (instance: string, epoch: number) => void;
  readonly happened: (event: DirectorEvent) => void;
  /** The machine asks for nothing more. */
  readonly stopped: () => void;
  /** To be called after each event. */
  readonly settled: () => void;
}

function createFarewell(onStopped: () => void): Farewell {
  /** The newest request of each instance: the kernel answers in order. */
  const unanswered = new Map<string, number>();
  let phase: 'running' | 'waiting' | 'over' = 'running';
  return {
    asked: (instance, epoch) => void unanswered.set(instance, epoch),
    happened: (event) => {
      const isAnswer = event.type === 'addressesApplied' || event.type === 'addressesFailed';
      if (isAnswer && unanswered.get(event.instance) === event.epoch) unanswered.delete(event.instance);
    },
    stopped: () => {
      phase = 'waiting';
    },
    settled: () => {
      if (phase !== 'waiting' || unanswered.size > 0) return;
      phase = 'over';
      onStopped();
    },
  };
}

function createPerformer(ports: VrrpPorts, farewell: Farewell): (effect: DirectorEffect) => void {
  const encode = createAdvertEncoder(ports);
  return (effect) => {
    switch (effect.type) {
      case 'sendAdvert': {
        const way = wayOf(effect);
        for (const datagram of encode(effect)) ports.adverts.send(way, datagram);
        break;
      }
      case 'setAddresses':
        farewell.asked(effect.instance, effect.epoch);
        // Filtered before they are there, and as long as they are.
        if (effect.filtered && effect.present) ports.firewall.drop(effect.addresses, true);
        ports.addresses.set(effect.instance, effect.epoch, effect.present, effect);
        if (effect.filtered && !effect.present) ports.firewall.drop(effect.addresses, false);
        break;
      case 'announce':
        ports.announcements.announce(effect.addresses, effect.repeat);
        break;
      case 'notify': {
        const { subject, name, state, priority, commands } = effect;
        for (const command of commands) ports.commands.run(`${subject} ${name}`, command);
        ports.fifo.write(stateLine(subject, name, state, priority));
        if (effect.mail) ports.alerts.send(vrrpAlert(effect));
        break;
      }
      case 'runScript':
        ports.trackers.runScript(effect.run, effect.command, effect.limit);
        break;
      case 'stopScript':
        ports.trackers.stopScript(effect.run);
        break;
      case 'stopped':
        farewell.stopped();
        break;
      default:
        unreachable(effect);
    }
  };
}
