/** What a real server needs for each way in which a director forwards to it: where the address goes, and what the kernel must not do. */

import { familyOf } from '../../base/address.js';
import type { IpAddress } from '../../base/address.js';
import { readSetting } from '../doctor/finding.js';

export const METHODS = ['dr', 'ipip', 'gre', 'gue'] as const;
export type Method = (typeof METHODS)[number];

/** linux/fou.h has none of its own; this is what IPVS and ipvsadm(8) show. */
export const GUE_PORT = 6080;

export interface Equipment {
  /** Where the address is set. */
  readonly device: string;
  /** Modules that bring the device. */
  readonly modules: readonly string[];
  /** UDP port that GUE packets come to. */
  readonly gue: boolean;
}

/** The devices without an end of their own take whatever is for this host, from any director. */
export function equipmentFor(method: Method, address: IpAddress): Equipment {
  const v6 = familyOf(address) === 'ipv6';
  switch (method) {
    case 'dr':
      return { device: 'lo', modules: [], gue: false };
    case 'ipip':
      return v6 ? { device: 'ip6tnl0', modules: ['ip6_tunnel'], gue: false } : { device: 'tunl0', modules: ['ipip'], gue: false };
    case 'gre':
      return v6 ? { device: 'ip6gre0', modules: ['ip6_gre'], gue: false } : { device: 'gre0', modules: ['ip_gre'], gue: false };
    case 'gue':
      return v6 ? { device: 'ip6tnl0', modules: ['ip6_tunnel', 'fou6'], gue: true } : { device: 'tunl0', modules: ['ipip', 'fou'], gue: true };
  }
}

/** A host has the address alone: never the network around it. */
export function cidrOf(address: IpAddress): string {
  return `${address}/${familyOf(address) === 'ipv6' ? 128 : 32}`;
}

/** A setting below /proc/sys, why it must be so, and what else would do. */
export interface Demand {
  readonly path: string;
  readonly value: string;
  readonly why: string;
  readonly isMet: () => boolean;
}

/**
 * Of ARP and the reverse path; IPv6 has nothing of the kind: neighbours are answered for addresses of the interface they ask on.
 * For ARP the larger of `all` and the interface counts, and every interface that the network may ask on is meant.
 */
export function demandsOf(method: Method, address: IpAddress): readonly Demand[] {
  if (familyOf(address) === 'ipv6') return [];
  const { device } = equipmentFor(method, address);
  const all = (name: string): number => Number(readSetting(`net/ipv4/conf/all/${name}`) ?? 0);
  const arp = (name: string, value: number, why: string): Demand => ({ path: `net/ipv4/conf/all/${name}`, value: String(value), why, isMet: () => all(name) >= value });
  const loose: Demand = {
    path: `net/ipv4/conf/${device}/rp_filter`,
    value: '2',
    why: `what comes out of ${device} is answered another way: a strict reverse path filter drops it`,
    isMet: () => Math.max(all('rp_filter'), Number(readSetting(`net/ipv4/conf/${device}/rp_filter`) ?? 0)) !== 1,
  };
  return [
    arp('arp_ignore', 1, `it answers ARP for ${address}: clients reach it past the director`),
    arp('arp_announce', 2, `it asks its neighbours in the name of ${address}, and so claims it`),
    ...(method === 'dr' ? [] : [loose]),
  ];
}
