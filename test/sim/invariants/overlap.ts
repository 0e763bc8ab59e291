/** In a quiet, connected network two masters of one virtual router see each other within one delay: then one gives way. */

import type { RouterPlan } from '../cluster-config.js';
import { mastersOf, SLACK, slowestInterval } from '../cluster.js';
import type { Cluster } from '../cluster.js';
import type { Watch } from '../observation.js';

export interface Overlap {
  readonly watch: Watch;
  /** Measures only while on: partitions and losses excuse two masters. */
  readonly measure: (on: boolean) => void;
}

export function overlap(cluster: Cluster): Overlap {
  const { world, plan, hosts } = cluster;
  // An owner does not answer another one: keepalived lets its regular adverts decide which of them gives way.
  const rivals = plan.hosts.filter(({ priority }) => priority === 255).length > 1;
  // Nor is one that speaks at once, with authentication headers numbered from 1, believed before it has heard the others.
  // Whoever does not answer worse masters, or stays master without a link, is heard when it speaks next.
  const isPatient = ({ authentication, lowerPriorityNoAdvert, trackPrimary }: RouterPlan): boolean =>
    rivals || authentication.type === 'ah' || lowerPriorityNoAdvert || !trackPrimary;
  const allowed = (router: RouterPlan): number => SLACK + (isPatient(router) ? slowestInterval(hosts, router) : 0);
  const since = new Map<string, number>();
  let measuring = false;
  const judge = (): void => {
    for (const router of plan.routers) {
      const count = mastersOf(cluster, router).length;
      const began = since.get(router.name);
      if (began !== undefined && world.now() - began > allowed(router)) {
        world.fail('S2 overlap of masters', `two masters of ${router.name} for ${world.now() - began} us`);
      }
      if (count < 2) since.delete(router.name);
      else if (began === undefined) since.set(router.name, world.now());
    }
  };
  return {
    watch: (observation) => {
      if (!measuring || observation.type === 'advertSent' || observation.type === 'announced') return;
      judge();
    },
    measure: (on) => {
      if (measuring) judge();
      measuring = on;
      since.clear();
    },
  };
}
