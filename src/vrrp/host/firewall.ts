/**
 * The packet filter as tables of rules: packets to addresses that their master does not own are dropped (no_accept), and
 * what the kernel says of itself from a virtual MAC (membership reports, router solicitations) goes out below it or not at
 * all, because switches and snooping must not learn the wrong port. Values only; io/netlink/nftables.ts gives them to the kernel.
 */

import { hostUint32 } from '../../base/host-order.js';
import { FAMILIES, addressBytes, familyOf, isLinkLocal, type Family } from '../../base/address.js';
import { ICMPV6, NEIGHBOUR_ADVERTISEMENT } from '../wire/announcement.js';
import type { FirewallConfig } from '../config/device.js';
import type { DirectorConfig, InstanceConfig, VirtualAddress } from '../config.js';
import { devicesOf } from './devices.js';

/** Offsets in the IP header. */
export type HeaderField = 'protocol' | 'source' | 'destination';

/** One condition or action of a rule, in nft's words. */
export type Expression =
  /** `ip protocol N`, or `meta l4proto` for IPv6, whose header may name an extension first. */
  | { readonly type: 'protocolIs'; readonly protocol: number }
  | { readonly type: 'icmpTypeIs'; readonly icmpType: number }
  | { readonly type: 'icmpTypeIn'; readonly set: string }
  | { readonly type: 'outputKindIs'; readonly kind: string }
  | { readonly type: 'outputIn'; readonly set: string }
  | { readonly type: 'isLinkLocal'; readonly field: 'source' | 'destination' }
  | { readonly type: 'addressIn'; readonly field: 'source' | 'destination'; readonly set: string }
  /** The address together with the interface the packet comes or goes through. */
  | { readonly type: 'addressOnInterfaceIn'; readonly field: 'source' | 'destination'; readonly set: string; readonly by: 'index' | 'name' }
  /** Sends a copy to the destination, out of the interface that `map` names for the one it was meant for. */
  | { readonly type: 'duplicateThrough'; readonly map: string }
  /** The packet's mark becomes what `map` has for protocol and destination, with the destination's port or without. */
  | { readonly type: 'markBy'; readonly map: string; readonly port: boolean }
  | { readonly type: 'counter' }
  | { readonly type: 'drop' | 'accept' }
  | { readonly type: 'goto'; readonly chain: string };

export type KeyType =
  | 'ipv4Address'
  | 'ipv6Address'
  | 'interfaceIndex'
  | 'icmpv6Type'
  | 'ipv6AddressAndIndex'
  | 'ipv6AddressAndName'
  | 'protocolAndIpv4Address'
  | 'protocolAndIpv6Address'
  | 'protocolIpv4AddressAndPort'
  | 'protocolIpv6AddressAndPort';

export interface FilterSet {
  readonly name: string;
  readonly key: KeyType;
  /** From interface index to interface index, unless `gives` says otherwise. */
  readonly isMap: boolean;
  readonly gives?: 'mark';
  /** Of a set that never changes. */
  readonly elements?: readonly Uint8Array[];
}

export interface FilterChain {
  readonly name: string;
  /** Absent = reached by goto only. */
  readonly hook?: 'prerouting' | 'input' | 'output';
  /** In the place of the table's. */
  readonly priority?: number;
  readonly rules: readonly (readonly Expression[])[];
}

export interface FilterTable {
  readonly family: Family;
  readonly sets: readonly FilterSet[];
  readonly chains: readonly FilterChain[];
}

/** A macvlan that the filter keeps quiet. */
export interface QuietDevice {
  readonly family: Family;
  readonly name: string;
  readonly base: string;
}

export interface WantedFirewall {
  readonly settings: FirewallConfig;
  readonly tables: readonly FilterTable[];
  readonly devices: readonly QuietDevice[];
}

/** What is in a set: `value` for maps only. */
export interface FilterElement {
  readonly family: Family;
  readonly set: string;
  readonly key: Uint8Array;
  readonly value?: Uint8Array;
}

const IGMP = 2;
const ROUTER_SOLICITATION = 133;
const NEIGHBOUR_SOLICITATION = 135;
const LISTENER_REPORT = 143;

/** Whether packets to its addresses are dropped while it is master. */
export function dropsPackets({ accept, priority }: Pick<InstanceConfig, 'accept' | 'priority'>): boolean {
  return accept === false && priority !== 255;
}

/** Undefined when these instances need no filter. */
export function firewallOf({ firewall, disableLocalIgmp }: DirectorConfig, instances: readonly InstanceConfig[]): WantedFirewall | undefined {
  if (firewall === undefined) return undefined;
  const config = { disableLocalIgmp: disableLocalIgmp === true };
  const devices = devicesOf(config, instances).devices.flatMap(({ device, family, base, carriesIpv6 }): readonly QuietDevice[] => {
    if (device.type !== 'macvlan') return [];
    const families = FAMILIES.filter((each) => each === family || (each === 'ipv6' && carriesIpv6));
    // Without membership reports of link-local groups there is nothing to keep quiet in IPv4.
    const spoken = families.filter((each) => each === 'ipv6' || !config.disableLocalIgmp);
    return spoken.map((each) => ({ family: each, name: device.name, base }));
  });
  const dropped = new Set(
    instances.filter(dropsPackets).flatMap(({ virtualAddresses, excludedAddresses }) =>
      [...virtualAddresses, ...excludedAddresses].map(({ address }) => familyOf(address)),
    ),
  );
  const tables = FAMILIES.flatMap((family) => {
    const quiet = devices.some((device) => device.family === family);
    return quiet || dropped.has(family) ? [tableOf(family, quiet, dropped.has(family), firewall)] : [];
  });
  return tables.length === 0 ? undefined : { settings: firewall, tables, devices };
}

