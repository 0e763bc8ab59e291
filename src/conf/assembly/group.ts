/** virtual_server_group: addresses, ranges of them and firewall marks that share one pool. */

import { addressBits, addressBytes, addressFromBytes, familyOf, parseAddress, parseCidr } from '../../base/address.js';
import type { Family, IpAddress } from '../../base/address.js';
import type { GroupEntry } from '../../health/config.js';
import type { Protocol, ServiceIdentity } from '../../ipvs/tables.js';
import type { Statement, Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote, readInteger, readPort } from '../keywords/arguments.js';
import { UINT32 } from '../keywords/kinds.js';
import type { Located } from '../keywords/schema.js';
import { blockName, MOST_GROUP_SERVICES } from './context.js';
import type { Build } from './context.js';

/** A line of the group; `family` of a mark is undefined where none is written. */
export type EntryLine = GroupEntry & { readonly at: Word; readonly family: Family | undefined };

export interface Group {
  readonly name: string;
  readonly at: Word;
  readonly entries: readonly EntryLine[];
}

/** More addresses in one entry than anybody means: each is a service of the kernel. */
const MOST_ADDRESSES = 65_536;

/** By name; of equal names references find the first. Those that cannot be used are left out, as keepalived does. */
export function buildGroups(build: Build, located: readonly Located<Statement>[]): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  for (const { value } of located) {
    const [keyword, first] = value.words;
    if (keyword !== undefined && first === undefined) {
      build.findings.report('missingParameter', keyword, `${keyword.text} needs a name`, `write: ${keyword.text} NAME {`);
      continue;
    }
    const name = blockName(value, build.findings);
    if (name === undefined) continue;
    const entries = (value.block?.items ?? []).flatMap((item) => readEntry(build.findings, item.words) ?? []);
    if (!isUsable(build.findings, name, entries)) continue;
    if (groups.has(name.text)) {
      const message = `virtual_server_group ${name.text} stands here a second time: the first one is used`;
      build.findings.report('groupDuplicate', name, message, 'give it another name');
    } else {
      groups.set(name.text, { name: name.text, at: name, entries });
    }
  }
  return groups;
}

/** A mark without family takes that of the addresses beside it, which only works while they are of one. */
function isUsable(findings: Findings, name: Word, entries: readonly EntryLine[]): boolean {
  const families = new Set(entries.flatMap(({ family }) => family ?? []));
  const vague = entries.find((entry) => entry.kind === 'fwmark' && entry.family === undefined);
  if (entries.length > 0 && (families.size < 2 || vague === undefined)) return true;
  const reason =
    vague === undefined ? 'has no usable entry' : `has IPv4, IPv6 and a firewall mark of neither: which of them is fwmark ${markOf(vague)}`;
  const hint = vague === undefined ? 'write: ADDRESS PORT' : `write: fwmark ${markOf(vague)} inet or inet6`;
  findings.report('groupInvalid', vague?.at ?? name, `virtual_server_group ${name.text} ${reason}; it is left out`, hint);
  return false;
}

function markOf(entry: EntryLine): string {
  return entry.kind === 'fwmark' ? String(entry.fwmark) : '';
}

function readEntry(findings: Findings, words: readonly Word[]): EntryLine | undefined {
  const [first, second, third] = words;
  if (first === undefined) return undefined;
  if (first.text === 'fwmark') return readMark(findings, first, second, third);
  const range = readRange(first, findings);
  if (range === undefined) return undefined;
  const port = second === undefined || second.text === '0' ? 0 : readPort(second, 'virtual_server_group', findings);
  if (port === undefined) return undefined;
  if (third !== undefined) findings.report('extraWords', third, `${quote(third.text)} has no effect here`);
  return { kind: 'addresses', at: first, ...range, port, family: familyOf(range.from) };
}

function readMark(findings: Findings, keyword: Word, mark: Word | undefined, word: Word | undefined): EntryLine | undefined {
  if (mark === undefined) {
    findings.report('missingParameter', keyword, 'fwmark needs a number');
    return undefined;
  }
  const fwmark = readInteger(mark, 'fwmark', { min: 0, max: UINT32 }, findings, 'exact');
  if (word !== undefined && word.text !== 'inet' && word.text !== 'inet6') {
    findings.report('badValue', word, `fwmark: the family ${quote(word.text)} is not known; the line is skipped`, 'write inet or inet6');
    return undefined;
  }
  const family = word === undefined ? undefined : word.text === 'inet6' ? 'ipv6' : 'ipv4';
  return fwmark === undefined ? undefined : { kind: 'fwmark', at: mark, fwmark, family };
}

