/**
 * One fault of one master in calm weather, and its return: how long the addresses are without a holder, who takes over,
 * and who may take back.
 */

import { BAD_CONDITIONS, canBeHeldInFault, GOOD_CONDITIONS, surveyTime, WATCHED_LINK } from './conditions.js';
import type { RouterPlan } from './cluster-config.js';
import { CALM_KERNEL_LATENCY, downInterval, intervalOf, mastersOf, mayBeMaster, priorityOf, skewOf, SLACK } from './cluster.js';
import type { Cluster } from './cluster.js';
import { takeover } from './invariants/takeover.js';
import { makeBeforeBreak } from './invariants/make-before-break.js';
import { requireUniqueMaster } from './invariants/unique-master.js';
import { restoreLink } from './storm.js';
import type { VrrpHost } from './vrrp-host.js';

/** Nobody who leaves waits longer for a successor. */
const LONGEST_HANDOVER = 4_000_000;
const ENDINGS = ['powerLoss', 'kill', 'stop', 'linkDown'] as const;
type Ending = (typeof ENDINGS)[number] | 'trackerFault';

export function failover(cluster: Cluster, convergence: () => number): void {
  const { world, plan } = cluster;
  const router = world.pick(plan.routers);
  const [master] = mastersOf(cluster, router);
  if (master === undefined) return;
  const ending = canBeHeldInFault(master.tracks) && world.chance(0.5) ? 'trackerFault' : world.pick(ENDINGS);
  const lost = lostRouters(cluster, master, router, ending).filter((each) => heirs(cluster, each, master).length > 0);
  world.cover(`failover ${ending}`);
  world.trace(`failover ${ending} ${master.plan.name}`);
  const watch = takeover(cluster);
  cluster.watch(watch.watch);
  const handover = makeBeforeBreak(cluster);
  cluster.watch(handover.watch);
  // Not in step with its adverts.
  world.pass(world.between(0, intervalOf(master, router)));
  for (const each of lost) watch.expect(each, master.plan.name);
  if (ending === 'stop' && master.plan.software === 'holdfast') {
    const latest = Math.max(0, ...lost.map((each) => bound(cluster, each, master, ending)));
    handover.expect(lost, Math.max(0, latest - LONGEST_HANDOVER));
  }
  const began = world.now();
  end(master, router, ending);
  world.pass(Math.max(0, ...lost.map((each) => bound(cluster, each, master, ending))));
  for (const each of lost) {
    const result = watch.result(each);
    const limit = bound(cluster, each, master, ending);
    const name = 'L1 no window without the VIP beyond the bound';
    if (result === undefined || result.at - began > limit) {
      const time = result === undefined ? 'nobody' : `${result.host} after ${result.at - began} us`;
      world.fail(name, `${ending} of ${master.plan.name}: ${time} took ${each.name} over, the bound is ${limit} us`);
    } else requireBestHeir(cluster, each, master, result.host);
  }
  handover.end();
  world.pass(convergence());
  if (ending === 'stop') requireNothingLeft(cluster, master, router);
  requireUniqueMaster(cluster, `after ${ending}`);
  comeBack(cluster, master, ending, convergence());
}

/** The routers of which the master is lost with it. */
function lostRouters(cluster: Cluster, master: VrrpHost, router: RouterPlan, ending: Ending): readonly RouterPlan[] {
  const { routers, group } = cluster.plan;
  const held = routers.filter((each) => master.role(each.name) === 'MASTER');
  if (ending !== 'linkDown') return held;
  if (router.segment === WATCHED_LINK && master.tracks.link?.weight === 0) return held;
  const onLink = held.filter((each) => each.segment === router.segment);
  const takesGroup = onLink.some((each) => group.includes(each.name));
  return held.filter((each) => onLink.includes(each) || (takesGroup && group.includes(each.name)));
}

/** Those who can take over: for a member of a sync group, with all members. Best first. */
function heirs(cluster: Cluster, router: RouterPlan, master: VrrpHost): readonly VrrpHost[] {
  const needed = members(cluster, router);
  return cluster.hosts
    .filter((host) => host !== master && needed.every((each) => mayBeMaster(host, each)))
    .sort((a, b) => priorityOf(b, router) - priorityOf(a, router));
}

function members(cluster: Cluster, router: RouterPlan): readonly RouterPlan[] {
  const { routers, group } = cluster.plan;
  return group.includes(router.name) ? routers.filter((each) => group.includes(each.name)) : [router];
}

/** Master-down interval (or skew, after a goodbye) of the best heir, delays, and the kernel's time for the addresses. */
function bound(cluster: Cluster, router: RouterPlan, master: VrrpHost, ending: Ending): number {
  const [best] = heirs(cluster, router, master);
  if (best === undefined) return 0;
  // A master that leaves because of a tracker says goodbye, too, as soon as it knows.
  const span = ending === 'stop' || ending === 'trackerFault' ? skewOf : downInterval;
  const noticed = ending === 'trackerFault' ? surveyTime(master.tracks) : ending === 'linkDown' ? cluster.plan.linkDelay : 0;
  const wait = Math.max(...members(cluster, router).map((each) => span(best, each, intervalOf(master, each))));
  return noticed + wait + SLACK + 2 * cluster.plan.routers.length * CALM_KERNEL_LATENCY;
}

