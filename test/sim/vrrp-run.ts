/**
 * One seed of the VRRP simulation: a storm of faults, then calm, then single faults in calm weather with exact bounds.
 * Throws a Violation when a property does not hold.
 */

import { DIRECTOR } from '../../src/runtime/vrrp-driver.js';
import type { DirectorMachine } from '../../src/runtime/vrrp-driver.js';
import { drawCluster } from './cluster-config.js';
import type { ClusterPlan } from './cluster-config.js';
import { surveyTime } from './conditions.js';
import { createCluster, downInterval, SLACK, slowestInterval } from './cluster.js';
import type { Cluster } from './cluster.js';
import { failover } from './failover.js';
import { advertGap } from './invariants/advert-gap.js';
import type { AdvertGap } from './invariants/advert-gap.js';
import { announceAfterApplied } from './invariants/announce-after-applied.js';
import { convergenceIsMonotonic } from './invariants/convergence.js';
import { groupAgreement } from './invariants/group-agreement.js';
import { requireKernelFollowsRole } from './invariants/kernel-follows-role.js';
import { overlap } from './invariants/overlap.js';
import { refusedChangesNothing } from './invariants/refused-changes-nothing.js';
import { requireReplayable } from './invariants/replay.js';
import { noSilentSplit } from './invariants/silent-split.js';
import { silenceAfterStop } from './invariants/silence-after-stop.js';
import { startupDelay } from './invariants/startup-delay.js';
import { requireUniqueMaster } from './invariants/unique-master.js';
import { removedByHand, renewedLease, replacedMaster, sleepingBackup } from './small-faults.js';
import { mend, rage } from './storm.js';
import { createWorld } from './world.js';
import type { WorldOptions } from './world.js';

export interface VrrpRunOptions extends WorldOptions {
  /** The machine under test; production's unless a fault is planted. */
  readonly machine?: DirectorMachine;
  /** False plants a fault in the adapter: adverts queued during a stall are heard after the alarm. */
  readonly drains?: boolean;
}

export interface RunResult {
  readonly traceHash: string;
  readonly coverage: ReadonlyMap<string, number>;
  readonly virtualSeconds: number;
}

/** Failed address requests are repeated after at most 10 s. */
const ADDRESS_RETRY = 10_500_000;

export function runVrrp(seed: number, options: VrrpRunOptions = {}): RunResult {
  const world = createWorld(seed, options);
  const plan = drawCluster(world);
  const cluster = createCluster(world, plan, { machine: options.machine ?? DIRECTOR, drains: options.drains ?? true });
  const gap = advertGap(world, plan);
  const masters = overlap(cluster);
  const towardsOne = convergenceIsMonotonic(cluster);
  const watches = [
    towardsOne.watch,
    gap.watch,
    masters.watch,
    noSilentSplit(cluster),
    announceAfterApplied(world),
    silenceAfterStop(world),
    groupAgreement(world, plan.group),
    refusedChangesNothing(world, plan.routers.some(({ stallGivesWay }) => stallGivesWay !== undefined)),
    startupDelay(world, plan.startupDelay),
  ];
  for (const watch of watches) cluster.watch(watch);

  for (const host of cluster.hosts) world.after(world.between(0, 3_000_000) * plan.pace, host.powerOn);
  rage(cluster, world.between(5_000_000, 30_000_000) * plan.pace);
  const absent = cluster.hosts.slice(1).filter(() => world.chance(0.15));
  mend(cluster, new Set(absent.map((host) => host.plan.name)));
  world.trace('calm');
  towardsOne.begin(world.now() + enlightenment(cluster));
  world.pass(convergence(cluster));
  towardsOne.end();
  requireUniqueMaster(cluster, 'after the storm');
  masters.measure(true);
  stayCalm(cluster, gap, ADDRESS_RETRY);

  failover(cluster, () => convergence(cluster));
  stayCalm(cluster, gap, 1_000_000);
  sleepingBackup(cluster);
  replacedMaster(cluster);
  removedByHand(cluster, convergence(cluster));
  renewedLease(cluster);
  stayCalm(cluster, gap, 1_000_000);
  masters.measure(false);
  requireReplayable(cluster);
  return { traceHash: world.traceHash(), coverage: world.coverage(), virtualSeconds: world.now() / 1e6 };
}

/** X1: how long a healed network may take to agree. */
export function convergence(cluster: Cluster): number {
  const { plan, hosts } = cluster;
  const delay = Math.max(...hosts.map((host) => host.plan.preemptDelay));
  const bounds = plan.routers.map((router) => {
    const interval = slowestInterval(hosts, router);
    const down = Math.max(...hosts.map((host) => downInterval(host, router, interval)));
    // The first member of a sync group to time out waits for the last; a preempt delay is followed by a down interval.
    const rounds = (plan.group.includes(router.name) ? 2 : 1) + (delay > 0 ? 1 : 0);
    return rounds * down + 2 * interval;
  });
  return Math.max(...bounds) + delay + plan.startupDelay + clocksAgree(plan) + surveyTime(plan.tracks) + plan.linkDelay + 2 * SLACK + 50_000;
}

/** Until everybody has heard everybody who speaks, and knows what its trackers and links say. */
function enlightenment({ plan, hosts }: Cluster): number {
  const slowest = Math.max(...plan.routers.map((router) => slowestInterval(hosts, router)));
  return slowest + clocksAgree(plan) + surveyTime(plan.tracks) + plan.linkDelay + 2 * SLACK;
}

/** Clocks that were set back have to catch up with what they have signed before. */
function clocksAgree({ routers }: ClusterPlan): number {
  return Math.max(0, ...routers.map(({ hmac }) => hmac?.timeWindow ?? 0));
}

/** Nothing changes any more: no role, no gap, and the kernels follow. */
function stayCalm(cluster: Cluster, gap: AdvertGap, atLeast: number): void {
  const { world, plan, hosts } = cluster;
  const roles = (): string =>
    hosts.map((host) => plan.routers.map((router) => `${host.plan.name} ${router.name} ${host.role(router.name)}`)).join(', ');
  const before = roles();
  world.pass(Math.max(convergence(cluster), atLeast));
  requireUniqueMaster(cluster, 'in calm');
  if (roles() !== before) world.fail('C1 nothing changes in calm', `${before} became ${roles()}`);
  gap.check();
  requireKernelFollowsRole(cluster, 'in calm');
}
