/** The real servers: what a connection to each meets, and the answers that probes bring home. */

import type { ProbeSpec } from '../../src/health/config-check.js';
import type { Verdict } from '../../src/health/events.js';
import { micros } from '../../src/base/time.js';
import type { World } from './world.js';

/** Up and quick, up but slow, refusing connections, or swallowing them. */
export const BACKEND_STATES = ['up', 'slow', 'refusing', 'hanging'] as const;
export type BackendState = (typeof BACKEND_STATES)[number];

export interface Backends {
  readonly set: (address: string, state: BackendState) => void;
  readonly isHealthy: (address: string) => boolean;
  /** `deadline` is when the prober must have answered; a silent prober (a bug or a stall) answers never. */
  readonly probe: (spec: ProbeSpec, deadline: number, answer: (verdict: Verdict) => void) => void;
  /** The probability that our own side fails before anything is sent, and that a prober stays silent. */
  readonly setTrouble: (local: number, silent: number) => void;
}

export function createBackends(world: World): Backends {
  const states = new Map<string, BackendState>();
  let localTrouble = 0;
  let silence = 0;
  const stateOf = (address: string): BackendState => states.get(address) ?? 'up';
  return {
    set: (address, state) => void states.set(address, state),
    isHealthy: (address) => stateOf(address) === 'up' || stateOf(address) === 'slow',
    probe: (spec, deadline, answer) => {
      if (!('connection' in spec)) throw new Error('the simulated farm runs no programs');
      const { connection } = spec;
      const say = (delay: number, verdict: (latency: ReturnType<typeof micros>) => Verdict): void =>
        world.after(delay, () => answer(verdict(micros(delay))));
      // Both hang in the connect, which is bounded by itself; the prober's deadline leaves room for reading, too.
      const left = Math.min(connection.connectTimeout, deadline - world.now());
      if (world.chance(silence)) {
        world.cover('fault proberSilent');
        return;
      }
      if (world.chance(localTrouble)) {
        world.cover('fault localTrouble');
        say(10, () => ({ type: 'local', operation: 'socket', code: 'EMFILE' }));
        return;
      }
      switch (stateOf(connection.address)) {
        case 'up':
          say(world.between(100, 5_000), (latency) => ({ type: 'passed', latency }));
          break;
        case 'slow':
          say(world.between(0, left - 1), (latency) => ({ type: 'passed', latency }));
          break;
        case 'refusing':
          say(world.between(100, 2_000), (latency) => ({ type: 'failed', failure: { type: 'refused' }, latency }));
          break;
        case 'hanging':
          say(left, (latency) => ({ type: 'failed', failure: { type: 'connectTimeout' }, latency }));
          break;
      }
    },
    setTrouble: (local, silent) => {
      localTrouble = local;
      silence = silent;
    },
  };
}
