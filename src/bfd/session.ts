/**
 * One session as a machine (RFC 5880 6.8, asynchronous mode, no authentication, no echo): packets and time in, packets and
 * changes of state out. Whose packet it is and whether it came far enough is decided before, in speaker.ts.
 */

import { nextRandom } from '../base/random.js';
import { earliest, isDue, micros, type Micros } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { BfdSession } from './config.js';
import type { BfdEffect } from './events.js';
import type { BfdNote } from './notes.js';
import type { BfdPacket, Diagnostic, Phase } from './packet.js';
import type { Intervals, SessionState } from './session-state.js';
import { detectionTime, jittered, transmitInterval } from './timing.js';

export type SessionEvent =
  | { readonly type: 'packetReceived'; readonly packet: BfdPacket }
  | { readonly type: 'timeout' }
  /** The same peer under other numbers. */
  | { readonly type: 'reconfigured' }
  | { readonly type: 'channelFailed'; readonly reason: string }
  | { readonly type: 'channelOpened' }
  /** The session ends on purpose. */
  | { readonly type: 'closed' };

/** What one event does to one session, being made. */
interface Turn {
  readonly config: BfdSession;
  readonly now: Micros;
  state: SessionState;
  seed: number;
  readonly effects: BfdEffect[];
  readonly notes: BfdNote[];
}

export interface SessionStep {
  readonly state: SessionState;
  /** For the next random choice. */
  readonly seed: number;
  readonly effects: readonly BfdEffect[];
  readonly notes: readonly BfdNote[];
}

/** The earliest instant at which a `timeout` has work. */
export function sessionDeadline({ sendAt, silentAt, tellAt }: SessionState): Micros | undefined {
  return earliest(earliest(sendAt, silentAt), tellAt);
}

/** Total: what does not fit a closed session changes nothing. */
export function stepSession(config: BfdSession, state: SessionState, event: SessionEvent, seed: number, now: Micros): SessionStep {
  const turn: Turn = { config, now, state, seed, effects: [], notes: [] };
  hear(turn, event);
  return { state: turn.state, seed: turn.seed, effects: turn.effects, notes: turn.notes };
}

function hear(turn: Turn, event: SessionEvent): void {
  switch (event.type) {
    case 'packetReceived':
      if (!turn.state.closed) receive(turn, event.packet);
      return;
    case 'timeout':
      expire(turn);
      return;
    case 'reconfigured':
      adoptIntervals(turn);
      return;
    case 'channelFailed':
      turn.notes.push({ type: 'channelFailed', session: turn.config.name, reason: event.reason });
      close(turn, 'pathDown');
      tell(turn, false);
      return;
    case 'channelOpened':
      reopen(turn);
      return;
    case 'closed':
      if (turn.state.closed) return;
      close(turn, 'adminDown');
      // One packet, so that the peer need not wait for its detection time (keepalived falls silent). Down and not AdminDown:
      // the path to this host does go away, and those who follow the session over there are to hear of it.
      if (turn.state.remote !== undefined) turn.effects.push(packetOf(turn, { phase: 'down' }));
      return;
    default:
      unreachable(event);
  }
}

/** RFC 5880 6.8.6, from the point where the session is known. */
function receive(turn: Turn, packet: BfdPacket): void {
  const { myDiscriminator: discriminator, phase, diagnostic, demand, minTransmit, minReceive, multiplier } = packet;
  const remote = { discriminator, phase, diagnostic, demand, minTransmit, minReceive, multiplier };
  turn.state = { ...turn.state, remote, heardAt: turn.now };
  if (packet.final && turn.state.polling) turn.state = { ...turn.state, polling: false, inForce: turn.state.announced };
  const before = turn.state.phase;
  followPeer(turn, phase);
  watch(turn);
  if (packet.poll) turn.effects.push(packetOf(turn, { final: true }));
  // What has changed should be known at once, not when the next packet is due (6.8.7).
  else if (turn.state.phase !== before && transmitInterval(turn.config, turn.state) !== undefined) send(turn);
  hurry(turn);
}

function followPeer(turn: Turn, theirs: Phase): void {
  const { phase } = turn.state;
  if (theirs === 'adminDown') {
    // Somebody over there has switched it off: no failure of the path, so those who follow the session are not told.
    if (phase !== 'down') leave(turn, 'down', 'neighbourSignaledDown');
  } else if (phase === 'down') {
    if (theirs === 'down') enter(turn, 'init', 'none');
    else if (theirs === 'init') enterUp(turn);
  } else if (phase === 'init') {
    if (theirs !== 'down') enterUp(turn);
  } else if (phase === 'up' && theirs === 'down') {
    leave(turn, 'down', 'neighbourSignaledDown');
    tell(turn, false);
  }
}

function enterUp(turn: Turn): void {
  enter(turn, 'up', 'none');
  announce(turn, { minTransmit: turn.config.minTransmit, minReceive: turn.config.minReceive });
  tell(turn, true);
}

/** Ends what there was of a session: slow packets from now on, and another name for the next one. */
function leave(turn: Turn, phase: 'down' | 'adminDown', diagnostic: Diagnostic): void {
  const { announced, discriminator } = turn.state;
  const intervals = { ...announced, minTransmit: turn.config.idleTransmit };
  turn.state = {
    ...turn.state,
    announced: intervals,
    inForce: intervals,
    polling: false,
    discriminator: turn.state.phase === 'up' ? otherDiscriminator(turn) : discriminator,
  };
  enter(turn, phase, diagnostic);
}

function enter(turn: Turn, phase: Phase, diagnostic: Diagnostic): void {
  const remoteDiagnostic = turn.state.remote?.diagnostic ?? 'none';
  turn.state = { ...turn.state, phase, diagnostic };
  turn.notes.push({ type: 'sessionEntered', session: turn.config.name, phase, diagnostic, remoteDiagnostic });
}

