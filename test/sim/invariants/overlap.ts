/** In a quiet, connected network two masters of one virtual router see each other within one delay: then one gives way. */

import { mastersOf, SLACK } from '../cluster.js';
import type { Cluster } from '../cluster.js';
import type { Watch } from '../observation.js';

export interface Overlap {
  readonly watch: Watch;
  /** Measures only while on: partitions and losses excuse two masters. */
  readonly measure: (on: boolean) => void;
}

export function overlap(cluster: Cluster): Overlap {
  const { world, plan } = cluster;
  const since = new Map<string, number>();
  let measuring = false;
  const judge = (): void => {
    for (const router of plan.routers) {
      const count = mastersOf(cluster, router).length;
      const began = since.get(router.name);
      if (began !== undefined && world.now() - began > SLACK) {
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
