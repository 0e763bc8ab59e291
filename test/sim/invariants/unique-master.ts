/**
 * In a quiet, connected network there is exactly one master per virtual router, and no waiting host that preempts has a
 * higher priority than it.
 */

import { mastersOf, mayBeMaster, priorityOf } from '../cluster.js';
import type { Cluster } from '../cluster.js';
import type { VrrpHost } from '../vrrp-host.js';

/** Throws a Violation unless it holds now. Routers without any host that can take part are skipped. */
export function requireUniqueMaster(cluster: Cluster, when: string): void {
  const name = 'S1 exactly one master';
  for (const router of cluster.plan.routers) {
    const able = cluster.hosts.filter((host) => mayBeMaster(host, router) && isHealthy(cluster, host));
    if (able.length === 0) continue;
    const masters = mastersOf(cluster, router);
    const [master] = masters;
    if (master === undefined || masters.length > 1) {
      const roles = cluster.hosts.map((host) => `${host.plan.name}=${host.role(router.name)}`).join(' ');
      cluster.world.fail(name, `${when}: ${router.name} has ${masters.length} masters (${roles})`);
      continue;
    }
    const better = able.find((host) => preempts(host) && priorityOf(host, router) > priorityOf(master, router));
    if (better !== undefined) {
      const priorities = `${priorityOf(better, router)} > ${priorityOf(master, router)}`;
      cluster.world.fail(name, `${when}: ${better.plan.name} waits behind ${master.plan.name} (${priorities})`);
    }
  }
}

/** A member of a sync group with one link down can be master of none of its routers. */
function isHealthy(cluster: Cluster, host: VrrpHost): boolean {
  const grouped = cluster.plan.routers.filter((router) => cluster.plan.group.includes(router.name));
  return grouped.every((router) => mayBeMaster(host, router));
}

function preempts(host: VrrpHost): boolean {
  return host.config().instances[0]?.preempt ?? true;
}
