/**
 * Routes as rtnetlink messages (linux/rtnetlink.h, lwtunnel.h): bytes and values, no socket. What a route means stands in
 * vrrp/host/routes.ts.
 *
 *     struct rtmsg: family, destination length, source length, tos, table, protocol, scope, type: one byte each; flags: four
 */

import { addressBytes, addressFromBytes, familyOf, type Cidr, type Family, type IpAddress } from '../../base/address.js';
import { type Attribute, cstring, decodeAttributes, encodeAttributes, nested, u16, u32, u8 } from '../../base/attributes.js';
import { viewOf } from '../../base/bytes.js';
import type { Encapsulation, NextHop, Realms, Route, RouteMetric, RouteMetricValue, RouteType, WeightedNextHop } from '../../vrrp/host/routes.js';
import { littleEndian } from '../../base/host-order.js';
import { FLAG } from './netlink-messages.js';
import { AF } from '../sockets/sockaddr.js';

export const RTMSG = 12;
const RTNEXTHOP = 8;
const RTA = {
  destination: 1,
  source: 2,
  outputInterface: 4,
  gateway: 5,
  priority: 6,
  preferredSource: 7,
  metrics: 8,
  multipath: 9,
  flow: 11,
  table: 15,
  via: 18,
  preference: 20,
  encapsulationType: 21,
  encapsulation: 22,
  expires: 23,
  ttlPropagate: 26,
} as const;

const TYPES: Readonly<Record<RouteType, number>> = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
  nat: 10,
  xresolve: 11,
};

/** enum RTAX_*. */
const METRICS: Readonly<Record<RouteMetric, number>> = {
  mtu: 2,
  window: 3,
  rtt: 4,
  rttvar: 5,
  ssthresh: 6,
  cwnd: 7,
  advmss: 8,
  reordering: 9,
  hoplimit: 10,
  initcwnd: 11,
  features: 12,
  rto_min: 13,
  initrwnd: 14,
  quickack: 15,
  congctl: 16,
  fastopen_no_cookie: 17,
};
const METRIC_LOCK = 1;

const SCOPE = { universe: 0, link: 253, host: 254, nowhere: 255 } as const;
/** The kernel refuses these types with a wider scope, which is what keepalived asks for. */
const WIDEST_SCOPES: Readonly<Partial<Record<RouteType, number>>> = {
  local: SCOPE.host,
  nat: SCOPE.host,
  broadcast: SCOPE.link,
  anycast: SCOPE.link,
};
const RTNH_F_ONLINK = 4;
const APPEND = 0x800;
/** RT_TABLE_UNSPEC: the number does not fit and stands in an attribute. */
const LARGE_TABLE = 0;

/** What the numbers of devices are at the moment. */
export interface RouteContext {
  readonly indexOf: (name: string) => number;
  /** Of the VRF, or the route's own. */
  readonly table: number;
}

/** Names of the devices without which the route cannot be set. */
export function routeDevices({ interface: name, vrf, nextHops }: Route): readonly string[] {
  const names = [name, vrf, ...nextHops.map((hop) => hop.interface)];
  return names.filter((each) => each !== undefined);
}

/** Beside NLM_F_REQUEST. */
export function routeFlags({ placement }: Route): number {
  switch (placement) {
    case 'add':
      return FLAG.create | FLAG.exclusive;
    case 'prepend':
      return FLAG.create;
    case 'append':
      return FLAG.create | APPEND;
  }
}

