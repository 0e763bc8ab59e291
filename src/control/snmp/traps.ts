/**
 * keepalived's traps and those of the RFCs, from the events of the daemon: which event is told, and with which objects. An
 * event waits until it is known what it is about.
 */

import type { Child } from '../../runtime/children-events.js';
import type { Feed, NumberedEvent } from '../feed.js';
import type { VarBind } from './agentx-pdu.js';
import { groupTrap, instanceTrap, newMasterTraps, quorumTrap, QUORUM, refusalTraps, serverTrap } from './trap-objects.js';
import type { SnmpSettings } from './settings.js';
import type { SnmpWorld } from './world.js';

/** An event that is older when this process starts was told by the one before it, milliseconds. */
const STALE = 10_000;

const SERVER_EVENTS: ReadonlyMap<string, boolean> = new Map([
  ['serverAdded', true],
  ['serverEnabled', true],
  ['serverRemoved', false],
  ['serverDisabled', false],
  ['serverShutDown', false],
]);
const QUORUM_EVENTS: ReadonlyMap<string, number> = new Map([
  ['quorumGained', QUORUM.met],
  ['quorumLost', QUORUM.notMet],
  ['quorumDownAtStart', QUORUM.notMet],
]);
const STATE_EVENTS: ReadonlySet<string> = new Set(['instanceStarted', 'stateChanged', 'masterAdopted']);

export interface Traps {
  /** After the world has heard it. */
  readonly hear: (feed: Feed) => void;
  /** The session is about to end; tells that all stops when the daemon does. */
  readonly close: () => void;
}

export interface TrapsOptions {
  readonly settings: SnmpSettings;
  readonly world: () => SnmpWorld;
  readonly send: (varBinds: readonly VarBind[]) => void;
}

export function createTraps({ settings, world, send }: TrapsOptions): Traps {
  const since = Date.now() - STALE;
  const teller = createTeller({ settings, world, send });
  let waiting: readonly NumberedEvent[] = [];
  let stopping = false;

  const work = (): void => {
    const { configuration, vrrp, checkers } = world();
    const isKnown = ({ from }: NumberedEvent): boolean => configuration !== undefined && (from === 'vrrp' ? vrrp : checkers) !== undefined;
    const ready = waiting.filter(isKnown);
    waiting = waiting.filter((event) => !isKnown(event));
    teller.tell(ready);
  };
  return {
    hear: (feed) => {
      if (feed.type === 'gone' && stopping) teller.stopped(feed.of);
      if (feed.type === 'daemon') ({ stopping } = feed.facts);
      if (feed.type === 'events') waiting = [...waiting, ...feed.events.filter(({ from, time }) => from !== 'supervisor' && time >= since && isServed(settings, from))];
      if (feed.type === 'events' || feed.type === 'picture' || feed.type === 'configuration') work();
      if (feed.type === 'picture') teller.follow(feed.of);
    },
    close: () => {
      if (!stopping) return;
      teller.stopped('vrrp');
      teller.stopped('checkers');
    },
  };
}

function isServed({ vrrp, rfc2787, rfc6527, checkers }: SnmpSettings, from: Child): boolean {
  return from === 'vrrp' ? vrrp || rfc2787 || rfc6527 : from === 'checkers' && checkers;
}

interface Teller {
  /** In order; what they are about is known. */
  readonly tell: (events: readonly NumberedEvent[]) => void;
  /** There is a new picture of the process. */
  readonly follow: (child: Child) => void;
  /** The process has ended because the daemon does; told once. */
  readonly stopped: (child: Child) => void;
}

function createTeller({ settings, world, send }: TrapsOptions): Teller {
  /** Their state as it was told. */
  const groups = new Map<string, string>();
  const instances = new Set<string>();
  /** Servers by `VIRTUAL SERVER SERVER`: what has been told of them, newer than any picture. */
  const alive = new Map<string, boolean>();
  const stopped = new Set<Child>();

  const tellGroup = (name: string, state: string): void => {
    if (!settings.vrrp || state === 'INIT' || groups.get(name) === state) return;
    groups.set(name, state);
    send(groupTrap(world(), name, state));
  };
  const tellState = (name: string, state: string): void => {
    instances.add(name);
    if (settings.vrrp) instanceTrap(world(), name, state).forEach(send);
    if (state === 'MASTER') newMasterTraps(world(), name, settings).forEach(send);
  };
  const tell = ({ event, fields: { instance, group, state, server, virtualServer, source, reason } }: NumberedEvent): void => {
    const up = SERVER_EVENTS.get(event);
    const quorum = QUORUM_EVENTS.get(event);
    if (event === 'groupSyncing') tellGroup(String(group), String(state));
    else if (event === 'advertRejected') refusalTraps(world(), String(instance), String(source), String(reason), settings).forEach(send);
    else if (STATE_EVENTS.has(event)) tellState(String(instance), String(state));
    else if (quorum !== undefined) quorumTrap(world(), String(virtualServer), quorum, alive).forEach(send);
    else if (up !== undefined) {
      alive.set(`${String(virtualServer)} ${String(server)}`, up);
      serverTrap(world(), String(virtualServer), String(server), up, alive).forEach(send);
    }
  };
  return {
    tell: (events) => {
      // Before its first event a server was the opposite of what that says.
      for (const { event, fields } of [...events].reverse()) {
        const up = SERVER_EVENTS.get(event);
        if (up !== undefined) alive.set(`${String(fields['virtualServer'])} ${String(fields['server'])}`, !up);
      }
      events.forEach(tell);
    },
    follow: (child) => {
      // A picture that comes after the last event has it.
      if (child === 'checkers') alive.clear();
      if (child === 'vrrp') for (const { name, state } of world().vrrp?.shown.groups ?? []) tellGroup(name, state);
    },
    stopped: (child) => {
      const { configuration } = world();
      if (configuration === undefined || stopped.has(child) || !isServed(settings, child)) return;
      stopped.add(child);
      if (child === 'checkers') for (const { name } of configuration.pool.virtualServers) quorumTrap(world(), name, QUORUM.shutdown, alive).forEach(send);
      if (child !== 'vrrp') return;
      for (const { name } of configuration.director.instances) if (instances.has(name)) tellState(name, 'STOP');
      for (const { name } of configuration.director.groups) if (groups.has(name)) tellGroup(name, 'STOP');
    },
  };
}
