/**
 * After quiescence a running host's kernel holds the virtual addresses of a router if and only if it is its master, and
 * nothing that nobody configured.
 */

import { identity } from '../../../src/vrrp/instance/belongings.js';
import { hostAddresses } from '../cluster-config.js';
import { configuredAddresses } from '../cluster.js';
import type { Cluster } from '../cluster.js';
import { networkOf } from '../storm.js';
import type { VrrpHost } from '../vrrp-host.js';

export function requireKernelFollowsRole(cluster: Cluster, when: string): void {
  for (const host of cluster.hosts) {
    if (!host.powered() || host.process() !== 'running' || host.plan.software === 'keepalived') continue;
    for (const name of cluster.plan.interfaces) compare(cluster, host, name, when);
    compareNetwork(cluster, host, when);
  }
}

function compareNetwork(cluster: Cluster, host: VrrpHost, when: string): void {
  const mastered = cluster.plan.routers.filter((router) => host.role(router.name) === 'MASTER');
  const expected = new Set(mastered.flatMap((router) => networkOf(host, router)).map(identity));
  const actual = host.kernel.network().filter((object) => expected.has(object) || !host.abandoned.has(object));
  if ([...expected].sort().join() === [...actual].sort().join()) return;
  const what = `${host.plan.name} holds [${actual.join(' ')}], not [${[...expected].join(' ')}]`;
  cluster.world.fail('K1 the kernel has routes and rules iff master', `${when}: ${what}`);
}

function compare(cluster: Cluster, host: VrrpHost, name: string, when: string): void {
  const mastered = cluster.plan.routers.filter((router) => host.role(router.name) === 'MASTER');
  const virtual = mastered.flatMap((router) => configuredAddresses(host, router)).filter((entry) => entry.interface === name);
  const own = cluster.plan.segments.includes(name) ? hostAddresses(host.plan) : [];
  const expected = [...own, ...virtual].map(({ address }) => address).sort();
  const found = (host.kernel.link(name)?.addresses ?? []).map(({ address }) => address).sort();
  const actual = found.filter((address) => expected.includes(address) || !host.abandoned.has(address));
  if (expected.join() === actual.join()) return;
  const roles = cluster.plan.routers.map((router) => `${router.name}=${host.role(router.name)}`).join(' ');
  const what = `${host.plan.name} (${roles}) holds [${actual.join(' ')}] on ${name}, not [${expected.join(' ')}]`;
  cluster.world.fail('K1 the kernel has the VIP iff master', `${when}: ${what}`);
}
