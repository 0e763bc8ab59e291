/**
 * IP addresses as canonical text: equal addresses are equal strings, so they serve as keys, travel over IPC and print as
 * they are. IPv4 is dotted decimal without leading zeros; IPv6 is RFC 5952 (lower case, longest zero run shortened).
 */

import { fromHex } from './bytes.js';

declare const addressBrand: unique symbol;

export type IpAddress = string & { readonly [addressBrand]: true };
/** Both, in the order in which they are treated where the order shows. */
export const FAMILIES = ['ipv4', 'ipv6'] as const;
export type Family = (typeof FAMILIES)[number];

/** An address with its prefix length (IPv4 0-32, IPv6 0-128). */
export interface Cidr {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** Parses what inet_pton accepts (no zone, no prefix). Undefined when the text is not an address. */
export function parseAddress(text: string): IpAddress | undefined {
  if (!text.includes(':')) return isIpv4(text) ? (text as IpAddress) : undefined;
  const bytes = parseIpv6(text);
  return bytes === undefined ? undefined : addressFromBytes(bytes);
}

/** Parses `ADDRESS[/LENGTH]`; without a length the whole address counts (32 or 128). */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const widest = addressBits(familyOf(address));
  if (slash < 0) return { address, prefixLength: widest };
  const length = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(length) || Number(length) > widest) return undefined;
  return { address, prefixLength: Number(length) };
}

export function familyOf(address: IpAddress): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

/** 32 or 128. */
export function addressBits(family: Family): number {
  return family === 'ipv4' ? 32 : 128;
}

/** 4 or 16 bytes in network order. */
export function addressBytes(address: IpAddress): Uint8Array {
  const bytes = address.includes(':') ? parseIpv6(address) : parseIpv4(address);
  if (bytes === undefined) throw new RangeError(`not a canonical address: ${address}`);
  return bytes;
}

/** The address in 4 or 16 bytes of network order; any other length throws RangeError (a bug). */
export function addressFromBytes(bytes: Uint8Array): IpAddress {
  if (bytes.length === 4) return `${bytes[0] ?? 0}.${bytes[1] ?? 0}.${bytes[2] ?? 0}.${bytes[3] ?? 0}` as IpAddress;
  if (bytes.length === 16) return formatIpv6(bytes) as IpAddress;
  throw new RangeError(`an address has 4 or 16 bytes, not ${bytes.length}`);
}

/** Orders by unsigned network-order value (RFC 5798 6.4.3); IPv4 sorts before IPv6. */
export function compareAddresses(a: IpAddress, b: IpAddress): number {
  const left = addressBytes(a);
  const right = addressBytes(b);
  if (left.length !== right.length) return left.length - right.length;
  for (const [i, octet] of left.entries()) {
    const difference = octet - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** 224.0.0.0/4 or ff00::/8. */
export function isMulticast(address: IpAddress): boolean {
  if (address.includes(':')) return address.startsWith('ff') && address.indexOf(':') === 4;
  const first = Number.parseInt(address, 10);
  return first >= 224 && first <= 239;
}

/** fe80::/10 or 169.254/16. */
export function isLinkLocal(address: IpAddress): boolean {
  return address.startsWith('169.254.') || LINK_LOCAL_IPV6.test(address);
}

/** fe80::/10 in canonical text. */
const LINK_LOCAL_IPV6 = /^fe[89ab][0-9a-f]:/;

const DOT = 0x2e;

/** Four numbers up to 255 without leading zeros: only one text for an address, and it is canonical. */
function isIpv4(text: string): boolean {
  let dots = 0;
  let digits = 0;
  let value = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === DOT && digits > 0) {
      dots += 1;
      digits = 0;
      value = 0;
    } else if (code < 0x30 || code > 0x39 || (digits > 0 && value === 0)) {
      return false;
    } else {
      value = value * 10 + code - 0x30;
      digits += 1;
      if (value > 255) return false;
    }
  }
  return dots === 3 && digits > 0;
}

function parseIpv4(text: string): Uint8Array | undefined {
  if (!isIpv4(text)) return undefined;
  const bytes = new Uint8Array(4);
  let place = 0;
  let value = 0;
  // Without pieces of text in between: there may be thousands of them at once.
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 0x2e) {
      bytes[place] = value;
      place += 1;
      value = 0;
    } else value = value * 10 + code - 0x30;
  }
  bytes[place] = value;
  return bytes;
}

function parseIpv6(text: string): Uint8Array | undefined {
  let hexText = text;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted) {
    const tail = parseIpv4(dotted[2] ?? '');
    if (tail === undefined) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = tail;
    hexText = `${dotted[1] ?? ''}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const halves = hexText.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const [head = [], tail = []] = groups;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...head, ...Array.from({ length: halves.length === 2 ? missing : 0 }, () => '0'), ...tail];
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return fromHex(all.map((group) => group.padStart(4, '0')).join(''));
}

function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${Array.from(bytes.subarray(12)).join('.')}`;
  }
  const run = longestZeroRun(groups);
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return run.length < 2 ? hex(0, 8) : `${hex(0, run.start)}::${hex(run.start + run.length, 8)}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = -1;
  for (const [i, group] of [...groups, 1].entries()) {
    if (group === 0 && start < 0) start = i;
    if (group !== 0 && start >= 0) {
      if (i - start > best.length) best = { start, length: i - start };
      start = -1;
    }
  }
  return best;
}
