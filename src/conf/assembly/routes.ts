/** Routes: entries of a file to what the kernel is asked for. */

import { familyOf, parseAddress, parseCidr } from '../../base/address.js';
import type { Cidr, Family, IpAddress } from '../../base/address.js';
import { present } from '../../base/invariant.js';
import type { NextHop, Realms, Route, RouteMetricValue, WeightedNextHop } from '../../vrrp/host/routes.js';
import type { Word } from '../cst.js';
import { quote } from '../keywords/arguments.js';
import type { OptionValue } from '../keywords/options.js';
import { metricOptions } from '../keywords/route-metrics.js';
import type { Destination, NextHopValues, RouteEntry } from '../keywords/route-options.js';
import { checkInterface } from './context.js';
import type { Build } from './context.js';
import type { NameKind } from './names.js';

const MAIN_TABLE = 254;
/** linux/rtnetlink.h RTPROT_KEEPALIVED. */
export const KEEPALIVED_PROTOCOL = 18;

/** Undefined when keepalived would skip the line; the reason is among the findings. */
export function buildRoute(build: Build, entry: RouteEntry): Route | undefined {
  const { options, type } = entry;
  const family = familyOfRoute(build, entry);
  if (family === undefined || !fitsFamily(build, entry, family)) return undefined;
  const numbers = readNames(build, entry);
  if (numbers === undefined) return undefined;
  const hop = buildHop(build, options, 'route');
  const nextHops = buildNextHops(build, entry, family);
  if (hop === undefined || nextHops === undefined) return undefined;
  const vrf = options.vrf?.value.text;
  if (!isRoutingDomain(build, options.vrf)) return undefined;
  return {
    family,
    type,
    destination: destinationOf(options.to?.value, family),
    ...numbers,
    ...hop,
    ...(options.from === undefined ? {} : { source: options.from.value }),
    ...(options.src === undefined ? {} : { preferredSource: options.src.value }),
    ...(vrf === undefined ? {} : { vrf }),
    ...(options.metric === undefined ? {} : { metric: options.metric.value }),
    ...(options.expires === undefined ? {} : { expires: options.expires.value }),
    ...(options.pref === undefined ? {} : { preference: options.pref.value }),
    ...(options['ttl-propagate'] === undefined ? {} : { ttlPropagate: options['ttl-propagate'].value }),
    metrics: metricsOf(options),
    nextHops,
    placement: options.add !== undefined ? 'add' : options.append !== undefined ? 'append' : 'prepend',
    ...trackingOf(build, entry, numbers.protocol),
  };
}

/** False when it is known to be no VRF, which has been reported. */
function isRoutingDomain(build: Build, vrf: OptionValue<Word> | undefined): boolean {
  if (vrf === undefined) return true;
  const { text } = vrf.value;
  checkInterface(build, text, vrf.at);
  const facts = build.describeInterface(text);
  if (facts === undefined || facts.kind === 'vrf') return true;
  build.findings.report('badDevice', vrf.at, `${text} is no VRF; the route is skipped`, 'write: table N');
  return false;
}

const isAddress = (destination: Destination): destination is Cidr => 'address' in destination;

/** Of the first address on the line, else of the next hops, else IPv4. */
function familyOfRoute(build: Build, { destinations, options }: RouteEntry): Family | undefined {
  const addresses: readonly (OptionValue<IpAddress> | undefined)[] = [options.via, options.gw, options.or, options.src];
  const told = [
    ...destinations.map((at) => ({ family: familyOfDestination(at), at })),
    ...addresses.flatMap((option) => (option === undefined ? [] : [{ family: familyOf(option.value), at: option.at }])),
    ...(options.from === undefined ? [] : [{ family: familyOf(options.from.value.address), at: options.from.at }]),
  ].sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
  const family = told.find((each) => each.family !== 'either')?.family;
  // keepalived takes a default that stands behind an address for another family, whichever that is.
  const stranger = told.find((each, i) => each.family !== family && (each.family !== 'either' || told.slice(0, i).some((before) => before.family !== 'either')));
  if (stranger === undefined) return family === 'either' || family === undefined ? (hopFamily(options.nexthop?.value ?? []) ?? 'ipv4') : family;
  const [message, hint] =
    stranger.family === 'either'
      ? [`keepalived takes ${quote(stranger.at.text)} behind an address for another family; the route is skipped`, 'write it first']
      : ['a route has addresses of one family only; the route is skipped', 'write all addresses in one family'];
  build.findings.report('wrongFamily', stranger.at, message, hint);
  return undefined;
}

function familyOfDestination({ text }: Word): Family | 'either' {
  if (text === 'default6') return 'ipv6';
  const address = parseAddress(text.replace(/\/.*$/, ''));
  return address === undefined ? 'either' : familyOf(address);
}

function hopFamily(hops: readonly NextHopValues[]): Family | undefined {
  const via = hops.find((hop) => hop.via !== undefined)?.via;
  return via === undefined ? undefined : familyOf(via.value);
}

/** What only one family has. */
function fitsFamily(build: Build, { options }: RouteEntry, family: Family): boolean {
  const foreign = family === 'ipv4' ? (['from', 'expires', 'pref'] as const) : (['realms'] as const);
  for (const name of foreign) {
    const option = options[name];
    if (option === undefined) continue;
    const message = `${name} is for ${family === 'ipv4' ? 'IPv6' : 'IPv4'} routes only; the route is skipped`;
    build.findings.report('badValue', option.at, message, `remove ${name}`);
    return false;
  }
  return true;
}

interface Numbers {
  readonly typeOfService: number;
  readonly table: number;
  readonly protocol: number;
  readonly scope?: number;
}

