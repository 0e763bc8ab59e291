/** Object identifiers and the values of SNMP (RFC 2578 section 7), independent of how they travel. Pure. */

import { addressBytes } from '../../base/address.js';
import type { IpAddress } from '../../base/address.js';

/** Each number 0-4294967295. */
export type Oid = readonly number[];

export type SnmpValue =
  /** -2^31 to 2^31-1. */
  | { readonly type: 'integer'; readonly value: number }
  /** 0 to 2^32-1; time in hundredths of a second. */
  | { readonly type: 'gauge' | 'counter' | 'timeTicks'; readonly value: number }
  | { readonly type: 'counter64'; readonly value: bigint }
  | { readonly type: 'octets'; readonly value: Uint8Array }
  /** Four bytes. */
  | { readonly type: 'address'; readonly value: Uint8Array }
  | { readonly type: 'oid'; readonly value: Oid };

const TWO_TO_32 = 0x1_0000_0000;

/** Lexicographic, as GETNEXT goes. */
export function compareOids(a: Oid, b: Oid): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function startsWith(oid: Oid, prefix: Oid): boolean {
  return oid.length >= prefix.length && prefix.every((part, i) => oid[i] === part);
}

/** `1.3.6.1`. */
export function oidOf(text: string): Oid {
  return text.split('.').map(Number);
}

export function integer(value: number): SnmpValue {
  return { type: 'integer', value: Math.trunc(value) | 0 };
}

/** What does not fit stays at the end of the range, as RFC 2578 says of gauges. */
export function gauge(value: number): SnmpValue {
  return { type: 'gauge', value: Math.min(Math.max(0, Math.trunc(value)), TWO_TO_32 - 1) };
}

/** Wraps round. */
export function counter(value: number): SnmpValue {
  return { type: 'counter', value: Math.trunc(value) % TWO_TO_32 };
}

export function counter64(value: number | bigint): SnmpValue {
  return { type: 'counter64', value: BigInt.asUintN(64, BigInt(value)) };
}

/** `hundredths` of a second; wraps round. */
export function timeTicks(hundredths: number): SnmpValue {
  return { type: 'timeTicks', value: Math.max(0, Math.trunc(hundredths)) % TWO_TO_32 };
}

/** UTF-8. */
export function text(value: string): SnmpValue {
  return { type: 'octets', value: Buffer.from(value) };
}

export function octets(value: Uint8Array): SnmpValue {
  return { type: 'octets', value };
}

/** InetAddress: four or sixteen bytes. */
export function inetAddress(address: IpAddress): SnmpValue {
  return octets(addressBytes(address));
}

/** IpAddress of SNMP, IPv4 only. */
export function ipv4Address(address: IpAddress): SnmpValue {
  return { type: 'address', value: addressBytes(address) };
}

export function oid(value: Oid): SnmpValue {
  return { type: 'oid', value };
}

/** TruthValue and the many enumerations that mean the same: 1 = yes, 2 = no. */
export function yesNo(value: boolean): SnmpValue {
  return integer(value ? 1 : 2);
}
