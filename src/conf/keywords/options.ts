/**
 * Options within a line (`dev eth0 metric 5`): tables of them are data with types, as keyword tables are, and documented by
 * the same rows; and how a line is read by one. What the options of addresses, routes and rules are stands in their own files.
 */

import { parseAddress, parseCidr } from '../../base/address.js';
import type { Cidr, IpAddress } from '../../base/address.js';
import { invariant } from '../../base/invariant.js';
import type { Word } from '../cst.js';
import type { FindingKind } from '../catalog.js';
import type { Findings } from '../findings.js';
import { quote } from './arguments.js';
import type { Range } from './arguments.js';
import { nearest } from './nearest.js';
import type { About } from './about.js';

/** Reading position in one line. */
export interface OptionLine {
  readonly findings: Findings;
  /** The option being read, as it was written. */
  readonly option: Word;
  readonly peek: () => Word | undefined;
  /** The next word; a missing one is reported. */
  readonly next: () => Word | undefined;
  /** Reports a value that cannot be used, with what keepalived makes of the line. Answers undefined. */
  readonly refuse: Refuse;
}

/** Answers undefined in place of the value that was expected. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller's return type tells it
export type Refuse = <T>(at: Word, message: string, hint?: string, kind?: FindingKind) => T | undefined;

export interface Option<T> extends About {
  /** The arguments: `N`, `ADDR`, empty for a flag. */
  readonly syntax: string;
  readonly min?: number;
  readonly max?: number;
  /** What goes when the value cannot be used. */
  readonly costs: 'line' | 'option';
  /** Undefined when there is nothing usable; the reason has been reported then. */
  readonly read: (line: OptionLine) => T | undefined;
}

export type Options = Readonly<Record<string, Option<unknown>>>;

export interface OptionTable<O extends Options> {
  /** As in the manual. */
  readonly name: string;
  /** What a line is called in messages: `address`, `route`, `rule`. */
  readonly subject: string;
  readonly options: O;
  /** What keepalived does about an option without its value: it exits, or it skips the line. */
  readonly bare: 'fatal' | 'line';
  /** Names and aliases to the key of `options`. */
  readonly index: ReadonlyMap<string, readonly [key: string, option: Option<unknown>]>;
}

export interface OptionValue<T> {
  readonly value: T;
  /** Its first argument; the option itself when it has none. */
  readonly at: Word;
}

export type OptionValues<O extends Options> = {
  readonly [N in keyof O]?: O[N] extends Option<infer T> ? OptionValue<T> : never;
};

export function optionTable<const O extends Options>(
  name: string,
  subject: string,
  options: O,
  bare: 'fatal' | 'line' = 'fatal',
): OptionTable<O> {
  const index = new Map<string, readonly [string, Option<unknown>]>();
  for (const [key, option] of Object.entries(options)) {
    for (const alias of [key, ...(option.aliases ?? [])]) index.set(alias, [key, option]);
  }
  return { name, subject, options, bare, index };
}

/** What becomes of a word that is no option: taken as something else, skipped, or the end of the line. */
export type Stray = (line: OptionLine, word: Word) => 'taken' | 'skipped' | 'drop';

/**
 * Reads options in any order, later ones replacing earlier ones. Undefined when keepalived would drop the whole line; the
 * reason has been reported then. `seen` is told of every option that stands there, repeated ones too, and
 * of the word behind it.
 */
export function readOptions<O extends Options>(
  table: OptionTable<O>,
  words: readonly Word[],
  findings: Findings,
  stray: Stray,
  seen: (key: string, word: Word, value: Word | undefined) => void = () => undefined,
): OptionValues<O> | undefined {
  const values: Record<string, OptionValue<unknown>> = {};
  const cursor = { at: 0 };
  while (cursor.at < words.length) {
    const word = words[cursor.at];
    if (word === undefined) break;
    cursor.at += 1;
    const [key, option] = table.index.get(word.text) ?? [];
    const line = lineAt(table, words, cursor, option, findings);
    if (key === undefined || option === undefined) {
      if (stray(line, word) === 'drop') return undefined;
      continue;
    }
    seen(key, word, line.peek());
    reportAbout(option, word, table.subject, findings);
    const at = line.peek() ?? word;
    const value = option.read(line);
    if (value === undefined && option.costs === 'line') return undefined;
    if (value !== undefined) values[key] = { value, at };
  }
  return values as OptionValues<O>;
}

function reportAbout(option: About, word: Word, subject: string, findings: Findings): void {
  if (option.deprecated !== undefined) {
    findings.report('deprecatedKeyword', word, `${word.text} of a ${subject} is deprecated`, option.deprecated);
  }
}

