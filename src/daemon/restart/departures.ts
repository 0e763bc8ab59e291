/**
 * Virtual routers that the next program will not have: they leave before it takes over, as at a reload, by the process that still
 * speaks for them. Should there be no next program after all, they are back.
 */

import type { DirectorConfig } from '../../vrrp/config.js';
import type { DirectorState } from '../../vrrp/director.js';
import type { Legacy } from '../../vrrp/events.js';
import { routeKey } from '../../vrrp/adoption.js';

export interface Departures {
  /** All of them are there, with what a process before this one has left. */
  readonly configure: (config: DirectorConfig, legacy?: Legacy) => void;
  /** Whoever is not among them leaves; undefined = nobody. */
  readonly limitTo: (remaining: readonly string[] | undefined) => void;
}

export function createDepartures(reconfigure: (config: DirectorConfig, legacy?: Legacy) => void): Departures {
  let whole: DirectorConfig | undefined;
  let isLimited = false;
  return {
    configure: (config, legacy) => {
      whole = config;
      isLimited = false;
      reconfigure(config, legacy);
    },
    limitTo: (remaining) => {
      if (whole === undefined) return;
      const keys = remaining === undefined ? undefined : new Set(remaining);
      const instances = keys === undefined ? whole.instances : whole.instances.filter((config) => keys.has(routeKey(config)));
      if (instances.length === whole.instances.length && !isLimited) return;
      isLimited = instances.length < whole.instances.length;
      reconfigure({ ...whole, instances });
    },
  };
}

/** Somebody's addresses still wait for a successor elsewhere, or for the kernel. */
export function isAnybodyLeaving({ handovers, releases }: Pick<DirectorState, 'handovers' | 'releases'>): boolean {
  return handovers.length > 0 || releases.length > 0;
}
