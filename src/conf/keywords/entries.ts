/** The entries of address blocks: one line each, options in any order. */

import { addressBits, familyOf, parseAddress, parseCidr } from '../../base/address.js';
import type { Cidr, IpAddress } from '../../base/address.js';
import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote, readAddress, readInteger } from './arguments.js';
import { UINT32 } from './kinds.js';

/** One line of virtual_ipaddress, before the instance's interface is known. */
export interface AddressEntry {
  readonly at: Word;
  readonly cidr: Cidr;
  readonly dev?: Word;
  readonly scope?: number;
  readonly label?: string;
  /** `+` sets the host bits, `-` clears them. */
  readonly broadcast?: IpAddress | '+' | '-';
  readonly peer?: IpAddress;
  readonly preferredLifetime?: number | 'forever';
  readonly flags: ReadonlySet<string>;
}

const FLAGS: ReadonlySet<string> = new Set(['home', '-nodad', 'mngtmpaddr', 'noprefixroute', 'autojoin', 'no_track']);
const IPV6_FLAGS: ReadonlySet<string> = new Set(['home', '-nodad', 'mngtmpaddr']);

/** Kernel scopes by iproute2's built-in names (rtnetlink.h RT_SCOPE_*). */
const SCOPES: ReadonlyMap<string, number> = new Map([
  ['global', 0],
  ['site', 200],
  ['link', 253],
  ['host', 254],
  ['nowhere', 255],
]);

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads `ADDR[/LEN] [OPTION...]`. A bad address drops the line, an option that is not known is skipped. */
export function readVirtualAddress(words: readonly Word[], findings: Findings): AddressEntry | undefined {
  const [first, ...rest] = words;
  if (first === undefined) return undefined;
  const cidr = parseCidr(first.text) ?? withOddPrefix(first, findings);
  if (cidr === undefined) {
    findings.report(
      'badAddress',
      first,
      `${quote(first.text)} is not an address; the line is skipped`,
      'write it like 192.0.2.100/24 or 2001:db8::1/64',
    );
    return undefined;
  }
  const flags = new Set<string>();
  const entry: Writable<AddressEntry> = { at: first, cidr, flags };
  for (let index = 0; index < rest.length; ) {
    const option = rest[index];
    if (option === undefined) break;
    if (FLAGS.has(option.text)) {
      if (IPV6_FLAGS.has(option.text) && familyOf(cidr.address) === 'ipv4') {
        findings.report('uselessLine', option, `${option.text} is for IPv6 addresses only; it is ignored`);
      } else {
        flags.add(option.text);
      }
      index += 1;
      continue;
    }
    const value = rest[index + 1];
    const outcome = readOption(entry, option, value, findings);
    if (outcome === 'drop') return undefined;
    index += outcome === 'unknown' ? 1 : 2;
  }
  return checkPeer(entry, first, findings);
}

/** A prefix length that is too long counts as the whole address, one that is not quite a number as what it begins with. */
function withOddPrefix(word: Word, findings: Findings): Cidr | undefined {
  const [, text, length] = /^([^/]*)\/(\d{0,9})/.exec(word.text) ?? [];
  const whole = text === undefined ? undefined : parseCidr(text);
  if (whole === undefined || length === undefined) return undefined;
  const prefixLength = Math.min(Number(length), whole.prefixLength);
  const message = `${quote(word.text)}: the prefix length must be 0 to ${whole.prefixLength}; ${prefixLength} is used`;
  findings.report('outOfRange', word, message, 'write it like /24');
  return { address: whole.address, prefixLength };
}