function lineAt(
  { subject, bare }: OptionTable<Options>,
  words: readonly Word[],
  cursor: { at: number },
  option: Option<unknown> | undefined,
  findings: Findings,
): OptionLine {
  const word = words[cursor.at - 1];
  invariant(word !== undefined, 'a line is read from a word of it');
  const outcome = option?.costs === 'option' ? 'it is ignored' : bare === 'line' ? 'the line is skipped' : `the ${subject} is skipped`;
  const refuse: OptionLine['refuse'] = (at, message, hint, kind = 'badValue') => {
    findings.report(kind, at, `${message}; ${outcome}`, hint);
    return undefined;
  };
  return {
    findings,
    option: word,
    peek: () => words[cursor.at],
    next() {
      const next = words[cursor.at];
      const last = words[cursor.at - 1] ?? word;
      cursor.at += 1;
      if (next !== undefined) return next;
      if (bare === 'line') return refuse(last, `${last.text} of an ${subject} needs a value`);
      findings.report('missingParameter', last, `${last.text} needs a value`, 'keepalived stops at such a line');
      return undefined;
    },
    refuse,
  };
}

/** The nearest option, as a hint about a word that is none. */
export function nearestOption(table: OptionTable<Options>, word: Word): string | undefined {
  const guess = nearest(word.text, [...table.index.keys()]);
  return guess === undefined ? undefined : `did you mean ${guess}?`;
}

type Costly = About & { readonly costs?: 'line' | 'option' };

/** An option whose one argument `parse` understands. */
export function valued<T>(
  about: Costly & Partial<Range>,
  syntax: string,
  parse: (word: Word, line: OptionLine) => T | undefined,
): Option<T> {
  return {
    costs: 'line',
    ...about,
    syntax,
    read(line) {
      const word = line.next();
      return word === undefined ? undefined : parse(word, line);
    },
  };
}

/** No argument. */
export function optionFlag(about: About): Option<true> {
  return { ...about, syntax: '', costs: 'option', read: () => true };
}

/** A whole number in base 10; with `anyBase` also 0x and 0 as C has them. */
export function optionNumber(about: Costly & Range & { readonly anyBase?: boolean }): Option<number> {
  return valued(about, 'N', (word, line) => readNumber(word, line, about, about.anyBase));
}

/** One number for an option or a part of it. */
export function readNumber(word: Word, line: OptionLine, range: Range, anyBase = false): number | undefined {
  const hint = `write a number from ${range.min} to ${range.max}`;
  const value = parseNumber(word.text, anyBase);
  if (value === undefined) return line.refuse(word, `${line.option.text}: ${quote(word.text)} is not a whole number`, hint);
  if (value >= range.min && value <= range.max) return value;
  const message = `${line.option.text}: ${word.text} is not within ${range.min} to ${range.max}`;
  return line.refuse(word, message, hint, 'outOfRange');
}

/** As strtoul reads it; undefined when anything else stands in the text. */
export function parseNumber(text: string, anyBase: boolean): number | undefined {
  if (anyBase && /^0[xX][\da-fA-F]+$/.test(text)) return Number.parseInt(text.slice(2), 16);
  if (anyBase && /^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

/** A word whose meaning is looked up later: an interface, or a name of iproute2's files. */
export function optionName(about: Costly & Partial<Range> & { readonly syntax: string }): Option<Word> {
  return valued(about, about.syntax, (word) => word);
}

export function optionAddress(about: Costly): Option<IpAddress> {
  return valued(about, 'ADDR', readOptionAddress);
}

/** An address without prefix. */
export function readOptionAddress(word: Word, line: OptionLine): IpAddress | undefined {
  const address = parseAddress(word.text);
  const hint = 'write it like 192.0.2.1 or 2001:db8::1';
  return address ?? line.refuse(word, `${line.option.text}: ${quote(word.text)} is not an IP address`, hint, 'badAddress');
}

/** `ADDR[/LEN]`; a length that is too long counts as the whole address, one that is not quite a number as what it begins with. */
export function readPrefix(
  word: Word,
  line: Pick<OptionLine, 'findings' | 'refuse'>,
  what: string,
): Cidr | undefined {
  const exact = parseCidr(word.text);
  if (exact !== undefined) return exact;
  const [, text, length] = /^([^/]*)\/(\d{0,9})/.exec(word.text) ?? [];
  const whole = text === undefined ? undefined : parseCidr(text);
  if (whole === undefined || length === undefined) {
    const hint = 'write it like 192.0.2.0/24 or 2001:db8::/32';
    return line.refuse(word, `${what}: ${quote(word.text)} is not an address`, hint, 'badAddress');
  }
  const prefixLength = Math.min(Number(length), whole.prefixLength);
  if (length === '') {
    line.findings.report('emptyPrefixLength', word, `${quote(word.text)}: no prefix length follows the slash; 0 is used`, 'write it like /24');
    return { address: whole.address, prefixLength: 0 };
  }
  const message = `${quote(word.text)}: the prefix length must be 0 to ${whole.prefixLength}; ${prefixLength} is used`;
  line.findings.report('outOfRange', word, message, 'write it like /24');
  return { address: whole.address, prefixLength };
}
