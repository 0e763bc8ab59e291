/** A cluster drawn from the dice: who shares which virtual routers with whom, with which settings. */

import type { Cidr, Family, IpAddress } from '../../src/base/address.js';
import { milliseconds, seconds } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import type { Authentication, HmacConfig } from '../../src/vrrp/config/authentication.js';
import type { DeviceConfig } from '../../src/vrrp/config/device.js';
import type { DirectorConfig, InstanceConfig, SyncGroupConfig, VirtualAddress } from '../../src/vrrp/config.js';
import type { UnicastConfig } from '../../src/vrrp/config/unicast.js';
import type { Route } from '../../src/vrrp/host/routes.js';
import type { Rule } from '../../src/vrrp/host/rules.js';
import { address } from '../support/address.js';
import { route, rule } from '../support/network.js';
import { drawTracks, NOTHING_TRACKED, trackedLinks, trackedObjects, tracksOf } from './conditions.js';
import type { TrackPlan } from './conditions.js';
import { director, instance, virtual } from '../support/vrrp-configuration.js';
import type { World } from './world.js';

/** One virtual router, as all hosts agree on it. */
export interface RouterPlan {
  readonly name: string;
  readonly segment: string;
  readonly virtualRouterId: number;
  readonly version: 2 | 3;
  readonly family: Family;
  /** v3: hosts may have a multiple of it, and learn each other's. */
  readonly advertInterval: Micros;
  /** The longest that a host has had, before some reload, and others may have learnt. */
  readonly longestInterval: Micros;
  readonly downTimerAdverts: number;
  readonly authentication: Authentication;
  /** Signed adverts. Absent = not signed. */
  readonly hmac?: HmacConfig;
  /** A macvlan that has the addresses, and speaks unless transmitOnBase. */
  readonly device?: DeviceConfig;
  /** Each host names all others as its peers. */
  readonly hasPeers: boolean;
  readonly virtualAddresses: readonly VirtualAddress[];
  readonly excludedAddresses: readonly VirtualAddress[];
  /** Through the segment. Absent = none. */
  readonly routes?: readonly Route[];
  readonly rules?: readonly Rule[];
  readonly lowerPriorityNoAdvert: boolean;
  readonly higherPrioritySendAdvert: boolean;
  readonly skipCheckAdvertAddresses: boolean;
  /** False: a link that is down is no fault. */
  readonly trackPrimary: boolean;
  readonly stallGivesWay?: number;
}

/** What one host decides for itself; one value for all its virtual routers keeps sync groups meaningful. */
export interface HostPlan {
  readonly name: string;
  readonly number: number;
  readonly priority: number;
  readonly preempt: boolean;
  readonly preemptDelay: Micros;
  readonly wantsMaster: boolean;
  /** v3: own interval as a multiple of the router's. */
  readonly slowness: number;
  readonly software: 'holdfast' | 'keepalived';
}

export interface ClusterPlan {
  readonly routers: readonly RouterPlan[];
  readonly hosts: readonly HostPlan[];
  /** Names of the routers in the sync group; empty = no group. */
  readonly group: readonly string[];
  readonly segments: readonly string[];
  /** The segments, and the macvlans on them. */
  readonly interfaces: readonly string[];
  readonly startupDelay: Micros;
  /** A link that goes or comes back counts when it has lasted so long. */
  readonly linkDelay: Micros;
  readonly tracks: TrackPlan;
  /** How much slower than usual everything goes: intervals, and the faults with them. At least 1. */
  readonly pace: number;
  /** Version 3: hosts have intervals of their own, and reloads change them. */
  readonly unevenIntervals: boolean;
}

/** The largest multiple of a router's interval that a host may have. */
export const SLOWEST = 3;

const GROUP_NAME = 'G';
const nameOf = (index: number): string => `V${index + 1}`;
/** Most clusters in the world advertise every second; slow ones reach the long ends of all timers. */
const PACES = [1, 1, 3, 10, 30, 100, 100] as const;

export function drawCluster(world: World): ClusterPlan {
  const segments = ['eth0', 'eth1'];
  const pace = world.pick(PACES);
  const mixed = world.chance(0.3);
  if (mixed) world.cover('option keepalived');
  const unevenIntervals = world.chance(0.2);
  const count = world.between(1, 3);
  const group = count > 1 && world.chance(0.4) ? [nameOf(0), nameOf(1)] : [];
  const style = { mixed, pace, unevenIntervals, group };
  const routers = Array.from({ length: count }, (_, index) => drawRouter(world, index, segments, style));
  const hosts = drawHosts(world, style);
  const startupDelay = world.chance(0.1) ? milliseconds(world.between(100, 4_000)) : seconds(0);
  const linkDelay = !mixed && world.chance(0.15) ? milliseconds(world.between(1, 2_000)) : seconds(0);
  if (linkDelay > 0) world.cover('option link delays');
  const interfaces = [...segments, ...routers.flatMap(({ device }) => device?.virtual?.name ?? [])];
  return { routers, hosts, group, segments, interfaces, startupDelay, linkDelay, tracks: drawTracks(world, pace), pace, unevenIntervals };
}

