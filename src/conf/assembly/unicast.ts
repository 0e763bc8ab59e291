/** Where the adverts of an instance come from and go to: peers, source, multicast destination. */

import { familyOf, isLinkLocal, isMulticast } from '../../base/address.js';
import type { Family, IpAddress } from '../../base/address.js';
import type { InstanceConfig } from '../../vrrp/config.js';
import type { UnicastConfig, UnicastPeer } from '../../vrrp/config/unicast.js';
import type { Word } from '../cst.js';
import type { Located, Values } from '../keywords/schema.js';
import type { unicastKeywords } from '../keywords/unicast.js';
import type { vrrpInstance } from '../keywords/vrrp-instance.js';
import type { Build } from './context.js';

type InstanceValues = Values<(typeof vrrpInstance)['keywords']>;
type UnicastValues = Values<typeof unicastKeywords>;

const HOP_LIMIT = 255;

/** Undefined for multicast: without peers, except that unicast_fault_no_peer wants a fault then. */
export function buildUnicast(build: Build, name: Word, values: UnicastValues, family: Family): UnicastConfig | undefined {
  const { findings, globals } = build;
  const peers = peersOf(build, name, values, family);
  if (peers.length === 0 && values.unicast_fault_no_peer === undefined) {
    const about = values.unicast_peer ?? values.unicast_src_ip ?? values.check_unicast_src ?? values.old_unicast_checksum;
    if (about !== undefined) {
      const message = `(${name.text}) there is no unicast peer: adverts go to the multicast group`;
      findings.report('badUnicast', about.at, message, 'write unicast_peer { ADDRESS }, or mcast_src_ip for the source');
    }
    if (values.unicast_ttl !== undefined) {
      findings.report('badUnicast', values.unicast_ttl.at, `(${name.text}) unicast_ttl without unicast peers is ignored`, 'remove it');
    }
    return undefined;
  }
  if (peers.length === 0) {
    if (values.unicast_peer === undefined) return undefined;
    const message = `(${name.text}) there is no unicast peer: the instance stays in FAULT`;
    findings.report('adjusted', values.unicast_peer.at, message, 'write unicast_peer { ADDRESS }');
  }
  const checkSource = values.check_unicast_src !== undefined || globals.vrrp_check_unicast_src !== undefined;
  return {
    peers,
    hopLimit: values.unicast_ttl?.value ?? HOP_LIMIT,
    checkSource,
    oldChecksum: values.old_unicast_checksum?.value ?? 'detect',
  };
}

function peersOf(build: Build, name: Word, values: UnicastValues, family: Family): readonly UnicastPeer[] {
  const peers = new Map<IpAddress, UnicastPeer>();
  for (const { at, address, minimumHopLimit, maximumHopLimit } of values.unicast_peer?.value ?? []) {
    if (familyOf(address) !== family) {
      const message = `(${name.text}) peer ${address} is not of the instance's address family; the line is skipped`;
      build.findings.report('wrongFamily', at, message, 'peers and virtual addresses have one family');
    } else if (peers.has(address)) {
      build.findings.report('uselessLine', at, `(${name.text}) peer ${address} stands here twice`, 'remove one of the lines');
    } else {
      peers.set(address, { address, minimumHopLimit, maximumHopLimit });
    }
  }
  return [...peers.values()];
}

/** mcast_src_ip and unicast_src_ip are one setting: the later line counts. */
export function sourceLine({ mcast_src_ip: multicast, unicast_src_ip: unicast }: UnicastValues): Located<IpAddress> | undefined {
  if (multicast === undefined || unicast === undefined) return multicast ?? unicast;
  return multicast.order > unicast.order ? multicast : unicast;
}

export function buildSource(
  build: Build,
  name: Word,
  values: UnicastValues,
  family: Family,
): Pick<InstanceConfig, 'source' | 'trackSource'> {
  const source = sourceLine(values);
  const { track_src_ip: track } = values;
  if (source !== undefined && familyOf(source.value) !== family) {
    const message = `(${name.text}) the source address is not of the instance's address family; it is ignored`;
    build.findings.report('wrongFamily', source.at, message);
    return {};
  }
  if (source === undefined) {
    if (track === undefined) return {};
    const message = `(${name.text}) track_src_ip has no effect without a source address`;
    build.findings.report('uselessLine', track.at, message, 'write mcast_src_ip or unicast_src_ip');
    return {};
  }
  return { source: source.value, ...(track === undefined ? {} : { trackSource: true }) };
}

/** The instance's own multicast group; undefined for that of the director. */
export function buildDestination(
  build: Build,
  name: Word,
  { mcast_dst_ip: located }: UnicastValues,
  family: Family,
  unicast: UnicastConfig | undefined,
): IpAddress | undefined {
  const { findings } = build;
  if (located === undefined) return undefined;
  const { value, at } = located;
  const linkLocal = family === 'ipv4' || value.startsWith('ff02:');
  if (!isMulticast(value) || !linkLocal) {
    const what = isMulticast(value) ? 'multicast address of the link' : 'multicast address';
    findings.report('badAddress', at, `(${name.text}) ${value} is no ${what}; it is ignored`, 'write one like 224.0.0.18 or ff02::12');
    return undefined;
  }
  if (familyOf(value) !== family) {
    findings.report('wrongFamily', at, `(${name.text}) ${value} is not of the instance's address family; it is ignored`);
    return undefined;
  }
  if (unicast !== undefined) {
    findings.report('badUnicast', at, `(${name.text}) a multicast destination together with unicast peers is ignored`, 'remove one of them');
    return undefined;
  }
  return value;
}

/**
 * Fixed by whichever stands first: an entry of virtual_ipaddress, a source, a multicast destination, a peer, or the
 * address of an ipvlan.
 */
export function familyOfInstance(values: InstanceValues): Family {
  const candidates: (readonly [order: number, address: IpAddress | undefined])[] = [
    [values.virtual_ipaddress?.order ?? 0, values.virtual_ipaddress?.value[0]?.cidr.address],
    [values.mcast_src_ip?.order ?? 0, values.mcast_src_ip?.value],
    [values.unicast_src_ip?.order ?? 0, values.unicast_src_ip?.value],
    [values.mcast_dst_ip?.order ?? 0, usableDestination(values.mcast_dst_ip)],
    [values.unicast_peer?.order ?? 0, values.unicast_peer?.value[0]?.address],
    [values.use_ipvlan?.order ?? 0, values.use_ipvlan?.value.address?.cidr.address],
  ];
  let first: readonly [number, IpAddress] | undefined;
  for (const [order, address] of candidates) {
    if (address !== undefined && (first === undefined || order < first[0])) first = [order, address];
  }
  return first === undefined ? 'ipv4' : familyOf(first[1]);
}

function usableDestination(located: Located<IpAddress> | undefined): IpAddress | undefined {
  return located !== undefined && isMulticast(located.value) ? located.value : undefined;
}

/** What stands in for an interface: peers and a source that needs none, or a VRF. */
export function worksWithoutInterface(values: InstanceValues, unicast: UnicastConfig | undefined): boolean {
  const source = sourceLine(values)?.value;
  return unicast !== undefined && source !== undefined && !(familyOf(source) === 'ipv6' && isLinkLocal(source));
}
