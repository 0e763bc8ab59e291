/** After one fault of a master somebody else holds the virtual addresses within the protocol's bound, and the best does. */

import { holdsAll, isLinked } from '../cluster.js';
import type { Cluster } from '../cluster.js';
import type { RouterPlan } from '../cluster-config.js';
import type { Watch } from '../observation.js';

export interface Takeover {
  readonly watch: Watch;
  /** From now on, waits for somebody other than `lost` to hold the router's addresses as master. */
  readonly expect: (router: RouterPlan, lost: string) => void;
  /** When it happened and who it was; undefined while it has not. */
  readonly result: (router: RouterPlan) => { readonly at: number; readonly host: string } | undefined;
}

export function takeover(cluster: Cluster): Takeover {
  const awaited = new Map<string, { readonly router: RouterPlan; readonly lost: string }>();
  const results = new Map<string, { readonly at: number; readonly host: string }>();
  return {
    watch: ({ type, host }) => {
      if (type !== 'kernelChanged' && type !== 'turnEnded') return;
      for (const [name, { router, lost }] of awaited) {
        if (host.plan.name === lost || host.role(name) !== 'MASTER' || !isLinked(host, router)) continue;
        if (!holdsAll(host, router)) continue;
        results.set(name, { at: cluster.world.now(), host: host.plan.name });
        awaited.delete(name);
      }
    },
    expect: (router, lost) => {
      results.delete(router.name);
      awaited.set(router.name, { router, lost });
    },
    result: (router) => results.get(router.name),
  };
}
