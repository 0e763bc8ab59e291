/** Faults that must cost nothing, or next to nothing, in calm weather. */

import { CALM_KERNEL_LATENCY, downInterval, holdsAll, intervalOf, mastersOf, skewOf, SLACK, slowestInterval } from './cluster.js';
import type { Cluster } from './cluster.js';
import { identity } from '../../src/vrrp/instance/belongings.js';
import { networkOf, removeByHand, restoreLink } from './storm.js';

/** A waiting host that slept longer than its timer finds the master's adverts in its socket: nothing may change. */
export function sleepingBackup(cluster: Cluster): void {
  const { world, plan } = cluster;
  const host = world.pick(cluster.hosts);
  if (host.process() !== 'running' || host.plan.software === 'keepalived') return;
  if (plan.routers.some((router) => host.role(router.name) !== 'BACKUP' || mastersOf(cluster, router).length !== 1)) return;
  const roles = (): string => cluster.hosts.map((each) => plan.routers.map(({ name }) => each.role(name)).join()).join(' ');
  const before = roles();
  world.cover('sleeping backup');
  world.trace(`${host.plan.name} sleeps`);
  const bounds = plan.routers.map((router) => downInterval(host, router, slowestInterval(cluster.hosts, router)));
  const span = Math.max(...bounds) * 1.5;
  world.pass(world.between(0, 1_000_000));
  host.pause(span);
  world.pass(span + 100_000);
  if (roles() !== before) world.fail('P1 a sleeping backup changes nothing', `${before} became ${roles()}`);
}

/** Somebody removes a virtual address from its master, or a route, or a rule: in a moment it is there again. */
export function removedByHand(cluster: Cluster, convergence: number): void {
  const { world, plan } = cluster;
  const router = world.pick(plan.routers);
  const [master] = mastersOf(cluster, router);
  if (master?.plan.software !== 'holdfast') return;
  world.cover('removed by hand');
  world.trace(`${router.name} removed by hand from ${master.plan.name}`);
  const before = mastersOf(cluster, router).length;
  removeByHand(master, router);
  for (const object of networkOf(master, router)) master.kernel.removeNetworkByHand(object);
  const patience = SLACK + 4 * plan.routers.length * CALM_KERNEL_LATENCY;
  world.pass(patience);
  const held = master.kernel.network();
  const lost = networkOf(master, router).filter((object) => !held.includes(identity(object)));
  if (!holdsAll(master, router) || lost.length > 0 || mastersOf(cluster, router).length !== before) {
    world.fail('V1 what is removed comes back', `${router.name} is not whole ${patience} us later`);
  }
  world.pass(convergence);
}

/** The process of a master dies and another takes its place in time: nobody else notices, no address is ever away. */
export function replacedMaster(cluster: Cluster): void {
  const { world, plan, hosts } = cluster;
  const router = world.pick(plan.routers);
  const [master] = mastersOf(cluster, router);
  if (master?.plan.software !== 'holdfast') return;
  const held = plan.routers.filter(({ name }) => master.role(name) === 'MASTER');
  const others = hosts.filter((host) => host !== master);
  const patience = Math.min(...held.flatMap((each) => others.map((host) => downInterval(host, each, intervalOf(master, each)))));
  const delay = world.between(50_000, 300_000);
  // Its last advert may be a whole interval old, and the next process needs its links before it speaks.
  if (patience < delay + Math.max(...held.map((each) => intervalOf(master, each))) + 100_000) return;
  world.cover('replaced master');
  world.trace(`the process of ${master.plan.name} dies and is replaced`);
  const changes: string[] = [];
  let watching = true;
  cluster.watch((observation) => {
    if (!watching) return;
    if (observation.type === 'roleChanged') changes.push(`${observation.host.plan.name} ${observation.instance} ${observation.to}`);
    const lost = held.find((each) => !holdsAll(master, each));
    if (lost !== undefined) world.fail('R1 a replaced process keeps its addresses', `${master.plan.name} is without those of ${lost.name}`);
  });
  master.replace(delay);
  world.pass(delay + patience);
  watching = false;
  if (changes.length > 0) world.fail('R2 a replaced process costs nothing', changes.join(', '));
}

/**
 * A DHCP client renews the lease of a master: everything goes from its link, and its own addresses are set again before
 * anybody can have taken over. Nobody does, and what it holds is there again at once.
 */
export function renewedLease(cluster: Cluster): void {
  const { world, plan, hosts } = cluster;
  const router = world.pick(plan.routers);
  const [master] = mastersOf(cluster, router);
  if (master?.plan.software !== 'holdfast') return;
  const held = plan.routers.filter(({ name }) => master.role(name) === 'MASTER');
  const others = hosts.filter((host) => host !== master);
  const delay = world.between(100, 20_000);
  const patience = 4 * SLACK + 4 * plan.routers.length * CALM_KERNEL_LATENCY;
  const soonest = Math.min(...held.flatMap((each) => others.map((host) => skewOf(host, each, intervalOf(master, each)))));
  if (soonest < delay + patience) return;
  world.cover('renewed lease');
  world.trace(`the lease of ${master.plan.name} is renewed`);
  const taken: string[] = [];
  let watching = true;
  cluster.watch((observation) => {
    if (!watching || observation.type !== 'roleChanged' || observation.to !== 'MASTER' || observation.host === master) return;
    taken.push(`${observation.host.plan.name} ${observation.instance}`);
  });
  master.kernel.flush(router.segment);
  world.pass(delay);
  restoreLink(master, router.segment);
  world.pass(patience);
  const lost = held.find((each) => master.role(each.name) !== 'MASTER' || !holdsAll(master, each));
  if (lost !== undefined) world.fail('F1 a flushed master is whole again', `${lost.name} is not, ${patience} us after the lease was renewed`);
  world.pass(Math.max(...plan.routers.map((each) => slowestInterval(hosts, each))));
  watching = false;
  if (taken.length > 0) world.fail('F2 nobody takes over from a flushed master that is back', taken.join(', '));
}
