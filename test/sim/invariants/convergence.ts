/**
 * Once a network is healed and everybody knows how things stand, it only comes closer to one master: nobody joins two who
 * claim the role already, and nobody takes it twice.
 */

import type { Cluster } from '../cluster.js';
import { mastersOf, SLACK } from '../cluster.js';
import type { Watch } from '../observation.js';

export interface Convergence {
  readonly watch: Watch;
  /** From this instant on, until `end`. */
  readonly begin: (instant: number) => void;
  readonly end: () => void;
}

export function convergenceIsMonotonic(cluster: Cluster): Convergence {
  const { world, plan } = cluster;
  const name = 'C1 monotonic convergence';
  /** When. */
  const took = new Map<string, number>();
  let from = Infinity;
  return {
    watch: (observation) => {
      if (observation.type !== 'roleChanged' || observation.to !== 'MASTER' || world.now() < from) return;
      const { host, instance } = observation;
      const router = plan.routers.find((each) => each.name === instance);
      if (router === undefined) return;
      const key = `${host.plan.name} ${instance}`;
      // Who speaks at the same moment has not been heard yet.
      const isHeard = (other: string): boolean => world.now() - (took.get(`${other} ${instance}`) ?? 0) > SLACK;
      const others = mastersOf(cluster, router).filter((master) => master !== host && isHeard(master.plan.name));
      if (others.length > 1) world.fail(name, `${key} joins ${others.length} masters`);
      if (took.has(key)) world.fail(name, `${key} becomes master twice`);
      took.set(key, world.now());
    },
    begin: (instant) => {
      took.clear();
      from = instant;
    },
    end: () => {
      from = Infinity;
    },
  };
}