/** The payload that sets this route: everything `ip route add` would say. */
export function encodeRouteAddition(route: Route, context: RouteContext): Uint8Array {
  const { metrics, nextHops, expires, preference, ttlPropagate, preferredSource } = route;
  const attributes: Attribute[] = [...selector(route, context), ...hopAttributes(route, route.family, context)];
  if (preferredSource !== undefined) attributes.push({ type: RTA.preferredSource, value: addressBytes(preferredSource) });
  if (expires !== undefined) attributes.push({ type: RTA.expires, value: u32.encode(expires) });
  if (preference !== undefined) attributes.push({ type: RTA.preference, value: u8.encode(preference) });
  if (ttlPropagate !== undefined) attributes.push({ type: RTA.ttlPropagate, value: u8.encode(ttlPropagate ? 1 : 0) });
  if (metrics.length > 0) attributes.push(nested(RTA.metrics, metricAttributes(metrics)));
  if (nextHops.length > 0) {
    const hops = nextHops.map((hop) => encodeNextHop(hop, route.family, context));
    attributes.push({ type: RTA.multipath, value: concatenated(hops) });
  }
  return payload(route, route.scope ?? WIDEST_SCOPES[route.type] ?? SCOPE.universe, context.table, attributes);
}

/**
 * The payload that removes this route, whatever its metrics. Next hops are left out: the kernel takes the route of these
 * properties and this protocol, which nobody else uses.
 */
export function encodeRouteRemoval(route: Route, context: RouteContext): Uint8Array {
  const { gateway, interface: name, family } = route;
  const hop = { ...(gateway === undefined ? {} : { gateway }), ...(name === undefined ? {} : { interface: name }), onLink: false };
  return payload(route, SCOPE.nowhere, context.table, [...selector(route, context), ...hopAttributes(hop, family, context)]);
}

/** The payload of a request for all routes of this protocol, of both families. */
export function routesOfProtocol(protocol: number): Uint8Array {
  const bytes = new Uint8Array(RTMSG);
  bytes[5] = protocol;
  return bytes;
}

/** What identifies a route in the kernel's messages. */
export interface RouteKey {
  /** Family, destination, source, TOS, table, metric and type as one text. */
  readonly key: string;
  /** Both undefined when the message names none or several. */
  readonly interfaceIndex: number | undefined;
  readonly gateway: IpAddress | undefined;
}

/** rtm_protocol; undefined when it is no whole message. Cheap: routers have a million routes of other protocols. */
export function protocolOfRoute(message: Uint8Array): number | undefined {
  return message.length < RTMSG ? undefined : message[5];
}

/** RTM_NEWROUTE or RTM_DELROUTE; undefined when it is no whole message of an IP route. */
export function decodeRouteKey(message: Uint8Array): RouteKey | undefined {
  const [family, length = 0, sourceLength = 0, typeOfService = 0, shortTable = 0, , , type = 0] = message;
  if (message.length < RTMSG || (family !== AF.inet && family !== AF.inet6)) return undefined;
  const attributes = decodeAttributes(message.subarray(RTMSG));
  if (!attributes.ok) return undefined;
  const { value } = attributes;
  const gateway = value.get(RTA.gateway);
  const number = (attribute: number): number | undefined => u32.decode(value.get(attribute) ?? new Uint8Array(0));
  return {
    key: keyOf({
      family,
      destination: [value.get(RTA.destination), length],
      source: [value.get(RTA.source), sourceLength],
      typeOfService,
      table: number(RTA.table) ?? shortTable,
      metric: number(RTA.priority) ?? 0,
      type,
    }),
    interfaceIndex: number(RTA.outputInterface),
    gateway: gateway === undefined ? undefined : addressFromBytes(gateway),
  };
}

/** linux/ipv6_route.h IP6_RT_PRIO_USER: the metric of an IPv6 route without one. */
const DEFAULT_IPV6_METRIC = 1024;

/** The key under which the kernel tells of this route. */
export function keyOfRoute(route: Route, table: number): string {
  const { family, destination, source, typeOfService, metric = 0, type } = route;
  const isIpv6 = family === 'ipv6';
  return keyOf({
    family: isIpv6 ? AF.inet6 : AF.inet,
    destination: [masked(destination), destination.prefixLength],
    source: source === undefined ? [undefined, 0] : [masked(source), source.prefixLength],
    typeOfService,
    table,
    metric: isIpv6 && metric === 0 ? DEFAULT_IPV6_METRIC : metric,
    type: TYPES[type],
  });
}

interface KeyParts {
  readonly family: number;
  readonly destination: readonly [bytes: Uint8Array | undefined, length: number];
  readonly source: readonly [bytes: Uint8Array | undefined, length: number];
  readonly typeOfService: number;
  readonly table: number;
  readonly metric: number;
  readonly type: number;
}

