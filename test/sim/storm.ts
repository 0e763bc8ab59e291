/**
 * The storm: which faults a seed draws, and what each does to the cluster. Every kind has a name under which it is
 * counted, so that a generator that never reaches it is noticed.
 */

import type { DirectorConfig, InstanceConfig, VirtualAddress } from '../../src/vrrp/config.js';
import { micros, seconds } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import { address } from '../support/address.js';
import { route } from '../support/network.js';
import { drawConditions, GOOD_CONDITIONS } from './conditions.js';
import { directorConfig, hostAddresses, SLOWEST } from './cluster-config.js';
import type { ClusterPlan, RouterPlan } from './cluster-config.js';
import type { Cluster } from './cluster.js';
import { forge } from './forgery.js';
import { CALM_WEATHER } from './lan.js';
import type { NetworkObject } from './kernel-network.js';
import type { VrrpHost } from './vrrp-host.js';
import type { World } from './world.js';

export const FAULTS = [
  'kill',
  'workerDeath',
  'powerLoss',
  'stop',
  'pause',
  'stall',
  'linkDown',
  'linkDeleted',
  'addressRemovedByHand',
  'addressesFlushed',
  'networkRemovedByHand',
  'reload',
  'partition',
  'oneWayPartition',
  'forgery',
  'trackerChange',
  'clockStep',
  'addressClaim',
  'deviceDeleted',
  'announcementRequest',
  'managerSets',
] as const;

type Fault = (typeof FAULTS)[number];

/** Faults of the wire and the kernel are drawn once for the whole storm and count themselves. */
export const CONDITIONS = ['loss', 'duplication', 'corruption', 'addressFailure'] as const;

/** Runs a storm of `length` microseconds; afterwards nothing is mended. */
export function rage(cluster: Cluster, length: number): void {
  const { world, lan, hosts } = cluster;
  lan.setWeather({
    loss: world.chance(0.6) ? world.random() * 0.3 : 0,
    duplication: world.chance(0.3) ? world.random() * 0.5 : 0,
    corruption: world.chance(0.3) ? world.random() * 0.1 : 0,
    minimumDelay: 100,
    maximumDelay: world.chance(0.3) ? world.between(1_000, 400_000) : 2_000,
    overtaking: world.chance(0.5),
  });
  if (world.chance(0.3)) for (const host of hosts.filter((each) => each.plan.software === 'holdfast')) host.kernel.setFailure(world.random() * 0.5);
  const kinds = FAULTS.filter(() => world.chance(0.4));
  const { pace } = cluster.plan;
  const end = world.now() + length;
  while (world.now() < end) {
    world.pass(world.between(50_000, 3_000_000) * pace);
    if (kinds.length > 0) strike(cluster, world.pick(kinds), end);
  }
}

/** Mends everything that can be mended; hosts that are down come back unless `leave` names them. */
export function mend(cluster: Cluster, leave: ReadonlySet<string>): void {
  const { lan, hosts, plan, world } = cluster;
  lan.setWeather(CALM_WEATHER);
  lan.heal();
  for (const host of hosts) {
    host.kernel.setFailure(0);
    if (leave.has(host.plan.name)) {
      host.powerOff();
      continue;
    }
    host.setClock(0);
    if (world.chance(0.6)) host.change(GOOD_CONDITIONS);
    host.wake();
    if (host.stopping()) host.kill();
    host.powerOn();
    for (const segment of plan.segments) restoreLink(host, segment);
    host.start();
  }
}