interface Style extends Pick<ClusterPlan, 'pace' | 'unevenIntervals' | 'group'> {
  /** Nothing that the model of keepalived does not know. */
  readonly mixed: boolean;
}

function drawRouter(world: World, index: number, segments: readonly string[], { mixed, pace, unevenIntervals, group }: Style): RouterPlan {
  const version = world.chance(0.5) ? 2 : 3;
  const family = version === 3 && world.chance(0.5) ? 'ipv6' : 'ipv4';
  const segment = world.pick(segments);
  // Up to the longest that a configuration may name; three times as long with uneven intervals in version 3.
  const advertInterval =
    version === 2
      ? seconds(Math.min(255, world.between(1, 2) * pace))
      : milliseconds(Math.min(13_000, world.pick([100, 250, 500, 1_000]) * pace));
  const authentication = drawAuthentication(world, version, mixed);
  const hmac = !mixed && authentication.type !== 'ah' && world.chance(0.25) ? drawHmac(world, advertInterval) : undefined;
  const hasPeers = world.chance(0.2);
  if (hasPeers) world.cover('option unicast');
  if (hmac !== undefined) world.cover(`option signed ${hmac.mode}`);
  world.cover(`option authentication ${authentication.type}`);
  const device = !mixed && world.chance(0.15) ? drawDevice(world, 51 + index, hasPeers) : undefined;
  const virtual = (last: number): VirtualAddress => virtualAddress(family, device?.virtual?.name ?? segment, index, last);
  return {
    name: nameOf(index),
    segment,
    virtualRouterId: 51 + index,
    version,
    family,
    advertInterval,
    longestInterval: (version === 3 && unevenIntervals ? SLOWEST * advertInterval : advertInterval) as Micros,
    downTimerAdverts: world.chance(0.8) ? 3 : world.between(2, 5),
    authentication,
    ...(hmac === undefined ? {} : { hmac }),
    ...(device === undefined ? {} : { device }),
    hasPeers,
    virtualAddresses: Array.from({ length: world.between(1, 2) }, (_, i) => virtual(100 + i)),
    excludedAddresses: world.chance(0.2) ? [virtual(150)] : [],
    ...(world.chance(0.3) ? { routes: [route(`10.${10 + index}.0.0/16`, { interface: segment })] } : {}),
    ...(world.chance(0.3) ? { rules: [rule(100 + index)] } : {}),
    ...drawHabits(world, mixed, group.includes(nameOf(index))),
  };
}

function drawDevice(world: World, virtualRouterId: number, hasPeers: boolean): DeviceConfig {
  const transmitOnBase = hasPeers || world.chance(0.3);
  world.cover(`option macvlan${transmitOnBase ? ' that is silent' : ''}`);
  const mac = `00:00:5e:00:01:${virtualRouterId.toString(16)}`;
  return { virtual: { type: 'macvlan', name: `vrrp.${virtualRouterId}`, mac, notifyPeers: false }, transmitOnBase, promoteSecondaries: false };
}

type Habits = Pick<RouterPlan, 'lowerPriorityNoAdvert' | 'higherPrioritySendAdvert' | 'skipCheckAdvertAddresses' | 'trackPrimary' | 'stallGivesWay'>;

function drawHabits(world: World, mixed: boolean, grouped: boolean): Habits {
  const has = (name: string, probability: number): boolean => {
    const drawn = !mixed && world.chance(probability);
    if (drawn) world.cover(`option ${name}`);
    return drawn;
  };
  return {
    lowerPriorityNoAdvert: has('lowerPriorityNoAdvert', 0.1),
    higherPrioritySendAdvert: has('higherPrioritySendAdvert', 0.1),
    skipCheckAdvertAddresses: has('skipCheckAdvertAddresses', 0.2),
    // In a group nobody takes over from a master that stays in spite of its link, for it keeps the others.
    trackPrimary: grouped || !has('untracked primary', 0.05),
    ...(has('stallGivesWay', 0.1) ? { stallGivesWay: 254 } : {}),
  };
}

function drawAuthentication(world: World, version: 2 | 3, mixed: boolean): Authentication {
  const type = version === 2 ? world.pick(['none', 'pass', mixed ? 'pass' : 'ah'] as const) : 'none';
  return type === 'none' ? { type } : { type, password: 'secret12' };
}

function drawHmac(world: World, advertInterval: Micros): HmacConfig {
  return {
    keys: [{ id: 7, secret: new Uint8Array(32).fill(7) }, { id: 8, secret: new Uint8Array(32).fill(8) }],
    activeKey: world.pick([7, 8]),
    mode: world.pick(['enforce', 'enforce', 'permissive', 'receiveOnly']),
    antiReplay: world.pick(['time', 'monotonic']),
    timeWindow: Math.min(Math.max(3 * advertInterval, seconds(5)), seconds(300)) as Micros,
  };
}