interface Range {
  readonly from: IpAddress;
  readonly to: IpAddress;
}

/** `IP`, `IP-LAST`, `IP-IP`, `IP/LENGTH`. */
function readRange(word: Word, findings: Findings): Range | undefined {
  const single = parseAddress(word.text);
  if (single !== undefined) return { from: single, to: single };
  const range = word.text.includes('/') ? networkOf(word.text) : spanOf(word.text);
  if (typeof range === 'string') {
    findings.report(
      'badAddress',
      word,
      `virtual_server_group: ${quote(word.text)} ${range}; the line is skipped`,
      'write it like 192.0.2.1, 192.0.2.1-9 or 192.0.2.0/28',
    );
    return undefined;
  }
  if (valueOf(range.to) - valueOf(range.from) < MOST_ADDRESSES) return range;
  const message = `virtual_server_group: ${quote(word.text)} is more than ${MOST_ADDRESSES} services; the line is skipped`;
  findings.report('tooManyAddresses', word, message, 'write a firewall mark for so many addresses');
  return undefined;
}

/** The range of a network, or what is wrong with it. */
function networkOf(text: string): Range | string {
  const network = parseCidr(text);
  if (network === undefined) return 'is no network';
  const family = familyOf(network.address);
  const count = 2n ** BigInt(addressBits(family) - network.prefixLength);
  const start = valueOf(network.address);
  if (start % count !== 0n) return 'has bits set behind its prefix';
  return { from: network.address, to: addressOf(start + count - 1n, family) };
}

function spanOf(text: string): Range | string {
  const dash = text.indexOf('-');
  const from = dash < 0 ? undefined : parseAddress(text.slice(0, dash));
  if (from === undefined) return 'is no address or range';
  const tail = text.slice(dash + 1);
  const whole = parseAddress(tail);
  const to = whole ?? parseAddress(withLastGroup(from, tail));
  if (to === undefined || familyOf(to) !== familyOf(from)) return 'ends in no address of its family';
  const count = valueOf(to) - valueOf(from);
  if (count < 0n || (count === 0n && whole === undefined)) return 'does not end behind its start';
  return { from, to };
}

function withLastGroup(address: IpAddress, group: string): string {
  const separator = familyOf(address) === 'ipv4' ? '.' : ':';
  return address.slice(0, address.lastIndexOf(separator) + 1) + group;
}

function valueOf(address: IpAddress): bigint {
  return addressBytes(address).reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
}

function addressOf(value: bigint, family: Family): IpAddress {
  const bytes = new Uint8Array(addressBits(family) / 8);
  let rest = value;
  for (let i = bytes.length - 1; i >= 0; i -= 1) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return addressFromBytes(bytes);
}

/** False when this group would make more services than are left for all uses of groups; that has been reported then. */
export function hasRoomFor({ room, findings }: Build, group: Group, at: Word): boolean {
  const count = group.entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (count <= room.services) {
    room.services -= count;
    return true;
  }
  const message = `with group ${group.name} here too, groups make more than ${MOST_GROUP_SERVICES} services; the block is skipped`;
  findings.report('tooManyAddresses', at, message, 'write a firewall mark for so many addresses');
  return false;
}

function sizeOf(entry: EntryLine): number {
  return entry.kind === 'fwmark' ? 1 : Number(valueOf(entry.to) - valueOf(entry.from)) + 1;
}

/** The kernel's identities of one entry. `family`: of marks that name none. */
export function identitiesOf(entry: EntryLine, protocol: Protocol, family: Family): readonly ServiceIdentity[] {
  if (entry.kind === 'fwmark') return [{ kind: 'fwmark', fwmark: entry.fwmark, family: entry.family ?? family }];
  const start = valueOf(entry.from);
  const own = familyOf(entry.from);
  return Array.from({ length: sizeOf(entry) }, (_, offset) => ({
    kind: 'address',
    protocol,
    address: offset === 0 ? entry.from : addressOf(start + BigInt(offset), own),
    port: entry.port,
  }));
}
