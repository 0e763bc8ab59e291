/** Single words to values: numbers, times, addresses, ports, yes and no. Each reports what it refuses, at the word. */

import { familyOf, parseAddress } from '../../base/address.js';
import type { IpAddress } from '../../base/address.js';
import { micros } from '../../base/time.js';
import type { Micros } from '../../base/time.js';
import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** A whole number in base 10 within the range; undefined and a finding otherwise. */
export function readInteger(word: Word, what: string, range: Range, findings: Findings): number | undefined {
  const digits = /^\s*([+-]?\d+)$/.exec(word.text)?.[1];
  if (digits === undefined) {
    findings.report('badValue', word, `${what}: ${quote(word.text)} is not a whole number; it is ignored`, hintFor(range));
    return undefined;
  }
  return within(Number(digits), word, what, range, findings);
}

function within(value: number, word: Word, what: string, range: Range, findings: Findings): number | undefined {
  if (value >= range.min && value <= range.max) return value;
  findings.report('outOfRange', word, `${what}: ${word.text} is not within ${range.min} to ${range.max}; it is ignored`, hintFor(range));
  return undefined;
}

/** Decimal seconds within a range of seconds, to the microsecond; further decimals are reported and rounded half up. */
export function readSeconds(word: Word, what: string, range: Range, findings: Findings): Micros | undefined {
  const match = /^\s*\+?(\d*)(?:\.(\d*))?$/.exec(word.text);
  const [, whole = '', fraction = ''] = match ?? [];
  if (match === null || (whole === '' && fraction === '')) {
    findings.report('badValue', word, `${what}: ${quote(word.text)} is not a number of seconds; it is ignored`, 'write seconds, like 3 or 0.5');
    return undefined;
  }
  if (fraction.length > 6) {
    findings.report('badValue', word, `${what}: ${word.text} has more than 6 decimals; it is rounded`);
  }
  if (within(Number(`${whole || '0'}.${fraction || '0'}`), word, what, range, findings) === undefined) return undefined;
  const roundedUp = (fraction[6] ?? '0') >= '5' ? 1 : 0;
  return micros(Number(whole || '0') * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, '0')) + roundedUp);
}

/** keepalived's yes and no: `on true yes`, `off false no`, lower case only. */
export function readBoolean(word: Word, what: string, findings: Findings): boolean | undefined {
  if (['on', 'true', 'yes'].includes(word.text)) return true;
  if (['off', 'false', 'no'].includes(word.text)) return false;
  findings.report('badValue', word, `${what}: ${quote(word.text)} is neither yes nor no; it is ignored`, 'write on, true, yes, off, false or no');
  return undefined;
}

/** An IPv4 or IPv6 address without prefix. */
export function readAddress(word: Word, what: string, findings: Findings): IpAddress | undefined {
  const address = parseAddress(word.text);
  if (address === undefined) {
    findings.report('badAddress', word, `${what}: ${quote(word.text)} is not an IP address`, 'write it like 192.0.2.1 or 2001:db8::1');
  }
  return address;
}

/** A port from 1 to 65535. */
export function readPort(word: Word, what: string, findings: Findings): number | undefined {
  if (/^\d+$/.test(word.text) && Number(word.text) >= 1 && Number(word.text) <= 65_535) return Number(word.text);
  findings.report('badPort', word, `${what}: ${quote(word.text)} is not a port`, 'ports are 1 to 65535');
  return undefined;
}

/** True for 224.0.0.0/4 and ff00::/8. */
export function isMulticast(address: IpAddress): boolean {
  return familyOf(address) === 'ipv4' ? /^2(2[4-9]|3\d)\./.test(address) : address.startsWith('ff');
}

export function quote(text: string): string {
  return `'${text.length > 64 ? `${text.slice(0, 61)}...` : text}'`;
}

function hintFor(range: Range): string {
  return `write a number from ${range.min} to ${range.max}`;
}