function strike(cluster: Cluster, fault: Fault, end: number): void {
  const { world, hosts, plan, lan } = cluster;
  /** What would mend itself after the storm is left to mend(). */
  const later = (low: number, high: number, run: () => void): void =>
    world.after(world.between(low, high * plan.pace), () => {
      if (world.now() < end) run();
    });
  const host = world.pick(hosts);
  const segment = world.pick(plan.segments);
  world.cover(`fault ${fault}`);
  world.trace(`${fault} ${host.plan.name} ${segment}`);
  switch (fault) {
    case 'kill':
      host.kill();
      later(1_000, 5_000_000, host.start);
      break;
    case 'workerDeath':
      host.replace(world.between(50_000, 400_000));
      break;
    case 'powerLoss':
      host.powerOff();
      later(1_000_000, 10_000_000, host.powerOn);
      break;
    case 'stop':
      host.stop();
      later(5_100_000, 9_000_000, host.start);
      break;
    case 'pause':
      host.pause(world.between(100_000, 12_000_000) * plan.pace);
      break;
    case 'stall':
      host.pause(world.between(1_000, 500_000));
      break;
    case 'linkDown':
      host.kernel.setUp(segment, false);
      later(1_000, 6_000_000, () => restoreLink(host, segment));
      break;
    case 'linkDeleted':
      host.kernel.deleteLink(segment);
      later(1_000, 6_000_000, () => restoreLink(host, segment));
      break;
    case 'deviceDeleted':
      for (const { device } of plan.routers) if (device?.virtual !== undefined) host.kernel.deleteLink(device.virtual.name);
      break;
    case 'addressRemovedByHand':
      removeByHand(host, world.pick(plan.routers));
      break;
    case 'addressesFlushed':
      host.kernel.flush(segment);
      // A renewed lease, or one that has run out.
      later(100, world.chance(0.5) ? 20_000 : 4_000_000, () => restoreLink(host, segment));
      break;
    case 'networkRemovedByHand': {
      const objects = networkOf(host, world.pick(plan.routers));
      if (objects.length > 0) host.kernel.removeNetworkByHand(world.pick(objects));
      break;
    }
    case 'reload':
      // What a configuration drops while nobody runs is left in the kernel for good: nobody could know of it.
      if (host.process() !== 'dead') host.reload(changed(cluster, host));
      break;
    case 'partition':
    case 'oneWayPartition': {
      const others = hosts.filter((other) => other !== host && world.chance(0.7));
      for (const other of others) {
        lan.cut(segment, host.plan.name, other.plan.name);
        if (fault === 'partition') lan.cut(segment, other.plan.name, host.plan.name);
      }
      later(100_000, 8_000_000, lan.heal);
      break;
    }
    case 'trackerChange':
      host.change(drawConditions(world));
      break;
    case 'clockStep':
      host.setClock(world.pick([-30, -3, 0, 2, 20]) * 1_000_000);
      break;
    case 'addressClaim': {
      const [claimed] = world.pick(plan.routers).virtualAddresses;
      if (claimed !== undefined) for (const each of hosts) each.claim(claimed.interface, claimed.address);
      break;
    }
    case 'announcementRequest':
      host.requestAnnouncement(world.pick(plan.routers).name);
      break;
    case 'managerSets':
      host.setPriority(world.between(1, 254));
      break;
    case 'forgery':
      forge(cluster, world.pick(plan.routers));
      break;
  }
}

/** Brings a link and the host's own addresses back, whatever happened to them. */
export function restoreLink(host: VrrpHost, segment: string): void {
  if (!host.powered()) return;
  if (host.kernel.link(segment) === undefined) host.kernel.createLink(segment, hostAddresses(host.plan));
  host.kernel.restoreAddresses(segment, hostAddresses(host.plan));
  host.kernel.setUp(segment, true);
}

/** The first of the router's addresses, if the host holds it. */
export function removeByHand(host: VrrpHost, router: RouterPlan): void {
  const [first] = router.virtualAddresses;
  if (first !== undefined) host.kernel.removeByHand(first.interface, first.address);
}

/** Its routes and rules as the host is configured now. */
export function networkOf(host: VrrpHost, { name }: RouterPlan): readonly NetworkObject[] {
  const instance = host.config().instances.find((each) => each.name === name);
  return [...(instance?.routes ?? []), ...(instance?.rules ?? [])];
}

/** None, or one of two addresses that no other router has. */
function drawExcluded(world: World, { family, virtualRouterId, virtualAddresses }: InstanceConfig): readonly VirtualAddress[] {
  const [first] = virtualAddresses;
  const last = world.pick([0, 1, 2]);
  if (first === undefined || last === 0) return [];
  const text = family === 'ipv4' ? `198.51.${virtualRouterId}.${last}` : `2001:db8:${virtualRouterId}::${last}`;
  return [{ ...first, address: address(text) }];
}

/**
 * A reload with another priority, another interval, one address more, less or instead of another, a virtual router more or
 * less, or nothing changed at all.
 */
function changed({ world, plan }: Cluster, host: VrrpHost): DirectorConfig {
  const config = host.config();
  const owner = host.plan.priority === 255;
  const priority = owner || world.chance(0.5) ? undefined : world.between(1, 254);
  const slowness = plan.unevenIntervals ? world.between(1, SLOWEST) : undefined;
  const instances = present(world, plan, host).map((instance) => ({
    ...instance,
    ...(priority === undefined ? {} : { priority }),
    ...(slowness === undefined || instance.version === 2 ? {} : { advertInterval: slowed(plan, instance.name, slowness) }),
    ...(world.chance(0.3) ? { excludedAddresses: drawExcluded(world, instance) } : {}),
    ...(instance.routes !== undefined && world.chance(0.3) ? { routes: [route(`10.${world.between(1, 3)}.0.0/16`, { interface: instance.interface })] } : {}),
  }));
  return { ...config, instances };
}

/** The instances that the host has, without one that is in no group, or with all that have gone. */
function present(world: World, plan: ClusterPlan, host: VrrpHost): readonly InstanceConfig[] {
  const { instances } = host.config();
  const missing = instances.length < plan.routers.length;
  const loose = instances.filter(({ name }) => !plan.group.includes(name));
  if (world.chance(missing ? 0.5 : 0.8) || (!missing && loose.length === 0)) return instances;
  if (!missing) {
    world.cover('reload without a router');
    const leaving = world.pick(loose);
    return instances.filter((each) => each !== leaving);
  }
  world.cover('reload with a router more');
  return directorConfig(plan, host.plan).instances.map((planned) => instances.find(({ name }) => name === planned.name) ?? planned);
}

function slowed({ routers }: ClusterPlan, name: string, slowness: number): Micros {
  const router = routers.find((each) => each.name === name);
  return micros(slowness * (router?.advertInterval ?? seconds(1)));
}
