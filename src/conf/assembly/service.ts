/** Which IPVS services a virtual_server stands for: address and port, firewall mark, or the entries of a group. */

import { addressBits, addressBytes, addressFromBytes, familyOf, parseAddress, parseCidr } from '../../base/address.js';
import type { Family, IpAddress } from '../../base/address.js';
import type { Protocol, ServiceIdentity } from '../../ipvs/tables.js';
import type { Statement, Word } from '../cst.js';
import { quote, readInteger, readPort } from '../keywords/arguments.js';
import { UINT32 } from '../keywords/kinds.js';
import type { Build } from './context.js';

/** The words after `virtual_server`. */
export type ServiceHeader =
  | { readonly kind: 'address'; readonly at: Word; readonly address: IpAddress; readonly port: number }
  | { readonly kind: 'fwmark'; readonly at: Word; readonly fwmark: number }
  | { readonly kind: 'group'; readonly at: Word; readonly group: string };

/** Undefined when it cannot be used: keepalived skips the whole block. */
export function readServiceHeader(build: Build, words: readonly Word[]): ServiceHeader | undefined {
  const { findings } = build;
  const [keyword, first, second, extra] = words;
  if (first === undefined) {
    if (keyword !== undefined) {
      findings.report(
        'missingParameter',
        keyword,
        'virtual_server needs an address, fwmark or group',
        'write: virtual_server ADDRESS PORT {',
      );
    }
    return undefined;
  }
  if (extra !== undefined) findings.report('extraWords', extra, `${quote(extra.text)} has no effect here`);
  if (first.text === 'fwmark' || first.text === 'group') {
    if (second === undefined) {
      findings.report('missingParameter', first, `${first.text} needs a ${first.text === 'group' ? 'name' : 'number'}`);
      return undefined;
    }
    if (first.text === 'group') return { kind: 'group', at: second, group: second.text };
    const fwmark = readInteger(second, 'fwmark', { min: 1, max: UINT32 }, findings);
    return fwmark === undefined ? undefined : { kind: 'fwmark', at: second, fwmark };
  }
  const address = parseAddress(first.text);
  if (address === undefined) {
    findings.report(
      'badAddress',
      first,
      `virtual_server: ${quote(first.text)} is not an IP address; the block is skipped`,
      'write it like 192.0.2.1 or 2001:db8::1',
    );
    return undefined;
  }
  const port = second === undefined || second.text === '0' ? 0 : readPort(second, 'virtual_server', findings);
  return port === undefined ? undefined : { kind: 'address', at: first, address, port };
}

/** One line of a virtual_server_group, ranges expanded. */
export type GroupEntry =
  | { readonly kind: 'addresses'; readonly addresses: readonly IpAddress[]; readonly port: number }
  | { readonly kind: 'fwmark'; readonly fwmark: number; readonly family: Family | undefined };

/** More addresses in one entry than anybody means. */
const MOST_ADDRESSES = 65_536;

export function readGroup(build: Build, statement: Statement): readonly GroupEntry[] {
  return (statement.block?.items ?? []).flatMap((item) => readGroupEntry(build, item.words) ?? []);
}

function readGroupEntry(build: Build, words: readonly Word[]): GroupEntry | undefined {
  const { findings } = build;
  const [first, second, third] = words;
  if (first === undefined) return undefined;
  if (first.text === 'fwmark') {
    if (second === undefined) {
      findings.report('missingParameter', first, 'fwmark needs a number');
      return undefined;
    }
    const fwmark = readInteger(second, 'fwmark', { min: 0, max: UINT32 }, findings);
    const family = third?.text === 'inet6' ? 'ipv6' : third?.text === 'inet' ? 'ipv4' : undefined;
    return fwmark === undefined ? undefined : { kind: 'fwmark', fwmark, family };
  }
  const addresses = expandRange(first.text);
  if (addresses === undefined) {
    findings.report(
      'badAddress',
      first,
      `virtual_server_group: ${quote(first.text)} is no address or range; the line is skipped`,
      'write it like 192.0.2.1, 192.0.2.1-9 or 192.0.2.0/28',
    );
    return undefined;
  }
  const port = second === undefined ? 0 : readPort(second, 'virtual_server_group', findings);
  return port === undefined ? undefined : { kind: 'addresses', addresses, port };
}

/** `IP`, `IP-LAST`, `IP-IP`, `IP/LENGTH`; undefined when it is none of them, runs backwards or is too large. */
function expandRange(text: string): readonly IpAddress[] | undefined {
  const single = parseAddress(text);
  if (single !== undefined) return [single];
  if (text.includes('/')) return expandNetwork(text);
  const dash = text.indexOf('-');
  const from = parseAddress(text.slice(0, dash));
  if (dash < 0 || from === undefined) return undefined;
  const tail = text.slice(dash + 1);
  const to = parseAddress(tail) ?? parseAddress(withLastGroup(from, tail));
  if (to === undefined || familyOf(to) !== familyOf(from)) return undefined;
  const start = valueOf(from);
  const count = valueOf(to) - start + 1n;
  return count < 1n || count > MOST_ADDRESSES ? undefined : successive(start, Number(count), familyOf(from));
}

function expandNetwork(text: string): readonly IpAddress[] | undefined {
  const network = parseCidr(text);
  if (network === undefined) return undefined;
  const bits = addressBits(familyOf(network.address)) - network.prefixLength;
  const start = valueOf(network.address);
  if (bits > 16 || start % 2n ** BigInt(bits) !== 0n) return undefined;
  return successive(start, 2 ** bits, familyOf(network.address));
}

function withLastGroup(address: IpAddress, group: string): string {
  const separator = familyOf(address) === 'ipv4' ? '.' : ':';
  return address.slice(0, address.lastIndexOf(separator) + 1) + group;
}

function valueOf(address: IpAddress): bigint {
  return addressBytes(address).reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
}

function successive(start: bigint, length: number, family: Family): readonly IpAddress[] {
  const size = addressBits(family) / 8;
  return Array.from({ length }, (_, offset) => {
    const bytes = new Uint8Array(size);
    let value = start + BigInt(offset);
    for (let i = size - 1; i >= 0; i -= 1) {
      bytes[i] = Number(value & 0xffn);
      value >>= 8n;
    }
    return addressFromBytes(bytes);
  });
}

/** The kernel's identities of one entry. */
export function identitiesOf(entry: GroupEntry, protocol: Protocol, family: Family): readonly ServiceIdentity[] {
  if (entry.kind === 'fwmark') return [{ kind: 'fwmark', fwmark: entry.fwmark, family: entry.family ?? family }];
  return entry.addresses.map((address) => ({ kind: 'address', protocol, address, port: entry.port }));
}
