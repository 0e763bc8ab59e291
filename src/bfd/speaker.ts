/**
 * All BFD sessions of one host: which packet is for which of them, what a reload does to them, and when one has work. What
 * happens in a session is decided in session.ts.
 */

import type { IpAddress } from '../base/address.js';
import { nextRandom } from '../base/random.js';
import type { Step } from '../base/step.js';
import { earliest, isDue, type Micros } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { BfdConfig, BfdSession } from './config.js';
import type { Arrival, BfdEffect, BfdEvent } from './events.js';
import type { BfdNote, Refusal } from './notes.js';
import type { BfdPacket } from './packet.js';
import { newSession, type SessionState } from './session-state.js';
import { sessionDeadline, stepSession, type SessionEvent } from './session.js';

export interface Session {
  readonly config: BfdSession;
  readonly state: SessionState;
}

export interface BfdState {
  /** Every random choice follows from it. */
  readonly seed: number;
  /** By name, in the order of the configuration. */
  readonly sessions: ReadonlyMap<string, Session>;
  readonly byNeighbour: ReadonlyMap<IpAddress, string>;
  /** Of packets that were for no session, or no packets. */
  readonly refused: number;
  readonly stopped: boolean;
}

export type BfdStep = Step<BfdState, BfdEffect, BfdNote>;

export function initialBfd(seed: number): BfdState {
  return { seed, sessions: new Map(), byNeighbour: new Map(), refused: 0, stopped: false };
}

/** The earliest instant at which a `timeout` has work. */
export function bfdDeadline({ sessions }: BfdState): Micros | undefined {
  let deadline: Micros | undefined;
  for (const { state } of sessions.values()) deadline = earliest(deadline, sessionDeadline(state));
  return deadline;
}

/** Total: an event for a session that there is not, or after the end, changes nothing. */
export function stepBfd(state: BfdState, event: BfdEvent, now: Micros): BfdStep {
  if (state.stopped) return { state, effects: [], notes: [] };
  switch (event.type) {
    case 'reconfigured':
      return reconfigured(state, event.config, now);
    case 'packetReceived':
      return packetReceived(state, event, event.packet, now);
    case 'packetMalformed':
      return refuse(state, event, event.error);
    case 'channelFailed':
    case 'channelOpened':
      return each(state, [event.session], event, now);
    case 'timeout':
      return each(state, dueAt(state, now), event, now);
    case 'stopRequested': {
      const { state: next, effects, notes } = each(state, [...state.sessions.keys()], { type: 'closed' }, now);
      return { state: { ...next, stopped: true }, effects: [...effects, { type: 'stopped' }], notes };
    }
    default:
      return unreachable(event);
  }
}

function dueAt({ sessions }: BfdState, now: Micros): readonly string[] {
  return [...sessions].filter(([, { state }]) => isDue(sessionDeadline(state), now)).map(([name]) => name);
}

/** RFC 5880 6.8.6: by our own discriminator when the packet has it, else by the peer's address; keepalived looks at both. */
function packetReceived(state: BfdState, arrival: Arrival, packet: BfdPacket, now: Micros): BfdStep {
  const { source, hopLimit, multihop } = arrival;
  const name = state.byNeighbour.get(source);
  const session = name === undefined ? undefined : state.sessions.get(name);
  if (name === undefined || session === undefined || session.config.multihop !== multihop) return refuse(state, arrival, 'unknownPeer');
  // RFC 5082: what was forwarded more often than the peer is away was not sent by it.
  const { maxHops, hopLimit: sent } = session.config;
  if (maxHops !== undefined && hopLimit < sent - maxHops) return refuse(state, arrival, 'tooManyHops', { lowest: sent - maxHops });
  const { yourDiscriminator } = packet;
  if (yourDiscriminator !== 0 && yourDiscriminator !== session.state.discriminator) {
    return refuse(state, arrival, 'unknownDiscriminator', { discriminator: yourDiscriminator });
  }
  return each(state, [name], { type: 'packetReceived', packet }, now);
}

function refuse(
  state: BfdState,
  { source, sourcePort, hopLimit }: Arrival,
  reason: Refusal,
  more: { readonly lowest?: number; readonly discriminator?: number } = {},
): BfdStep {
  const note: BfdNote = { type: 'packetRefused', source, sourcePort, reason, hopLimit, ...more };
  return { state: { ...state, refused: state.refused + 1 }, effects: [], notes: [note] };
}

function each(state: BfdState, names: readonly string[], event: SessionEvent, now: Micros): BfdStep {
  const effects: BfdEffect[] = [];
  const notes: BfdNote[] = [];
  const sessions = new Map(state.sessions);
  let { seed } = state;
  for (const name of names) {
    const session = sessions.get(name);
    if (session === undefined) continue;
    const step = stepSession(session.config, session.state, event, seed, now);
    seed = step.seed;
    sessions.set(name, { ...session, state: step.state });
    effects.push(...step.effects);
    notes.push(...step.notes);
  }
  return { state: { ...state, seed, sessions }, effects, notes };
}

/** A session goes on when it is still with the same peer over the same path; other numbers are negotiated while it is up. */
function reconfigured(state: BfdState, config: BfdConfig, now: Micros): BfdStep {
  const isKept = (session: BfdSession): boolean => {
    const before = state.sessions.get(session.name)?.config;
    return before !== undefined && isSamePath(before, session);
  };
  const kept = new Set(config.sessions.filter(isKept).map(({ name }) => name));
  const farewell = each(state, [...state.sessions.keys()].filter((name) => !kept.has(name)), { type: 'closed' }, now);
  let { seed } = farewell.state;
  const sessions = new Map<string, Session>();
  for (const session of config.sessions) {
    const old = kept.has(session.name) ? farewell.state.sessions.get(session.name) : undefined;
    if (old === undefined) {
      const discriminator = nextRandom(seed);
      const first = nextRandom(discriminator.seed);
      ({ seed } = first);
      const number = 1 + Math.floor(discriminator.value * 0xffff_ffff);
      sessions.set(session.name, { config: session, state: newSession(session, number, first.value, now) });
    } else {
      sessions.set(session.name, { config: session, state: old.state });
    }
  }
  const byNeighbour = new Map(config.sessions.map(({ neighbour, name }) => [neighbour, name]));
  const renegotiated = each({ ...state, seed, sessions, byNeighbour }, [...kept], { type: 'reconfigured' }, now);
  return {
    state: renegotiated.state,
    effects: [...farewell.effects, ...renegotiated.effects],
    notes: [...farewell.notes, ...renegotiated.notes],
  };
}

function isSamePath(a: BfdSession, b: BfdSession): boolean {
  return a.neighbour === b.neighbour && a.source === b.source && a.multihop === b.multihop;
}
