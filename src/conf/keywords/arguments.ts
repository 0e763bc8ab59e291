/** Single words to values: numbers, times, addresses, ports, yes and no. Each reports what it refuses, at the word. */

import { parseAddress } from '../../base/address.js';
import type { IpAddress } from '../../base/address.js';
import { micros } from '../../base/time.js';
import type { Micros } from '../../base/time.js';
import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';

export interface Range {
  readonly min: number;
  readonly max: number;
}

/**
 * Most keywords take the number that a word begins with, as keepalived does, and 0 when there is none; `exact` ones refuse
 * such a word.
 */
export type Strictness = 'lenient' | 'exact';

/** A whole number in base 10 within the range; undefined and a finding otherwise. */
export function readInteger(
  word: Word,
  what: string,
  range: Range,
  findings: Findings,
  strictness: Strictness = 'lenient',
): number | undefined {
  const plain = plainNumber(word.text);
  if (plain !== undefined) return within(plain, word, what, range, findings);
  if (word.text.trim() === '') return zero(word, what, range, findings);
  const [, digits, rest] = /^\s*([+-]?\d+)?(.*)$/s.exec(word.text) ?? [];
  const value = Number(digits ?? 0);
  if (digits !== undefined && rest === '') return within(value, word, what, range, findings);
  return leadingNumber(value, word, what, range, findings, strictness, 'a whole number');
}

/** Blanks are 0 to keepalived, without a word about it. */
function zero(word: Word, what: string, range: Range, findings: Findings): number | undefined {
  const value = within(0, word, what, range, findings);
  if (value !== undefined) findings.report('uselessLine', word, `${what}: there is no number in ${quote(word.text)}; 0 is used`, `write: ${what} 0`);
  return value;
}

/** One to nine digits and nothing else, which is what nearly all numbers are; undefined for any other word. */
function plainNumber(text: string): number | undefined {
  if (text.length === 0 || text.length > 9) return undefined;
  let value = 0;
  for (let i = 0; i < text.length; i += 1) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

/** What to make of a word that is not quite a number. */
function leadingNumber(
  value: number,
  word: Word,
  what: string,
  range: Range,
  findings: Findings,
  strictness: Strictness,
  kind: string,
): number | undefined {
  const used = strictness === 'lenient' && value >= range.min && value <= range.max;
  const outcome = used ? `${value} is used` : 'it is ignored';
  findings.report('badValue', word, `${what}: ${quote(word.text)} is not ${kind}; ${outcome}`, hintFor(range));
  return used ? value : undefined;
}

function within(value: number, word: Word, what: string, range: Range, findings: Findings): number | undefined {
  if (value >= range.min && value <= range.max) return value;
  findings.report(
    'outOfRange',
    word,
    `${what}: ${word.text} is not within ${range.min} to ${range.max}; it is ignored`,
    hintFor(range),
  );
  return undefined;
}

/** Decimal seconds within a range of seconds, to the microsecond; further decimals are reported and rounded half up. */
export function readSeconds(
  word: Word,
  what: string,
  range: Range,
  findings: Findings,
  strictness: Strictness = 'lenient',
): Micros | undefined {
  const plain = plainNumber(word.text);
  if (plain !== undefined) return within(plain, word, what, range, findings) === undefined ? undefined : micros(plain * 1_000_000);
  const value = readDecimal(word, what, { ...range, decimals: 6, kind: 'a number of seconds' }, findings, strictness);
  return value === undefined ? undefined : micros(value);
}

/** Decimal milliseconds within a range of milliseconds, likewise. */
export function readMilliseconds(word: Word, what: string, range: Range, findings: Findings): Micros | undefined {
  const value = readDecimal(word, what, { ...range, decimals: 3, kind: 'a number of milliseconds' }, findings, 'exact');
  return value === undefined ? undefined : micros(value);
}

interface Decimal extends Range {
  readonly decimals: number;
  /** For the message. */
  readonly kind: string;
}

/** In units of the last decimal. */
function readDecimal(
  word: Word,
  what: string,
  { decimals, kind, ...range }: Decimal,
  findings: Findings,
  strictness: Strictness,
): number | undefined {
  if (word.text.trim() === '') return zero(word, what, range, findings);
  const [, whole = '', fraction = '', rest = ''] = /^\s*\+?(\d*)(?:\.(\d*))?(.*)$/s.exec(word.text) ?? [];
  const value = Number(`${whole || '0'}.${fraction || '0'}`);
  if (rest !== '' || (whole === '' && fraction === '')) {
    if (leadingNumber(value, word, what, range, findings, strictness, kind) === undefined) return undefined;
  } else {
    if (fraction.length > decimals) {
      findings.report('badValue', word, `${what}: ${word.text} has more than ${decimals} decimals; it is rounded`);
    }
    if (within(value, word, what, range, findings) === undefined) return undefined;
  }
  const roundedUp = (fraction[decimals] ?? '0') >= '5' ? 1 : 0;
  return Number(whole || '0') * 10 ** decimals + Number(fraction.slice(0, decimals).padEnd(decimals, '0')) + roundedUp;
}

/** keepalived's yes and no: `on true yes`, `off false no`, lower case only. */
export function readBoolean(word: Word, what: string, findings: Findings): boolean | undefined {
  if (['on', 'true', 'yes'].includes(word.text)) return true;
  if (['off', 'false', 'no'].includes(word.text)) return false;
  findings.report(
    'badValue',
    word,
    `${what}: ${quote(word.text)} is neither yes nor no; it is ignored`,
    'write on, true, yes, off, false or no',
  );
  return undefined;
}

/** An IPv4 or IPv6 address without prefix. */
export function readAddress(word: Word, what: string, findings: Findings): IpAddress | undefined {
  const address = parseAddress(word.text);
  if (address === undefined) {
    findings.report(
      'badAddress',
      word,
      `${what}: ${quote(word.text)} is not an IP address`,
      'write it like 192.0.2.1 or 2001:db8::1',
    );
  }
  return address;
}

/** A port from 1 to 65535. */
export function readPort(word: Word, what: string, findings: Findings): number | undefined {
  const plain = plainNumber(word.text);
  if (plain !== undefined && plain >= 1 && plain <= 65_535) return plain;
  const [, digits = '', rest = ''] = /^\+?(\d*)(.*)$/s.exec(word.text) ?? [];
  const port = Number(digits);
  if (port >= 1 && port <= 65_535) {
    if (rest !== '') {
      findings.report(
        'badPort',
        word,
        `${what}: ${quote(word.text)} is not a port; ${port} is used`,
        'ports are 1 to 65535',
      );
    }
    return port;
  }
  findings.report('badPort', word, `${what}: ${quote(word.text)} is not a port`, 'ports are 1 to 65535');
  return undefined;
}

export function quote(text: string): string {
  return `'${text.length > 64 ? `${text.slice(0, 61)}...` : text}'`;
}

function hintFor(range: Range): string {
  return `write a number from ${range.min} to ${range.max}`;
}