function readOption(
  entry: Writable<AddressEntry>,
  option: Word,
  value: Word | undefined,
  findings: Findings,
): 'read' | 'unknown' | 'drop' {
  const known = ['dev', 'scope', 'label', 'broadcast', 'brd', 'peer', 'preferred_lft', 'track_group', 'use_vmac'];
  if (!known.includes(option.text)) {
    const second = parseCidr(option.text) === undefined ? undefined : 'one address per line';
    findings.report('badValue', option, `${quote(option.text)} is no option of an address; it is ignored`, second);
    return 'unknown';
  }
  if (option.text === 'use_vmac' || option.text === 'track_group') {
    findings.report('notSupportedYet', option, `${option.text} of an address is not supported yet and has no effect`);
    return option.text === 'use_vmac' ? 'unknown' : 'read';
  }
  if (value === undefined) {
    findings.report('badValue', option, `${option.text} of an address needs a value; the line is skipped`);
    return 'drop';
  }
  return readValuedOption(entry, option.text, value, findings);
}

function readValuedOption(entry: Writable<AddressEntry>, option: string, value: Word, findings: Findings): 'read' | 'drop' {
  const ipv4 = familyOf(entry.cidr.address) === 'ipv4';
  if (option === 'dev') {
    if (entry.dev !== undefined) {
      findings.report(
        'repeatedKeyword',
        value,
        'dev stands on this line a second time; the line is skipped',
        'one interface per address',
      );
      return 'drop';
    }
    entry.dev = value;
  } else if (!ipv4 && (option === 'label' || option === 'scope')) {
    findings.report('badValue', value, `an IPv6 address has no ${option}; it is ignored`, `remove ${option}`);
  } else if (option === 'label') {
    if (value.text.length > 15) {
      findings.report('badValue', value, 'a label has at most 15 characters; the line is skipped', 'shorten it');
      return 'drop';
    }
    entry.label = value.text;
  } else if (option === 'scope') {
    const scope = SCOPES.get(value.text) ?? readInteger(value, 'scope', { min: 0, max: 255 }, findings, 'exact');
    if (scope !== undefined) entry.scope = scope;
  } else if (option === 'preferred_lft') {
    const lifetime = value.text === 'forever' ? 'forever' : readInteger(value, option, { min: 0, max: UINT32 }, findings);
    if (lifetime !== undefined) entry.preferredLifetime = lifetime;
  } else if (option === 'peer') {
    const peer = readAddress(value, 'peer', findings);
    if (peer !== undefined) entry.peer = peer;
  } else {
    if (!ipv4) {
      findings.report(
        'badValue',
        value,
        'an IPv6 address has no broadcast address; the line is skipped',
        'remove broadcast',
      );
      return 'drop';
    }
    const broadcast = value.text === '+' || value.text === '-' ? value.text : parseAddress(value.text);
    if (broadcast === undefined || (broadcast.length > 1 && broadcast.includes(':'))) {
      findings.report(
        'badAddress',
        value,
        `${quote(value.text)} is not a broadcast address; the line is skipped`,
        'write an IPv4 address, + or -',
      );
      return 'drop';
    }
    if (broadcast.length === 1 && entry.cidr.prefixLength > 30) {
      findings.report(
        'badValue',
        value,
        `a prefix length of ${entry.cidr.prefixLength} leaves no broadcast address; it is ignored`,
      );
    }
    entry.broadcast = broadcast;
  }
  return 'read';
}

/** With a peer neither address may have a prefix, and there is no broadcast. */
function checkPeer(entry: AddressEntry, first: Word, findings: Findings): AddressEntry {
  const { peer, ...withoutPeer } = entry;
  if (peer === undefined) return entry;
  if (familyOf(peer) !== familyOf(entry.cidr.address)) {
    findings.report('wrongFamily', first, 'the address and its peer are of different families; the peer is ignored');
    return withoutPeer;
  }
  const { broadcast, ...rest } = entry;
  if (broadcast !== undefined) {
    findings.report(
      'contradiction',
      first,
      'an address with a peer has no broadcast; it is ignored',
    );
  }
  const { address, prefixLength } = entry.cidr;
  if (prefixLength === addressBits(familyOf(address))) return rest;
  findings.report('badValue', first, 'an address with a peer takes no prefix; it is ignored', 'remove the prefix');
  return { ...rest, cidr: { address, prefixLength: addressBits(familyOf(address)) } };
}
