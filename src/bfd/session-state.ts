/** What one session remembers, in RFC 5880's terms (6.8.1). The rules that change it are in session.ts. */

import { micros, type Micros } from '../base/time.js';
import type { BfdSession } from './config.js';
import type { Diagnostic, Phase } from './packet.js';

/** What the peer's last packet said. */
export interface RemoteState {
  /** 0 once the peer has been silent for a detection time. */
  readonly discriminator: number;
  readonly phase: Phase;
  readonly diagnostic: Diagnostic;
  readonly demand: boolean;
  readonly minTransmit: Micros;
  readonly minReceive: Micros;
  readonly multiplier: number;
}

/** What we ask for, and what we may do meanwhile. */
export interface Intervals {
  /** DesiredMinTxInterval. */
  readonly minTransmit: Micros;
  /** RequiredMinRxInterval. */
  readonly minReceive: Micros;
}

export interface SessionState {
  readonly phase: Phase;
  readonly diagnostic: Diagnostic;
  /** 1-4294967295, random, another one after each end of a session. */
  readonly discriminator: number;
  /** Undefined: nothing was heard, or so long ago that it is forgotten. */
  readonly remote: RemoteState | undefined;
  /** In our packets. */
  readonly announced: Intervals;
  /** In force: a slower transmission and a shorter detection count only when the peer has confirmed them (6.8.3). */
  readonly inForce: Intervals;
  /** A poll sequence is under way: packets carry P until one with F comes. */
  readonly polling: boolean;
  /** The socket could not be opened, or the daemon leaves: nothing is sent or heard. */
  readonly closed: boolean;
  readonly sendAt: Micros | undefined;
  readonly sentAt: Micros | undefined;
  /** The peer's last packet. */
  readonly heardAt: Micros | undefined;
  /** Silence until then ends the session, or what is known of the peer. */
  readonly silentAt: Micros | undefined;
  /** What trackers and checkers believe; undefined until they are told for the first time. */
  readonly told: boolean | undefined;
  /** When they are told that it is down although it has never been up. */
  readonly tellAt: Micros | undefined;
}

/**
 * A new session gets this long, counted in its idle intervals, to come up before those who follow it are told that it is
 * down: a BFD process that starts again is no failure of a path. keepalived tells them at once.
 */
const GRACE_INTERVALS = 3;

/** The RFC does not say when the first packet goes; all sessions of a director must not start in step. */
const FIRST_PACKET_WITHIN = 100_000;

/** A session before its first packet. `draw` in [0, 1). */
export function newSession(config: BfdSession, discriminator: number, draw: number, now: Micros): SessionState {
  const intervals = { minTransmit: config.idleTransmit, minReceive: config.minReceive };
  return {
    phase: 'down',
    diagnostic: 'none',
    discriminator,
    remote: undefined,
    announced: intervals,
    inForce: intervals,
    polling: false,
    closed: false,
    sendAt: config.passive ? undefined : micros(now + draw * FIRST_PACKET_WITHIN),
    sentAt: undefined,
    heardAt: undefined,
    silentAt: undefined,
    told: undefined,
    tellAt: micros(now + GRACE_INTERVALS * config.idleTransmit),
  };
}
