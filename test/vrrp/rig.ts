/** A clockwork around one director. */

import { micros, type Micros } from '../../src/base/time.js';
import type { DirectorConfig, LinkState } from '../../src/vrrp/config.js';
import { directorDeadline, initialDirector, stepDirector, type DirectorState } from '../../src/vrrp/director.js';
import type { DirectorEffect, DirectorEvent } from '../../src/vrrp/events.js';
import type { VrrpNote } from '../../src/vrrp/notes.js';
import { link } from '../support/vrrp-configuration.js';

/** One director with a virtual clock; remembers everything it said. */
export interface Rig {
  readonly state: () => DirectorState;
  readonly now: () => Micros;
  /** Everything since the last call of `take`. */
  readonly take: () => { effects: DirectorEffect[]; notes: VrrpNote[] };
  readonly send: (event: DirectorEvent) => void;
  /** Lets time pass, waking the director at its deadlines. */
  readonly advance: (span: Micros) => void;
  /** Answers every open request for addresses with success. */
  readonly settle: () => void;
}

export function rig(seed = 1): Rig {
  let state = initialDirector(seed);
  let now = micros(0);
  let effects: DirectorEffect[] = [];
  let notes: VrrpNote[] = [];
  let open: Extract<DirectorEffect, { type: 'setAddresses' }>[] = [];
  const send = (event: DirectorEvent): void => {
    const step = stepDirector(state, event, now);
    state = step.state;
    effects.push(...step.effects);
    notes.push(...step.notes);
    for (const effect of step.effects) if (effect.type === 'setAddresses') open.push(effect);
  };
  return {
    state: () => state,
    now: () => now,
    take: () => {
      const taken = { effects, notes };
      effects = [];
      notes = [];
      return taken;
    },
    send,
    advance: (span) => {
      const end = now + span;
      for (let due = directorDeadline(state); due !== undefined && due <= end; due = directorDeadline(state)) {
        now = micros(Math.max(now, due));
        send({ type: 'timeout' });
      }
      now = micros(end);
    },
    settle: () => {
      const answered = open;
      open = [];
      for (const { instance: name, epoch } of answered) send({ type: 'addressesApplied', instance: name, epoch });
    },
  };
}

/** A rig whose interface is up and whose configuration is in force. */
export function started(config: DirectorConfig, links: readonly LinkState[] = [link('eth0')]): Rig {
  const made = rig();
  for (const state of links) made.send({ type: 'linkChanged', interface: state.name, link: state });
  made.send({ type: 'reconfigured', config });
  made.settle();
  return made;
}
