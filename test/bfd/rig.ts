/** Two BFD speakers on a wire that a test owns: virtual time, seeded delay, loss and cuts. Everything that happened is kept. */

import { nextRandom } from '../../src/base/random.js';
import { micros, type Micros } from '../../src/base/time.js';
import type { BfdSession } from '../../src/bfd/config.js';
import type { BfdEffect, BfdEvent } from '../../src/bfd/events.js';
import type { BfdNote } from '../../src/bfd/notes.js';
import { decodePacket, encodePacket, type BfdPacket, type Phase } from '../../src/bfd/packet.js';
import { bfdDeadline, initialBfd, stepBfd, type BfdState } from '../../src/bfd/speaker.js';
import type { SessionState } from '../../src/bfd/session-state.js';
import { address, session } from './samples.js';

export type Side = 'a' | 'b';

export interface Sent {
  readonly at: Micros;
  readonly side: Side;
  readonly packet: BfdPacket;
}

export interface Told {
  readonly at: Micros;
  readonly side: Side;
  readonly up: boolean;
}

export interface Wire {
  /** From that side; 0-1. */
  readonly loss: Readonly<Record<Side, number>>;
  /** Longest delay; the shortest is a tenth of it. Later packets may overtake. */
  readonly delay: Micros;
}

export const GOOD_WIRE: Wire = { loss: { a: 0, b: 0 }, delay: micros(1_000) };

interface InFlight {
  readonly at: Micros;
  readonly to: Side;
  readonly bytes: Uint8Array;
}

export class Pair {
  now = micros(0);
  wire: Wire = GOOD_WIRE;
  readonly sent: Sent[] = [];
  readonly told: Told[] = [];
  readonly notes: { readonly at: Micros; readonly side: Side; readonly note: BfdNote }[] = [];
  #seed: number;
  #flying: InFlight[] = [];
  readonly #states: Record<Side, BfdState>;
  readonly #configs: Readonly<Record<Side, BfdSession>>;
  readonly #observe: (() => void) | undefined;

  /** `observe` is called after every step. */
  constructor(seed: number, a: Partial<BfdSession> = {}, b: Partial<BfdSession> = {}, observe?: (pair: Pair) => void) {
    this.#seed = seed;
    this.#configs = {
      a: session({ name: 'a', ...a }),
      b: session({ name: 'b', neighbour: address('192.0.2.1'), source: address('192.0.2.2'), ...b }),
    };
    this.#states = { a: initialBfd(seed), b: initialBfd(seed + 1) };
    this.#observe = observe === undefined ? undefined : () => observe(this);
    this.configure('a', {});
    this.configure('b', {});
  }

  configure(side: Side, changes: Partial<BfdSession>): void {
    this.deliver(side, { type: 'reconfigured', config: { sessions: [{ ...this.#configs[side], ...changes }] } });
  }

  /** The process of that side dies without a word and starts again with another seed. */
  restart(side: Side): void {
    this.#states[side] = initialBfd(this.#seed + 99);
    this.configure(side, {});
  }

  config(side: Side): BfdSession {
    return this.#states[side].sessions.get(side)?.config ?? this.#configs[side];
  }

  state(side: Side): SessionState {
    const found = this.#states[side].sessions.get(side);
    if (found === undefined) throw new TypeError(`${side} has no session`);
    return found.state;
  }

  /** Both ends have been configured. */
  isWhole(): boolean {
    return this.#states.a.sessions.size > 0 && this.#states.b.sessions.size > 0;
  }

  phases(): readonly [Phase, Phase] {
    return [this.state('a').phase, this.state('b').phase];
  }

  deliver(side: Side, event: BfdEvent): void {
    const { state, effects, notes } = stepBfd(this.#states[side], event, this.now);
    this.#states[side] = state;
    for (const note of notes) this.notes.push({ at: this.now, side, note });
    for (const effect of effects) this.#perform(side, effect);
    this.#observe?.();
  }

  /** Runs everything that is due until `until`. */
  run(until: Micros): void {
    for (;;) {
      const next = Math.min(this.#flying[0]?.at ?? Infinity, ...(['a', 'b'] as const).map((side) => bfdDeadline(this.#states[side]) ?? Infinity));
      if (next > until) break;
      this.now = micros(Math.max(this.now, next));
      // As the driver does: what has arrived is heard before a deadline is believed.
      while ((this.#flying[0]?.at ?? Infinity) <= this.now) this.#arrive();
      for (const side of ['a', 'b'] as const) {
        if ((bfdDeadline(this.#states[side]) ?? Infinity) <= this.now) this.deliver(side, { type: 'timeout' });
      }
    }
    this.now = until;
  }

  draw(): number {
    const { value, seed } = nextRandom(this.#seed);
    this.#seed = seed;
    return value;
  }

  #arrive(): void {
    const flight = this.#flying.shift();
    if (flight === undefined) return;
    const source = this.#configs[flight.to].neighbour;
    const read = decodePacket(flight.bytes);
    if (!read.ok) throw new TypeError(read.error);
    this.deliver(flight.to, { type: 'packetReceived', packet: read.value, source, sourcePort: 50_000, hopLimit: 255, multihop: false });
  }

  #perform(side: Side, effect: BfdEffect): void {
    if (effect.type === 'tellState') this.told.push({ at: this.now, side, up: effect.up });
    if (effect.type !== 'sendPacket') return;
    this.sent.push({ at: this.now, side, packet: effect.packet });
    if (this.draw() < this.wire.loss[side]) return;
    const at = micros(this.now + this.wire.delay * (0.1 + 0.9 * this.draw()));
    this.#flying.push({ at, to: side === 'a' ? 'b' : 'a', bytes: encodePacket(effect.packet) });
    this.#flying.sort((left, right) => left.at - right.at);
  }
}