const VIPS = 'vips';
const LINK_LOCAL_VIPS = 'vips_link_local';
const NEIGHBOUR_DISCOVERY = 'neighbor-discovery';
const DEVICE_MAP = 'vmac_map';
const DEVICE_SET = 'vmac_set';

/** Names and order are keepalived's: who looks at the ruleset finds what he knows. */
function tableOf(family: Family, quiet: boolean, drops: boolean, { counters, matchInterfaceIndex }: FirewallConfig): FilterTable {
  const sets: FilterSet[] = [];
  const out: (readonly Expression[])[] = [];
  const into: (readonly Expression[])[] = [];
  const count: readonly Expression[] = counters ? [{ type: 'counter' }] : [];
  const drop: readonly Expression[] = [...count, { type: 'drop' }];
  const vmac: Expression = { type: 'outputKindIs', kind: 'macvlan' };
  if (quiet) {
    sets.push({ name: DEVICE_MAP, key: 'interfaceIndex', isMap: true });
    const report: readonly Expression[] =
      family === 'ipv4' ? [{ type: 'protocolIs', protocol: IGMP }] : icmp({ type: 'icmpTypeIs', icmpType: LISTENER_REPORT });
    out.push([...report, vmac, { type: 'duplicateThrough', map: DEVICE_MAP }, ...drop]);
  }
  if (quiet && family === 'ipv6') {
    sets.push({ name: DEVICE_SET, key: 'interfaceIndex', isMap: false });
    out.push([...icmp({ type: 'icmpTypeIs', icmpType: ROUTER_SOLICITATION }), vmac, { type: 'outputIn', set: DEVICE_SET }, ...drop]);
  }
  const linkLocalChains: FilterChain[] = [];
  if (drops) sets.push({ name: VIPS, key: family === 'ipv4' ? 'ipv4Address' : 'ipv6Address', isMap: false });
  if (drops && family === 'ipv6') {
    const by = matchInterfaceIndex ? 'index' : 'name';
    sets.push({
      name: NEIGHBOUR_DISCOVERY,
      key: 'icmpv6Type',
      isMap: false,
      elements: [Uint8Array.of(NEIGHBOUR_SOLICITATION), Uint8Array.of(NEIGHBOUR_ADVERTISEMENT)],
    });
    sets.push({ name: LINK_LOCAL_VIPS, key: by === 'index' ? 'ipv6AddressAndIndex' : 'ipv6AddressAndName', isMap: false });
    // Without these the address could not be defended against duplicates, nor found.
    const discovery: readonly Expression[] = [...icmp({ type: 'icmpTypeIn', set: NEIGHBOUR_DISCOVERY }), ...count, { type: 'accept' }];
    for (const [rules, chain, field] of [[into, 'in_link_local', 'destination'], [out, 'out_link_local', 'source']] as const) {
      rules.push(discovery, [{ type: 'isLinkLocal', field }, ...count, { type: 'goto', chain }]);
      linkLocalChains.push({ name: chain, rules: [[{ type: 'addressOnInterfaceIn', field, set: LINK_LOCAL_VIPS, by }, ...drop]] });
    }
  }
  if (drops) {
    into.push([{ type: 'addressIn', field: 'destination', set: VIPS }, ...drop]);
    out.push([{ type: 'addressIn', field: 'source', set: VIPS }, ...drop]);
  }
  const chains: FilterChain[] = [{ name: 'out', hook: 'output', rules: out }];
  if (drops) chains.push({ name: 'in', hook: 'input', rules: into });
  return { family, sets, chains: [...chains, ...linkLocalChains] };
}

function icmp(type: Expression): readonly Expression[] {
  return [{ type: 'protocolIs', protocol: ICMPV6 }, type];
}

/**
 * What the changing sets hold now. `dropped`: the addresses whose packets are dropped; `indexOf`: undefined for an interface
 * that does not exist.
 */
export function elementsOf(
  { settings, devices }: WantedFirewall,
  dropped: readonly VirtualAddress[],
  indexOf: (name: string) => number | undefined,
): readonly FilterElement[] {
  const quiet = devices.flatMap(({ family, name, base }): readonly FilterElement[] => {
    const device = indexOf(name);
    const below = indexOf(base);
    if (device === undefined || below === undefined) return [];
    const mapped: FilterElement = { family, set: DEVICE_MAP, key: hostUint32(device), value: hostUint32(below) };
    return family === 'ipv4' ? [mapped] : [mapped, { family, set: DEVICE_SET, key: hostUint32(device) }];
  });
  const vips = dropped.flatMap(({ address, interface: name }): readonly FilterElement[] => {
    const family = familyOf(address);
    const bytes = addressBytes(address);
    if (family === 'ipv4' || !isLinkLocal(address)) return [{ family, set: VIPS, key: bytes }];
    const index = indexOf(name);
    if (settings.matchInterfaceIndex && index === undefined) return [];
    const where = settings.matchInterfaceIndex ? hostUint32(index ?? 0) : interfaceName(name);
    return [{ family, set: LINK_LOCAL_VIPS, key: Uint8Array.of(...bytes, ...where) }];
  });
  return [...quiet, ...vips];
}

/** IFNAMSIZ bytes, zero-padded. */
export function interfaceName(name: string): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, i) => (i < name.length ? name.charCodeAt(i) : 0));
}
