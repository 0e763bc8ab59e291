/** All hosts of one run on one wire, and the arithmetic of the protocol for them. */

import type { Micros } from '../../src/base/time.js';
import type { DirectorMachine } from '../../src/runtime/vrrp-driver.js';
import { masterDownInterval, skewTime } from '../../src/vrrp/instance/timers.js';
import { directorConfig, tracksOn } from './cluster-config.js';
import type { ClusterPlan, RouterPlan } from './cluster-config.js';
import { effective, WATCHED_LINK } from './conditions.js';
import { createLan } from './lan.js';
import type { Lan } from './lan.js';
import type { Watch } from './observation.js';
import { createVrrpHost } from './vrrp-host.js';
import type { VrrpHost } from './vrrp-host.js';
import type { World } from './world.js';

/** In calm weather: the slowest datagram, the latest alarm, a reader's wake-up, and the slowest kernel request. */
export const SLACK = 1_000 + 1_000 + 100;
export const CALM_KERNEL_LATENCY = 5_000;

export interface Cluster {
  readonly world: World;
  readonly plan: ClusterPlan;
  readonly lan: Lan;
  readonly hosts: readonly VrrpHost[];
  readonly machine: DirectorMachine;
  readonly watch: (watch: Watch) => void;
}

export interface ClusterOptions {
  readonly machine: DirectorMachine;
  readonly drains: boolean;
}

export function createCluster(world: World, plan: ClusterPlan, options: ClusterOptions): Cluster {
  const watches: Watch[] = [];
  const lan = createLan(world);
  const hosts = plan.hosts.map((host) =>
    createVrrpHost({
      world,
      lan,
      plan: host,
      segments: plan.segments,
      interfaces: plan.interfaces,
      machine: options.machine,
      drains: options.drains,
      config: directorConfig(plan, host),
      tracks: tracksOn(plan, host),
      kernelLatency: CALM_KERNEL_LATENCY,
      observe: (observation) => {
        for (const watch of watches) watch(observation);
      },
    }),
  );
  return { world, plan, lan, hosts, machine: options.machine, watch: (watch) => void watches.push(watch) };
}

/**
 * The priority of a router on a host as it is now: reloads change it, and what is tracked. 0: its trackers hold it in FAULT,
 * or the host is not configured with it.
 */
export function priorityOf(host: VrrpHost, router: RouterPlan): number {
  const { up } = host.kernel.link(WATCHED_LINK) ?? { up: false };
  const instance = host.config().instances.find(({ name }) => name === router.name);
  return instance === undefined ? 0 : (effective(instance.priority, host.tracks, host.conditions(), up) ?? 0);
}

/** Takes part, and its trackers let it. */
export function mayBeMaster(host: VrrpHost, router: RouterPlan): boolean {
  return takesPart(host, router) && priorityOf(host, router) > 0;
}

/** How often the host advertises as a master. */
export function intervalOf(host: VrrpHost, router: RouterPlan): Micros {
  return host.config().instances.find((instance) => instance.name === router.name)?.advertInterval ?? router.advertInterval;
}

/** The longest interval that a master of the router may have, and others may have learnt. */
export function slowestInterval(hosts: readonly VrrpHost[], router: RouterPlan): Micros {
  return Math.max(router.longestInterval, ...hosts.map((host) => intervalOf(host, router))) as Micros;
}

/** The host's master-down interval under a master that advertises every `interval`. */
export function downInterval(host: VrrpHost, router: RouterPlan, interval: Micros): Micros {
  return masterDownInterval(router.version, priorityOf(host, router), interval, router.downTimerAdverts);
}

export function skewOf(host: VrrpHost, router: RouterPlan, interval: Micros): Micros {
  return skewTime(router.version, priorityOf(host, router), interval);
}

/** Takes part: its process runs and its link is up. */
export function takesPart(host: VrrpHost, router: RouterPlan): boolean {
  return host.powered() && host.process() === 'running' && !host.stopping() && isLinked(host, router);
}

export function isLinked(host: VrrpHost, router: RouterPlan): boolean {
  return host.kernel.link(router.device?.virtual?.name ?? router.segment)?.up === true;
}

export function mastersOf(cluster: Cluster, router: RouterPlan): readonly VrrpHost[] {
  return cluster.hosts.filter((host) => takesPart(host, router) && host.role(router.name) === 'MASTER');
}

/** True when the kernel holds every virtual address of the router, and it has some here. */
export function holdsAll(host: VrrpHost, router: RouterPlan): boolean {
  const addresses = configuredAddresses(host, router);
  return addresses.length > 0 && addresses.every((entry) => host.kernel.holds(entry.interface, entry.address));
}

/** The addresses of a router as the host is configured now. */
export function configuredAddresses(host: VrrpHost, router: RouterPlan): RouterPlan['virtualAddresses'] {
  const instance = host.config().instances.find(({ name }) => name === router.name);
  return [...(instance?.virtualAddresses ?? []), ...(instance?.excludedAddresses ?? [])];
}