function keyOf({ family, destination, source, typeOfService, table, metric, type }: KeyParts): string {
  const prefix = ([bytes, length]: KeyParts['source']): string => (length === 0 || bytes === undefined ? '' : `${bytes.join('.')}/${length}`);
  return `${family} ${prefix(destination)} ${prefix(source)} ${typeOfService} ${table} ${metric} ${type}`;
}

/** The kernel shows no bits behind the prefix. */
function masked({ address, prefixLength }: Cidr): Uint8Array {
  return addressBytes(address).map((octet, i) => octet & (0xff << (8 - Math.max(0, Math.min(8, prefixLength - i * 8)))));
}

function selector({ destination, source, metric }: Route, { table }: RouteContext): Attribute[] {
  const attributes: Attribute[] = [];
  if (destination.prefixLength > 0) attributes.push({ type: RTA.destination, value: addressBytes(destination.address) });
  if (source !== undefined) attributes.push({ type: RTA.source, value: addressBytes(source.address) });
  if (table > 255) attributes.push({ type: RTA.table, value: u32.encode(table) });
  if (metric !== undefined) attributes.push({ type: RTA.priority, value: u32.encode(metric) });
  return attributes;
}

/** struct rtmsg and its attributes. */
function payload(route: Route, scope: number, table: number, attributes: readonly Attribute[]): Uint8Array {
  const { family, destination, source, typeOfService, protocol, type, onLink } = route;
  const tail = encodeAttributes(attributes);
  const bytes = new Uint8Array(RTMSG + tail.length);
  bytes.set([
    family === 'ipv4' ? AF.inet : AF.inet6,
    destination.prefixLength,
    source?.prefixLength ?? 0,
    typeOfService,
    table > 255 ? LARGE_TABLE : table,
    protocol,
    scope,
    TYPES[type],
  ]);
  viewOf(bytes).setUint32(8, onLink ? RTNH_F_ONLINK : 0, littleEndian);
  bytes.set(tail, RTMSG);
  return bytes;
}

function hopAttributes(hop: NextHop, family: Family, { indexOf }: RouteContext): Attribute[] {
  const { gateway, interface: name, encapsulation, realms } = hop;
  const attributes: Attribute[] = [];
  if (gateway !== undefined) attributes.push(gatewayAttribute(gateway, family));
  if (name !== undefined) attributes.push({ type: RTA.outputInterface, value: u32.encode(indexOf(name)) });
  if (realms !== undefined) attributes.push({ type: RTA.flow, value: u32.encode(flowOf(realms)) });
  if (encapsulation !== undefined) {
    attributes.push({ type: RTA.encapsulationType, value: u16.encode(ENCAPSULATIONS[encapsulation.type]) });
    attributes.push(nested(RTA.encapsulation, encapsulationAttributes(encapsulation)));
  }
  return attributes;
}

/** struct rtvia for a gateway of the other family. */
function gatewayAttribute(gateway: IpAddress, family: Family): Attribute {
  const bytes = addressBytes(gateway);
  if (familyOf(gateway) === family) return { type: RTA.gateway, value: bytes };
  const via = new Uint8Array(2 + bytes.length);
  viewOf(via).setUint16(0, familyOf(gateway) === 'ipv4' ? AF.inet : AF.inet6, littleEndian);
  via.set(bytes, 2);
  return { type: RTA.via, value: via };
}

/** RTA_FLOW of routes and FRA_FLOW of rules. */
export function flowOf({ source, destination }: Realms): number {
  return ((source << 16) | destination) >>> 0;
}