function end(master: VrrpHost, router: RouterPlan, ending: Ending): void {
  switch (ending) {
    case 'powerLoss':
      master.powerOff();
      break;
    case 'kill':
      master.kill();
      break;
    case 'stop':
      master.stop();
      break;
    case 'trackerFault':
      master.change(BAD_CONDITIONS);
      break;
    case 'linkDown':
      master.kernel.setUp(router.segment, false);
      break;
  }
}

/** The skew exists so that the best goes first: where it is longer than all delays, nobody else may. */
function requireBestHeir(cluster: Cluster, router: RouterPlan, master: VrrpHost, winner: string): void {
  const [best, second] = heirs(cluster, router, master);
  if (best === undefined || second === undefined || members(cluster, router).length > 1) return;
  const interval = intervalOf(master, router);
  const lead = skewOf(second, router, interval) - skewOf(best, router, interval);
  if (lead < 3 * SLACK || winner === best.plan.name) return;
  cluster.world.fail('L2 the best takes over', `${winner} took ${router.name} before ${best.plan.name}`);
}

function requireNothingLeft({ world }: Cluster, master: VrrpHost, { segment }: RouterPlan): void {
  const addresses = master.kernel.link(segment)?.addresses ?? [];
  if (addresses.length === 3) return;
  world.fail('K2 a stop leaves nothing', `${master.plan.name} still has ${addresses.map((entry) => entry.address).join(' ')}`);
}

/** Back again: who preempts takes back, but not before its delay; who does not, stays. */
function comeBack(cluster: Cluster, host: VrrpHost, ending: Ending, convergence: number): void {
  const { world, plan } = cluster;
  const took: string[] = [];
  let watching = true;
  const began = world.now();
  cluster.watch((observation) => {
    if (!watching || observation.type !== 'roleChanged' || observation.to !== 'MASTER' || observation.host !== host) return;
    took.push(observation.instance);
    const others = cluster.hosts.filter((other) => other !== host && other.role(observation.instance) === 'MASTER');
    const taken = plan.routers.find(({ name }) => name === observation.instance);
    const isTooEarly = world.now() - began < host.plan.preemptDelay && taken !== undefined && hearsInTime(host, taken, others);
    if (others.length > 0 && isTooEarly) {
      world.fail('S6 preempt delay', `${host.plan.name} takes ${observation.instance} before its delay is over`);
    }
  });
  const inherited = plan.routers.filter((router) => mastersOf(cluster, router).some((master) => master !== host));
  world.trace(`${host.plan.name} comes back`);
  if (ending === 'trackerFault') host.change(GOOD_CONDITIONS);
  if (host.stopping()) host.kill();
  host.powerOn();
  for (const segment of plan.segments) restoreLink(host, segment);
  host.start();
  world.pass(50_000);
  requireQuickOwner(cluster, host);
  world.pass(convergence);
  watching = false;
  for (const router of inherited) {
    const others = cluster.hosts.filter((other) => other !== host);
    if (!host.plan.preempt && took.includes(router.name) && hearsInTime(host, router, others)) {
      world.fail('S6 nopreempt never preempts', `${host.plan.name} takes ${router.name} from a living master`);
    }
  }
  requireUniqueMaster(cluster, 'after the return');
}

/** A host that comes back waits for the slowest master's next advert; not one whose own interval is so short that it gives up before. */
function hearsInTime(host: VrrpHost, router: RouterPlan, masters: readonly VrrpHost[]): boolean {
  const patience = downInterval(host, router, intervalOf(host, router));
  return masters.every((master) => intervalOf(master, router) + SLACK < patience);
}

/** The owner of the addresses that wants to be master waits for nobody. */
function requireQuickOwner({ world, plan }: Cluster, host: VrrpHost): void {
  const owners = plan.hosts.filter(({ priority }) => priority === 255).length;
  if (!host.plan.wantsMaster || host.plan.priority !== 255 || owners > 1 || plan.startupDelay > 0 || plan.linkDelay > 0) return;
  // Until a script has had a result nobody moves, nor until processes have been there for long enough.
  if (plan.tracks.script?.weight === 0 || (plan.tracks.process?.weight === 0 && plan.tracks.forkDelay > 0) || plan.routers.some((router) => !mayBeMaster(host, router))) return;
  for (const router of plan.routers) {
    if (host.role(router.name) === 'MASTER') continue;
    world.fail('O1 an owner is master at once', `${host.plan.name} is ${host.role(router.name)} of its own ${router.name}`);
  }
}
