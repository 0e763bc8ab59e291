/** vrrpRouteTable and vrrpRouteNextHopTable of KEEPALIVED-MIB: static routes below 0, virtual ones below their instance. */

import { familyOf } from '../../../base/address.js';
import type { NextHop, Realms, Route, RouteMetric, RouteMetricValue, RouteType, WeightedNextHop } from '../../../vrrp/host/routes.js';
import { counter64, gauge, inetAddress, integer, text, yesNo } from '../values.js';
import type { SnmpValue } from '../values.js';
import { table } from '../view.js';
import type { Cells, Column, Row } from '../view.js';
import { byName } from '../world.js';
import type { SnmpWorld } from '../world.js';
import { KEEPALIVED_VRRP } from './identifiers.js';
import { scopeValue } from './vrrp-addresses.js';
import { ADDRESS_TYPES, instanceRows, optionalText } from './vrrp-instances.js';

/** RouteType of the MIB; it has no word for local ones. */
const TYPES: Readonly<Partial<Record<RouteType, number>>> = {
  unicast: 1,
  blackhole: 3,
  anycast: 4,
  multicast: 5,
  broadcast: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
  nat: 10,
  xresolve: 11,
};
const SEVERAL_WAYS = 2;

/** PrefType by the kernel's numbers. */
const PREFERENCES: ReadonlyMap<number, number> = new Map([
  [3, 1],
  [0, 2],
  [1, 3],
]);

/** EncapType. */
const ENCAPSULATIONS = { mpls: 1, ip: 2, ila: 3, ip6: 4 } as const;

/** linux/rtnetlink.h RTAX_FEATURE_ECN. */
const ECN = 1;

interface RouteRow {
  readonly route: Route;
  readonly isSet: boolean;
  readonly interfaceIndex: number | undefined;
}

interface HopRow {
  readonly hop: WeightedNextHop;
  readonly interfaceIndex: number | undefined;
}

function routeRows(world: SnmpWorld): readonly Row<RouteRow>[] {
  const links = byName(world.vrrp?.shown.watched?.links);
  const rows = (routes: readonly Route[], owner: number, isSet: boolean): readonly Row<RouteRow>[] =>
    routes.map((route, i) => ({ index: [owner, i + 1], of: { route, isSet, interfaceIndex: links.get(route.interface ?? '')?.index } }));
  const isStaticSet = world.vrrp?.shown.watched?.staticObjects === 'applied';
  return [
    ...rows(world.configuration?.director.staticObjects?.routes ?? [], 0, isStaticSet),
    ...instanceRows(world).flatMap(({ of: { config, live } }, i) => rows(config.routes ?? [], i + 1, live?.state === 'MASTER' && live.addressesStatus === 'applied')),
  ];
}

function hopRows(world: SnmpWorld): readonly Row<HopRow>[] {
  const links = byName(world.vrrp?.shown.watched?.links);
  return routeRows(world).flatMap(({ index, of: { route } }) =>
    route.nextHops.map((hop, i) => ({ index: [...index, i + 1], of: { hop, interfaceIndex: links.get(hop.interface ?? '')?.index } })),
  );
}

export function routeColumns(): readonly Column<SnmpWorld>[] {
  return [
    ...table([...KEEPALIVED_VRRP, 7, 1], routeRows, { ...wayCells(), ...metricCells(), ...leadingCells(44, ({ route }) => route) }),
    ...table([...KEEPALIVED_VRRP, 11, 1], hopRows, { ...hopCells(), ...leadingCells(8, ({ hop }) => hop) }),
  ];
}

function wayCells(): Cells<RouteRow> {
  return {
    2: ({ route }) => integer(ADDRESS_TYPES[route.family]),
    3: ({ route }) => inetAddress(route.destination.address),
    4: ({ route }) => gauge(route.destination.prefixLength),
    5: ({ route }) => (route.gateway === undefined ? undefined : inetAddress(route.gateway)),
    7: ({ route }) => (route.preferredSource === undefined ? undefined : inetAddress(route.preferredSource)),
    8: ({ route }) => gauge(route.metric ?? 0),
    9: ({ route }) => scopeValue(route.scope ?? 0),
    10: ({ route }) => integer(route.nextHops.length > 0 ? SEVERAL_WAYS : (TYPES[route.type] ?? 0)),
    11: ({ interfaceIndex }) => optionalNumber(interfaceIndex, integer),
    12: ({ route }) => optionalText(route.interface),
    13: ({ route }) => gauge(route.table),
    14: ({ isSet }) => yesNo(isSet),
    15: ({ route }) => (route.source === undefined ? undefined : inetAddress(route.source.address)),
    16: ({ route }) => optionalNumber(route.source?.prefixLength, gauge),
    17: ({ route }) => (route.typeOfService === 0 ? undefined : gauge(route.typeOfService)),
    18: ({ route }) => integer(route.protocol + 1),
    19: ({ route }) => yesNo(((numberOf(route, 'features') ?? 0) & ECN) !== 0),
    20: ({ route }) => yesNo((numberOf(route, 'quickack') ?? 0) !== 0),
    21: ({ route }) => optionalNumber(route.expires, integer),
    43: ({ route }) => optionalNumber(PREFERENCES.get(route.preference ?? -1), integer),
  };
}