/** struct rtnexthop: length, flags, weight - 1, device; then attributes. The device stands in the header. */
function encodeNextHop(hop: WeightedNextHop, family: Family, context: RouteContext): Uint8Array {
  const { interface: name, weight, onLink } = hop;
  const tail = encodeAttributes(hopAttributes(hop, family, context).filter(({ type }) => type !== RTA.outputInterface));
  const bytes = new Uint8Array(RTNEXTHOP + tail.length);
  const view = viewOf(bytes);
  view.setUint16(0, bytes.length, littleEndian);
  view.setUint8(2, onLink ? RTNH_F_ONLINK : 0);
  view.setUint8(3, weight - 1);
  view.setInt32(4, name === undefined ? 0 : context.indexOf(name), littleEndian);
  bytes.set(tail, RTNEXTHOP);
  return bytes;
}

function metricAttributes(metrics: readonly RouteMetricValue[]): Attribute[] {
  const locks = metrics.reduce((mask, { metric, locked }) => (locked ? mask | (1 << METRICS[metric]) : mask), 0);
  const attributes = metrics.map(({ metric, value }) => ({
    type: METRICS[metric],
    value: typeof value === 'string' ? cstring.encode(value) : u32.encode(value),
  }));
  return locks === 0 ? attributes : [{ type: METRIC_LOCK, value: u32.encode(locks >>> 0) }, ...attributes];
}

/** enum lwtunnel_encap_types. */
const ENCAPSULATIONS: Readonly<Record<Encapsulation['type'], number>> = { mpls: 1, ip: 2, ila: 3, ip6: 4 };
/** enum lwtunnel_ip_t and lwtunnel_ip6_t, which are numbered alike. */
const TUNNEL = { id: 1, destination: 2, source: 3, hopLimit: 4, typeOfService: 5, flags: 6 } as const;
const MPLS_IPTUNNEL_DST = 1;
const ILA_ATTR_LOCATOR = 1;
/** A label stack entry: 20 bits of label, 3 of traffic class, the bottom of stack, 8 of TTL. */
const BOTTOM_OF_STACK = 0x100;

function encapsulationAttributes(encapsulation: Encapsulation): Attribute[] {
  switch (encapsulation.type) {
    case 'mpls':
      return [{ type: MPLS_IPTUNNEL_DST, value: labelStack(encapsulation.labels) }];
    case 'ila':
      return [{ type: ILA_ATTR_LOCATOR, value: bigEndian64(BigInt(`0x${encapsulation.locator}`)) }];
    case 'ip':
    case 'ip6':
      return tunnelAttributes(encapsulation);
  }
}

function tunnelAttributes(tunnel: Extract<Encapsulation, { readonly type: 'ip' | 'ip6' }>): Attribute[] {
  const { id, destination, source, typeOfService, hopLimit, flags } = tunnel;
  const attributes: Attribute[] = [];
  if (id !== undefined) attributes.push({ type: TUNNEL.id, value: bigEndian64(BigInt(id)) });
  if (destination !== undefined) attributes.push({ type: TUNNEL.destination, value: addressBytes(destination) });
  if (source !== undefined) attributes.push({ type: TUNNEL.source, value: addressBytes(source) });
  if (hopLimit !== undefined) attributes.push({ type: TUNNEL.hopLimit, value: u8.encode(hopLimit) });
  if (typeOfService !== undefined) attributes.push({ type: TUNNEL.typeOfService, value: u8.encode(typeOfService) });
  if (flags !== undefined) attributes.push({ type: TUNNEL.flags, value: Uint8Array.of(flags >> 8, flags & 0xff) });
  return attributes;
}

function labelStack(labels: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(labels.length * 4);
  const view = viewOf(bytes);
  for (const [i, label] of labels.entries()) {
    const bottom = i === labels.length - 1 ? BOTTOM_OF_STACK : 0;
    view.setUint32(i * 4, ((label << 12) | bottom) >>> 0);
  }
  return bytes;
}

export function bigEndian64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  viewOf(bytes).setBigUint64(0, value);
  return bytes;
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** For error messages: `route 10.9.0.0/16 via 192.0.2.254 dev eth0`. */
export function describeRoute({ destination, gateway, interface: name }: Route): string {
  const via = gateway === undefined ? '' : ` via ${gateway}`;
  return `route ${destination.address}/${destination.prefixLength}${via}${name === undefined ? '' : ` dev ${name}`}`;
}
