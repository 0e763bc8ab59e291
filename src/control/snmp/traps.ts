/**
 * keepalived's traps and those of the RFCs, from the events of the daemon: which event is told, and with which objects. An
 * event waits until it is known what it is about.
 */

import type { Child } from '../../runtime/children-events.js';
import type { Feed, NumberedEvent } from '../feed.js';
import type { VarBind } from './agentx-pdu.js';
import { groupTrap, instanceTrap, newMasterTraps, quorumTrap, QUORUM, serverTrap } from './trap-objects.js';
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
  const groups = new Map<string, string>();
  /** Servers by `VIRTUAL SERVER` and name: what has been told of them, newer than any picture. */
  const alive = new Map<string, boolean>();
  let waiting: readonly NumberedEvent[] = [];
  /** Instances that were told. */
  const told = new Set<string>();
  let stopping = false;

  const isServed = (from: Child): boolean => (from === 'vrrp' ? settings.vrrp || settings.rfc2787 || settings.rfc6527 : from === 'checkers' && settings.checkers);
  const tellGroup = (name: string, state: string): void => {
    if (!settings.vrrp || state === 'INIT' || groups.get(name) === state) return;
    groups.set(name, state);
    send(groupTrap(world(), name, state));
  };
  const tell = ({ event, fields: { instance, group, state, server, virtualServer } }: NumberedEvent): void => {
    const serverUp = SERVER_EVENTS.get(event);
    const quorum = QUORUM_EVENTS.get(event);
    if (event === 'groupSyncing') tellGroup(String(group), String(state));
    else if (STATE_EVENTS.has(event)) tellState(String(instance), String(state));
    else if (serverUp !== undefined) {
      alive.set(`${String(virtualServer)} ${String(server)}`, serverUp);
      for (const trap of serverTrap(world(), String(virtualServer), String(server), serverUp, alive)) send(trap);
    } else if (quorum !== undefined) {
      for (const trap of quorumTrap(world(), String(virtualServer), quorum, alive)) send(trap);
    }
  };
  const tellState = (name: string, state: string): void => {
    if (settings.vrrp) for (const trap of instanceTrap(world(), name, state)) send(trap);
    told.add(name);
    if (state === 'MASTER') for (const trap of newMasterTraps(world(), name, settings)) send(trap);
  };
  const work = (): void => {
    const { configuration, vrrp, checkers } = world();
    const isKnown = ({ from }: NumberedEvent): boolean => configuration !== undefined && (from === 'vrrp' ? vrrp : checkers) !== undefined;
    const ready = waiting.filter(isKnown);
    waiting = waiting.filter((event) => !isKnown(event));
    // Before its first event a server was the opposite of what that says.
    for (const { event, fields } of [...ready].reverse()) {
      const up = SERVER_EVENTS.get(event);
      if (up !== undefined) alive.set(`${String(fields['virtualServer'])} ${String(fields['server'])}`, !up);
    }
    ready.forEach(tell);
  };
  const followGroups = (): void => {
    for (const { name, state } of world().vrrp?.shown.groups ?? []) tellGroup(name, state);
  };
  return {
    hear: (feed) => {
      if (feed.type === 'daemon') ({ stopping } = feed.facts);
      if (feed.type === 'events') waiting = [...waiting, ...feed.events.filter(({ from, time }) => from !== 'supervisor' && time >= since && isServed(from))];
      if (feed.type === 'events' || feed.type === 'picture' || feed.type === 'configuration') work();
      if (feed.type === 'picture' && feed.of === 'vrrp' && isServed('vrrp')) followGroups();
      // A picture that comes after the last event has it.
      if (feed.type === 'picture' && feed.of === 'checkers') alive.clear();
    },
    close: () => {
      const { configuration } = world();
      if (!stopping || configuration === undefined) return;
      for (const { name } of settings.vrrp ? configuration.director.instances : []) {
        if (told.has(name)) for (const trap of instanceTrap(world(), name, 'STOP')) send(trap);
      }
      for (const { name } of configuration.director.groups) if (groups.has(name)) tellGroup(name, 'STOP');
      for (const { name } of settings.checkers ? configuration.pool.virtualServers : []) {
        for (const trap of quorumTrap(world(), name, QUORUM.shutdown, alive)) send(trap);
      }
    },
  };
}