/** Each with the factor from the kernel's unit, and whether the column behind it says that it is locked. */
const METRICS: Readonly<Record<number, { readonly metric: RouteMetric; readonly lock: boolean; readonly unit?: number }>> = {
  22: { metric: 'mtu', lock: true },
  24: { metric: 'hoplimit', lock: false },
  25: { metric: 'advmss', lock: true },
  27: { metric: 'rtt', lock: true, unit: 1 / 8 },
  29: { metric: 'rttvar', lock: true, unit: 1 / 4 },
  31: { metric: 'reordering', lock: true },
  33: { metric: 'window', lock: false },
  34: { metric: 'cwnd', lock: true },
  36: { metric: 'ssthresh', lock: true },
  38: { metric: 'rto_min', lock: true },
  40: { metric: 'initcwnd', lock: false },
  41: { metric: 'initrwnd', lock: false },
};

function metricCells(): Cells<RouteRow> {
  const numbers = Object.entries(METRICS).flatMap(([column, { metric, lock, unit = 1 }]) => [
    [column, ({ route }: RouteRow) => optionalNumber(numberOf(route, metric), (value) => gauge(value * unit))] as const,
    ...(lock ? [[String(Number(column) + 1), ({ route }: RouteRow) => lockOf(metricOf(route, metric))] as const] : []),
  ]);
  return {
    ...Object.fromEntries(numbers),
    42: ({ route }) => {
      const value = metricOf(route, 'congctl')?.value;
      return typeof value === 'string' ? text(value) : undefined;
    },
    55: ({ route }) => optionalNumber(numberOf(route, 'fastopen_no_cookie'), (value) => yesNo(value !== 0)),
  };
}

function lockOf(metric: RouteMetricValue | undefined): SnmpValue | undefined {
  return metric === undefined ? undefined : yesNo(metric.locked);
}

function hopCells(): Cells<HopRow> {
  return {
    2: ({ hop }) => (hop.gateway === undefined ? undefined : integer(ADDRESS_TYPES[familyOf(hop.gateway)])),
    3: ({ hop }) => (hop.gateway === undefined ? undefined : inetAddress(hop.gateway)),
    4: ({ interfaceIndex }) => optionalNumber(interfaceIndex, integer),
    5: ({ hop }) => optionalText(hop.interface),
    6: ({ hop }) => gauge(hop.weight),
    7: ({ hop }) => yesNo(hop.onLink),
  };
}

/** Realms and encapsulation, which stand in the same order in both tables, from column `first` on. */
function leadingCells<R>(first: number, hopOf: (row: R) => NextHop): Cells<R> {
  const cells: readonly ((hop: NextHop) => SnmpValue | undefined)[] = [
    ({ realms }) => realm(realms, 'destination'),
    ({ realms }) => realm(realms, 'source'),
    ({ encapsulation }) => (encapsulation === undefined ? undefined : integer(ENCAPSULATIONS[encapsulation.type])),
    ({ encapsulation }) => (encapsulation?.type === 'mpls' ? text(encapsulation.labels.join('/')) : undefined),
    (hop) => {
      const id = tunnelOf(hop)?.id;
      return id === undefined ? undefined : counter64(BigInt(id));
    },
    (hop) => {
      const destination = tunnelOf(hop)?.destination;
      return destination === undefined ? undefined : inetAddress(destination);
    },
    (hop) => {
      const source = tunnelOf(hop)?.source;
      return source === undefined ? undefined : inetAddress(source);
    },
    (hop) => optionalNumber(tunnelOf(hop)?.typeOfService, gauge),
    (hop) => optionalNumber(tunnelOf(hop)?.hopLimit, gauge),
    (hop) => optionalNumber(tunnelOf(hop)?.flags, gauge),
    ({ encapsulation }) => (encapsulation?.type === 'ila' ? counter64(BigInt(`0x${encapsulation.locator}`)) : undefined),
  ];
  return Object.fromEntries(cells.map((cell, i) => [first + i, (row: R) => cell(hopOf(row))]));
}

type Tunnel = Extract<NonNullable<NextHop['encapsulation']>, { readonly type: 'ip' | 'ip6' }>;

function tunnelOf({ encapsulation }: NextHop): Tunnel | undefined {
  return encapsulation?.type === 'ip' || encapsulation?.type === 'ip6' ? encapsulation : undefined;
}

/** 0 = none. */
export function realm(realms: Realms | undefined, side: keyof Realms): SnmpValue | undefined {
  const value = realms?.[side] ?? 0;
  return value === 0 ? undefined : gauge(value);
}

export function optionalNumber(value: number | undefined, make: (value: number) => SnmpValue): SnmpValue | undefined {
  return value === undefined ? undefined : make(value);
}

function metricOf({ metrics }: Route, wanted: RouteMetric): RouteMetricValue | undefined {
  return metrics.find(({ metric }) => metric === wanted);
}

function numberOf(route: Route, wanted: RouteMetric): number | undefined {
  const value = metricOf(route, wanted)?.value;
  return typeof value === 'number' ? value : undefined;
}
