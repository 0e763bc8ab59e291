/** In an orderly stop the addresses are at no time without a holder for longer than the kernels need to change hands. */

import { CALM_KERNEL_LATENCY, holdsAll, isLinked, SLACK } from '../cluster.js';
import type { Cluster } from '../cluster.js';
import type { RouterPlan } from '../cluster-config.js';
import type { Watch } from '../observation.js';

export interface MakeBeforeBreak {
  readonly watch: Watch;
  /** From now on, for these routers; `beyond`: how much later than the longest handover a successor may come. */
  readonly expect: (routers: readonly RouterPlan[], beyond: number) => void;
  readonly end: () => void;
}

export function makeBeforeBreak(cluster: Cluster): MakeBeforeBreak {
  // The successor's kernel may be the slowest, for one router after the other, and the leaving host's the fastest.
  let allowed = 0;
  const handing = SLACK + cluster.plan.routers.length * CALM_KERNEL_LATENCY;
  let watched: readonly RouterPlan[] = [];
  const goneSince = new Map<string, number>();
  const look = (): void => {
    for (const router of watched) {
      const since = goneSince.get(router.name);
      const isHeld = cluster.hosts.some((host) => host.powered() && isLinked(host, router) && holdsAll(host, router));
      if (since !== undefined && cluster.world.now() - since > allowed) {
        cluster.world.fail('B1 make before break', `${router.name} has had no holder for ${cluster.world.now() - since} us`);
      }
      if (isHeld) goneSince.delete(router.name);
      else if (since === undefined) goneSince.set(router.name, cluster.world.now());
    }
  };
  return {
    watch: look,
    expect: (routers, beyond) => {
      allowed = handing + beyond;
      watched = routers;
    },
    end: () => {
      look();
      watched = [];
      goneSince.clear();
    },
  };
}
