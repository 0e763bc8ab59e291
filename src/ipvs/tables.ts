/** The kernel's LVS tables as values. Identity (key) is apart from state, and counters appear nowhere. */

import type { Family, IpAddress } from '../base/address.js';

export type Protocol = 'tcp' | 'udp' | 'sctp';

export type ServiceIdentity =
  | { readonly kind: 'address'; readonly protocol: Protocol; readonly address: IpAddress; readonly port: number }
  | { readonly kind: 'fwmark'; readonly fwmark: number; readonly family: Family };

/** Scheduler flag bits as in linux/ip_vs.h; persistence (0x1) is derived from the timeout. */
export const SERVICE_FLAGS = { onePacket: 0x4, scheduler1: 0x8, scheduler2: 0x10, scheduler3: 0x20 } as const;

export interface Service {
  readonly identity: ServiceIdentity;
  /** Kernel name: rr, wrr, lc, wlc, lblc, lblcr, sh, dh, mh, fo, ovf, sed, nq, twos. */
  readonly scheduler: string;
  /** Bits of SERVICE_FLAGS. */
  readonly flags: number;
  /** Seconds; 0 = not persistent. */
  readonly persistenceTimeout: number;
  /** IPv4: prefix of the mask as dotted text, e.g. 255.255.255.255; IPv6: prefix length as text. */
  readonly persistenceGranularity: string;
  readonly persistenceEngine?: string;
}

export type ForwardingMethod = 'nat' | 'tunnel' | 'direct';

/** TUN encapsulation: linux/ip_vs.h IP_VS_CONN_F_TUNNEL_TYPE_*. */
export interface Tunnel {
  readonly type: 'ipip' | 'gue' | 'gre';
  /** GUE only; 0 otherwise. */
  readonly port: number;
  readonly checksum: 'none' | 'checksum' | 'remote';
}

export interface Destination {
  readonly address: IpAddress;
  readonly port: number;
  readonly method: ForwardingMethod;
  readonly tunnel?: Tunnel;
  /** 0..2^31-1. */
  readonly weight: number;
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
}

export type ServiceKey = string & { readonly __serviceKey?: never };
export type DestinationKey = string & { readonly __destinationKey?: never };

export interface ServiceEntry {
  readonly service: Service;
  readonly destinations: ReadonlyMap<DestinationKey, Destination>;
}

export type Tables = ReadonlyMap<ServiceKey, ServiceEntry>;

/** `tcp 192.0.2.1:80`, `tcp [2001:db8::1]:80` or `fwmark 7 ipv4`: equal services have equal keys. */
export function serviceKey(identity: ServiceIdentity): ServiceKey {
  if (identity.kind === 'fwmark') return `fwmark ${identity.fwmark} ${identity.family}`;
  return `${identity.protocol} ${endpoint(identity.address, identity.port)}`;
}

/** `192.0.2.1:80` or `[2001:db8::1]:80`. */
export function destinationKey(destination: Pick<Destination, 'address' | 'port'>): DestinationKey {
  return endpoint(destination.address, destination.port);
}

/** One server of one service: what is told about it alone. */
export function entryKey(service: ServiceKey, destination: DestinationKey): string {
  return `${service} -> ${destination}`;
}

function endpoint(address: IpAddress, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What the kernel counts for one destination. */
export interface Connections {
  readonly active: number;
  readonly inactive: number;
  readonly persistent: number;
}