function readNames(build: Build, { options }: RouteEntry): Numbers | undefined {
  const typeOfService = lookUp(build, 'typeOfService', options.tos, 'route');
  const table = lookUp(build, 'table', options.table, 'route');
  const protocol = lookUp(build, 'protocol', options.protocol, 'route');
  const scope = lookUp(build, 'scope', options.scope, 'route');
  if (typeOfService === 'unknown' || table === 'unknown' || protocol === 'unknown' || scope === 'unknown') return undefined;
  return {
    typeOfService: typeOfService ?? 0,
    // Table 0 is none: the kernel takes main.
    table: table === undefined || table === 0 ? MAIN_TABLE : table,
    protocol: protocol ?? KEEPALIVED_PROTOCOL,
    ...(scope === undefined ? {} : { scope }),
  };
}

/** Undefined when the option is not there. */
export function lookUp(
  build: Build,
  kind: NameKind,
  option: OptionValue<Word> | undefined,
  subject: string,
): number | 'unknown' | undefined {
  if (option === undefined) return undefined;
  const number = build.names(kind, option.value.text);
  if (number !== undefined) return number;
  build.findings.report('nameUnknown', option.at, `${quote(option.value.text)} is no ${NAMES[kind]}; the ${subject} is skipped`);
  return 'unknown';
}

const NAMES: Readonly<Record<NameKind, string>> = {
  table: 'routing table',
  protocol: 'routing protocol',
  scope: 'scope',
  realm: 'realm',
  typeOfService: 'type of service',
  group: 'interface group',
  ipProtocol: 'IP protocol',
};

/** `[SRC/]DST`; undefined when a part is unknown, which has been reported. */
export function readRealms(build: Build, { value, at }: OptionValue<Word>, outcome: string): Realms | undefined {
  const [first = '', second, ...more] = value.text.split('/');
  const source = second === undefined ? 0 : build.names('realm', first);
  const destination = build.names('realm', second ?? first);
  if (source !== undefined && destination !== undefined && more.length === 0) return { source, destination };
  build.findings.report('nameUnknown', at, `${quote(value.text)} are no realms; ${outcome}`, 'write [SRC/]DST, numbers up to 65535');
  return undefined;
}

type HopOptions = Pick<NextHopValues, 'via' | 'dev' | 'onlink' | 'encap' | 'realms'> & Partial<Pick<RouteEntry['options'], 'gw'>>;

function buildHop(build: Build, options: HopOptions, subject: 'route' | 'next hop'): NextHop | undefined {
  const { dev, encap } = options;
  if (dev !== undefined) checkInterface(build, dev.value.text, dev.at);
  const outcome = subject === 'route' ? 'the route is skipped' : 'they are ignored';
  const realms = options.realms === undefined ? undefined : readRealms(build, options.realms, outcome);
  if (subject === 'route' && options.realms !== undefined && realms === undefined) return undefined;
  const gateway = (options.via ?? options.gw)?.value;
  return {
    ...(gateway === undefined ? {} : { gateway }),
    ...(dev === undefined ? {} : { interface: dev.value.text }),
    onLink: options.onlink !== undefined,
    ...(encap === undefined ? {} : { encapsulation: encap.value }),
    ...(realms === undefined ? {} : { realms }),
  };
}

/** What is wrong with a next hop costs that part of it, not the route. */
function buildNextHops(build: Build, { options }: RouteEntry, family: Family): readonly WeightedNextHop[] | undefined {
  const hops = (options.nexthop?.value ?? []).flatMap((values): readonly WeightedNextHop[] => {
    const { via, realms, ...others } = values;
    const fits = via === undefined || familyOf(via.value) === family;
    if (!fits) {
      const message = `next hop ${via.value} is not of the family of the route; it is left out`;
      build.findings.report('wrongFamily', via.at, message, 'write it in the family of the destination');
      return [];
    }
    if (realms !== undefined && family === 'ipv6') {
      build.findings.report('badValue', realms.at, 'realms are for IPv4 routes only; they are ignored', 'remove realms');
    }
    const usable = { ...others, ...(via === undefined ? {} : { via }), ...(realms === undefined || family === 'ipv6' ? {} : { realms }) };
    const hop = buildHop(build, usable, 'next hop');
    return hop === undefined ? [] : [{ ...hop, weight: values.weight?.value ?? 1 }];
  });
  return hops;
}

function metricsOf(options: RouteEntry['options']): readonly RouteMetricValue[] {
  const names = Object.keys(metricOptions) as (keyof typeof metricOptions)[];
  return names.flatMap((name) => options[name]?.value ?? []);
}

function destinationOf(to: Destination | undefined, family: Family): Cidr {
  if (to !== undefined && isAddress(to)) return to;
  return present(parseCidr(family === 'ipv4' ? '0.0.0.0/0' : '::/0'), 'the default is a prefix');
}

/** Only routes that name their interface and are marked as keepalived's are followed. */
function trackingOf(build: Build, { at, options }: RouteEntry, protocol: number): Pick<Route, 'tracked' | 'protocol'> {
  if (options.no_track !== undefined) return { tracked: false, protocol };
  if (protocol !== KEEPALIVED_PROTOCOL) {
    const message = `a route of another protocol cannot be tracked: protocol ${KEEPALIVED_PROTOCOL} (keepalived) is used`;
    build.findings.report('contradiction', options.protocol?.at ?? at, message, 'add no_track');
  }
  if (options.dev === undefined) {
    const message = 'a route without an interface of its own cannot be tracked: nothing happens when somebody else removes it';
    build.findings.report('untracked', at, message, 'add: dev INTERFACE, or no_track');
  }
  return { tracked: options.dev !== undefined, protocol: KEEPALIVED_PROTOCOL };
}