/** The first address of an IPv6 router is link-local, as RFC 5798 5.2.9 wants it. */
function virtualAddress(family: Family, on: string, index: number, last: number): VirtualAddress {
  const prefix = last === 100 ? 'fe80:' : '2001:db8:';
  const text = family === 'ipv4' ? `192.0.2.${last + 10 * index}/24` : `${prefix}:${index + 1}:${last}/64`;
  return virtual(text, { interface: on });
}

function drawHosts(world: World, { mixed, unevenIntervals }: Style): readonly HostPlan[] {
  const count = world.between(2, 4);
  const preempt = world.chance(0.7);
  const preemptDelay = preempt && world.chance(0.25) ? milliseconds(world.between(500, 8_000)) : seconds(0);
  const owners = world.chance(0.15) ? (!mixed && world.chance(0.2) ? 2 : 1) : 0;
  const equal = world.chance(0.15);
  const base = world.between(1, 254);
  return Array.from({ length: count }, (_, number) => {
    const owner = number < owners;
    const wantsMaster = owner ? world.chance(0.5) : world.chance(0.2);
    return {
      name: `h${number + 1}`,
      number: number + 1,
      priority: owner ? 255 : equal ? base : world.between(1, 254),
      preempt: owner || preempt,
      preemptDelay: owner ? seconds(0) : preemptDelay,
      wantsMaster,
      slowness: unevenIntervals ? world.between(1, SLOWEST) : 1,
      // At least one of each.
      software: mixed && number > 0 && (number === 1 || world.chance(0.5)) ? 'keepalived' : 'holdfast',
    };
  });
}

/** The host's own addresses on a segment: what its adverts come from. */
export function hostAddresses(host: HostPlan): readonly Cidr[] {
  return [
    { address: address(`192.0.2.${host.number}`), prefixLength: 24 },
    { address: address(`2001:db8::${host.number}`), prefixLength: 64 },
    { address: address(`fe80::${host.number}`), prefixLength: 64 },
  ];
}

/** What its adverts of this family come from. */
export function sourceAddress({ number }: HostPlan, family: Family): IpAddress {
  return address(family === 'ipv4' ? `192.0.2.${number}` : `fe80::${number}`);
}

/** The host's own addresses and all virtual ones of its configuration. */
export function knownAddresses(host: HostPlan, { instances }: DirectorConfig): ReadonlySet<string> {
  const addresses = instances.flatMap((config) => [...config.virtualAddresses, ...config.excludedAddresses]);
  return new Set([...hostAddresses(host), ...addresses].map((entry) => entry.address));
}

export function directorConfig(plan: ClusterPlan, host: HostPlan): DirectorConfig {
  const groups: readonly SyncGroupConfig[] =
    plan.group.length === 0 ? [] : [{ name: GROUP_NAME, members: plan.group, notify: {} }];
  return director(plan.routers.map((router) => instanceConfig(router, host, plan)), {
    groups,
    startupDelay: plan.startupDelay,
    tracked: trackedObjects(tracksOn(plan, host)),
    ...(plan.linkDelay > 0 ? { linkDelays: plan.segments.map((segment) => ({ interface: segment, up: plan.linkDelay, down: plan.linkDelay })) } : {}),
  });
}

/** The model of keepalived watches nothing. */
export function tracksOn({ tracks }: ClusterPlan, { software }: HostPlan): TrackPlan {
  return software === 'holdfast' ? tracks : NOTHING_TRACKED;
}

function instanceConfig(router: RouterPlan, host: HostPlan, plan: ClusterPlan): InstanceConfig {
  const { segment, hasPeers, longestInterval, ...shared } = router;
  const others = plan.hosts.filter((other) => other !== host).map((other) => sourceAddress(other, router.family));
  return instance({
    ...shared,
    advertInterval: Math.min(longestInterval, router.advertInterval * host.slowness) as Micros,
    interface: segment,
    priority: host.priority,
    wantsMaster: host.wantsMaster,
    preempt: host.preempt,
    preemptDelay: host.preemptDelay,
    tracks: tracksOf(tracksOn(plan, host)),
    trackInterfaces: trackedLinks(tracksOn(plan, host)),
    ...(hasPeers ? { unicast: toPeers(others) } : {}),
    announcements: { ...instance().announcements, masterRepeat: 2, lowerPriorityRepeat: 1 },
  });
}

function toPeers(peers: readonly IpAddress[]): UnicastConfig {
  return {
    peers: peers.map((peer) => ({ address: peer, minimumHopLimit: 0, maximumHopLimit: 255 })),
    hopLimit: 255,
    checkSource: true,
    oldChecksum: 'detect',
  };
}