/** RFC 5880 6.8.3: other numbers need a poll sequence, and while the session is up the careful ones stay in force until it ends. */
function announce(turn: Turn, intervals: Intervals): void {
  const { announced, inForce, phase } = turn.state;
  if (announced.minTransmit === intervals.minTransmit && announced.minReceive === intervals.minReceive) return;
  const up = phase === 'up';
  turn.state = {
    ...turn.state,
    announced: intervals,
    inForce: {
      minTransmit: micros(up ? Math.min(inForce.minTransmit, intervals.minTransmit) : intervals.minTransmit),
      minReceive: micros(up ? Math.max(inForce.minReceive, intervals.minReceive) : intervals.minReceive),
    },
    polling: up,
  };
  if (up) turn.notes.push({ type: 'pollStarted', session: turn.config.name });
}

function adoptIntervals(turn: Turn): void {
  const { idleTransmit, minTransmit, minReceive } = turn.config;
  announce(turn, { minTransmit: turn.state.phase === 'up' ? minTransmit : idleTransmit, minReceive });
  watch(turn);
  hurry(turn);
}

function expire(turn: Turn): void {
  const { now, config } = turn;
  if (isDue(turn.state.silentAt, now)) hearNothing(turn);
  if (isDue(turn.state.tellAt, now)) tell(turn, turn.state.phase === 'up');
  if (!isDue(turn.state.sendAt, now)) return;
  if (transmitInterval(config, turn.state) === undefined) turn.state = { ...turn.state, sendAt: undefined };
  else send(turn);
}

/** First the session ends; when a second detection time has passed, so does what is known of the peer. */
function hearNothing(turn: Turn): void {
  const { phase, remote, silentAt } = turn.state;
  const time = detectionTime(turn.state);
  if (remote === undefined || time === undefined || silentAt === undefined || remote.discriminator === 0) {
    turn.state = { ...turn.state, remote: undefined, silentAt: undefined };
    return;
  }
  if (phase !== 'down') {
    turn.notes.push({ type: 'sessionExpired', session: turn.config.name, after: time, overdue: micros(turn.now - silentAt) });
    leave(turn, 'down', 'detectionTimeExpired');
    if (phase === 'up') tell(turn, false);
  }
  turn.state = { ...turn.state, remote: { ...remote, discriminator: 0 }, silentAt: micros(turn.now + time) };
  if (phase !== 'down' && transmitInterval(turn.config, turn.state) !== undefined) send(turn);
}

function close(turn: Turn, diagnostic: Diagnostic): void {
  if (turn.state.closed) return;
  leave(turn, 'adminDown', diagnostic);
  turn.state = { ...turn.state, closed: true, sendAt: undefined, silentAt: undefined, tellAt: undefined };
}

function reopen(turn: Turn): void {
  if (!turn.state.closed) return;
  turn.state = { ...turn.state, closed: false, remote: undefined, sendAt: turn.config.passive ? undefined : turn.now };
  enter(turn, 'down', 'none');
}

/** Silence counts from the last packet. */
function watch(turn: Turn): void {
  const { heardAt, remote } = turn.state;
  const time = detectionTime(turn.state);
  if (time === undefined || heardAt === undefined || remote?.discriminator === 0) return;
  turn.state = { ...turn.state, silentAt: micros(Math.max(heardAt + time, turn.now)) };
}

/** A shorter interval counts from the last packet; where none were due, the next one is. */
function hurry(turn: Turn): void {
  const interval = transmitInterval(turn.config, turn.state);
  if (interval === undefined || turn.state.closed) return;
  const { sendAt, sentAt } = turn.state;
  if (sendAt !== undefined && sendAt - (sentAt ?? turn.now) <= interval) return;
  const next = (sentAt ?? turn.now) + jittered(interval, draw(turn));
  turn.state = { ...turn.state, sendAt: micros(Math.max(next, turn.now)) };
}

function send(turn: Turn): void {
  turn.effects.push(packetOf(turn));
  const interval = transmitInterval(turn.config, turn.state);
  const sendAt = interval === undefined ? undefined : micros(turn.now + jittered(interval, draw(turn)));
  turn.state = { ...turn.state, sentAt: turn.now, sendAt };
}

function packetOf({ config, state }: Turn, special: { readonly final?: true; readonly phase?: 'down' } = {}): BfdEffect {
  const { final = false, phase = state.phase } = special;
  const { diagnostic, polling, discriminator, remote, announced } = state;
  const packet: BfdPacket = {
    phase,
    diagnostic,
    poll: polling && !final,
    final,
    demand: false,
    independent: false,
    multiplier: config.multiplier,
    myDiscriminator: discriminator,
    yourDiscriminator: remote?.discriminator ?? 0,
    minTransmit: announced.minTransmit,
    minReceive: announced.minReceive,
    minEchoReceive: micros(0),
  };
  return { type: 'sendPacket', session: config.name, packet };
}

function tell(turn: Turn, up: boolean): void {
  if (turn.state.told !== up) turn.effects.push({ type: 'tellState', session: turn.config.name, up });
  turn.state = { ...turn.state, told: up, tellAt: undefined };
}

function draw(turn: Turn): number {
  const { value, seed } = nextRandom(turn.seed);
  turn.seed = seed;
  return value;
}

/** Never 0 and never the one before; that of another session would have to be drawn out of four billion. */
function otherDiscriminator(turn: Turn): number {
  const next = 1 + Math.floor(draw(turn) * 0xffff_ffff);
  return next === turn.state.discriminator ? (next % 0xffff_ffff) + 1 : next;
}
