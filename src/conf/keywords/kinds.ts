/** The kinds of keywords tables are written with: numbers, times, flags, words, blocks of words, blocks of keywords. */

import type { IpAddress } from '../../base/address.js';
import { present } from '../../base/invariant.js';
import type { Micros } from '../../base/time.js';
import { headOf } from '../cst.js';
import type { Head, Statement, Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { carriesSecret } from '../secrets.js';
import { quote, readAddress, readBoolean, readInteger, readMilliseconds, readSeconds } from './arguments.js';
import type { Range, Strictness } from './arguments.js';
import { readBlock } from './schema.js';
import type { About } from './about.js';
import type { BlockTable, EntryOptions, Keyword, Keywords, Values } from './schema.js';

/** Largest unsigned 32-bit number. */
export const UINT32 = 4_294_967_295;
/** Largest signed 32-bit number. */
export const INT32 = 2_147_483_647;
/** Seconds that fit keepalived's 64-bit microseconds. */
const LONG_TIMER_SECONDS = 18_446_744_073_709.55;
/** Seconds that fit keepalived's 32-bit microseconds. */
export const TIMER_SECONDS = 4_294.967_295;

type Line<T> = Keyword<T, 'last'>;

/**
 * The word after the keyword. Without one keepalived stops reading and exits, except for the few keywords that look for
 * themselves: those only lose their line.
 */
export function argument(statement: Head, findings: Findings, bare: 'fatal' | 'ignored' = 'fatal'): Word | undefined {
  const [keyword, word] = statement.words;
  if (word === undefined && keyword !== undefined && bare === 'fatal') {
    findings.report('missingParameter', keyword, `${keyword.text} needs a value`, 'keepalived stops at such a line');
  } else if (word === undefined && keyword !== undefined) {
    findings.report('badValue', keyword, `${keyword.text} needs a value; the line is ignored`);
  }
  return word;
}

/** Says that words after the `count` arguments have no effect. */
function noMoreThan(statement: Statement, count: number, findings: Findings): void {
  const extra = statement.words[count + 1];
  const keyword = statement.words[0]?.text ?? '';
  if (extra === undefined) return;
  findings.report('extraWords', extra, `${carriesSecret(keyword) ? 'what stands' : quote(extra.text)} after ${keyword} has no effect`, 'one keyword per line');
}

/** A keyword whose one argument `parse` understands. */
function single<T>(
  about: About,
  syntax: string,
  parse: (word: Word, keyword: string, findings: Findings) => T | undefined,
  range?: Range,
  bare: 'fatal' | 'ignored' = 'fatal',
): Line<T> {
  return {
    ...about,
    ...range,
    syntax,
    repeat: 'last',
    opensBlock: false,
    read(statement, { findings }) {
      const word = argument(statement, findings, bare);
      if (word === undefined) return undefined;
      noMoreThan(statement, 1, findings);
      return parse(word, statement.words[0]?.text ?? '', findings);
    },
  };
}

/** `bare`: what a missing number does. */
export function integer(
  about: About & Range,
  strictness: Strictness = 'lenient',
  bare: 'fatal' | 'ignored' = 'fatal',
): Line<number> {
  const parse = (word: Word, keyword: string, findings: Findings): number | undefined =>
    readInteger(word, keyword, about, findings, strictness);
  return single(about, 'N', parse, about, bare);
}

/** Whole seconds, kept as a number of seconds. */
export function wholeSeconds(
  about: About & Range,
  strictness: Strictness = 'lenient',
  bare: 'fatal' | 'ignored' = 'fatal',
): Line<number> {
  return { ...integer(about, strictness, bare), syntax: 'SECS', unit: 's' };
}

/** A whole number that keepalived moves to the nearest end of the range. */
export function clamped(about: About & Range, bare: 'fatal' | 'ignored' = 'fatal'): Line<number> {
  const parse = (word: Word, keyword: string, findings: Findings): number | undefined => {
    const value = readInteger(word, keyword, { min: -INT32 - 1, max: INT32 }, findings, 'exact');
    if (value === undefined) return undefined;
    const nearest = Math.max(about.min, Math.min(about.max, value));
    if (nearest !== value) {
      const message = `${keyword}: ${value} is not within ${about.min} to ${about.max}; ${nearest} is used`;
      findings.report('outOfRange', word, message, `write a number from ${about.min} to ${about.max}`);
    }
    return nearest;
  };
  return single(about, 'N', parse, about, bare);
}

/** Decimal seconds; `min` and `max` in seconds. */
export function timer(about: About & Partial<Range>, strictness: Strictness = 'lenient'): Line<Micros> {
  const range = { min: about.min ?? 0, max: about.max ?? LONG_TIMER_SECONDS };
  const parse = (word: Word, keyword: string, findings: Findings): Micros | undefined =>
    readSeconds(word, keyword, range, findings, strictness);
  return { ...single(about, 'SECS', parse, range), unit: 's' };
}

/** Decimal milliseconds; `min` and `max` in milliseconds. */
export function milliseconds(about: About & Range): Line<Micros> {
  const parse = (word: Word, keyword: string, findings: Findings): Micros | undefined =>
    readMilliseconds(word, keyword, about, findings);
  return { ...single(about, 'MS', parse, about), unit: 'ms' };
}

/** Any word. `bare`: what a missing one does. */
export function word(about: About & { readonly syntax?: string }, bare: 'fatal' | 'ignored' = 'fatal'): Line<string> {
  return single(about, about.syntax ?? 'NAME', (argumentWord) => argumentWord.text, undefined, bare);
}

/** Names of interfaces (IFNAMSIZ): a longer one is none. */
export function interfaceName(about: About, bare: 'fatal' | 'ignored' = 'fatal'): Line<string> {
  const parse = (name: Word, keyword: string, findings: Findings): string | undefined => {
    if (name.text.length <= 15) return name.text;
    findings.report('badValue', name, `${keyword}: ${quote(name.text)} has more than 15 characters; it is ignored`, 'name an interface');
    return undefined;
  };
  return single(about, 'IF', parse, undefined, bare);
}

/** Process names: what does not fit the kernel's comm is cut. */
export function shortName(about: About & { readonly syntax?: string }): Line<string> {
  return single(about, about.syntax ?? 'NAME', (name, keyword, findings) => {
    if (name.text.length <= 15) return name.text;
    findings.report(
      'badValue',
      name,
      `${keyword}: ${quote(name.text)} has more than 15 characters; it is cut`,
      'shorten it',
    );
    return name.text.slice(0, 15);
  });
}

export function address(about: About): Line<IpAddress> {
  return single(about, 'ADDR', readAddress);
}

/** One of a few literals; `fold` lets any case pass. */
export function choice<const C extends string>(
  about: About & { readonly of: readonly C[]; readonly fold?: boolean },
  bare: 'fatal' | 'ignored' = 'fatal',
): Line<C> {
  const parse = (word: Word, keyword: string, findings: Findings): C | undefined => {
    const text = about.fold === true ? word.text.toLowerCase() : word.text;
    const chosen = about.of.find((candidate) => (about.fold === true ? candidate.toLowerCase() : candidate) === text);
    if (chosen === undefined) {
      findings.report(
        'badValue',
        word,
        `${keyword}: ${quote(word.text)} is not known; it is ignored`,
        `write ${about.of.join(', ')}`,
      );
    }
    return chosen;
  };
  return single(about, about.of.join(' / '), parse, undefined, bare);
}

/** How often something is repeated: 0 is no number of rounds, keepalived makes it 1. */
export function rounds(about: About & { readonly max: number }): Line<number> {
  const parse = (word: Word, keyword: string, findings: Findings): number | undefined => {
    const value = readInteger(word, keyword, { min: 0, max: about.max }, findings);
    if (value === 0) findings.report('outOfRange', word, `${keyword} must be at least 1; 1 is used`);
    return value === 0 ? 1 : value;
  };
  return single(about, 'N', parse, { min: 1, max: about.max });
}

/** No argument at all: keepalived ignores what follows, so that `nopreempt no` means nopreempt. */
export function flag(about: About): Line<true> {
  return {
    ...about,
    syntax: '',
    repeat: 'last',
    opensBlock: false,
    read(statement, { findings }) {
      noMoreThan(statement, 0, findings);
      return true;
    },
  };
}

/** `[BOOL]`: alone it means on. */
export function bool(about: About): Line<boolean> {
  return {
    ...about,
    syntax: '[BOOL]',
    repeat: 'last',
    opensBlock: false,
    read(statement, { findings }) {
      noMoreThan(statement, 1, findings);
      const [keyword, value] = statement.words;
      return value === undefined ? true : readBoolean(value, keyword?.text ?? '', findings);
    },
  };
}

/** A keyword with its own way of reading its line. */
export function custom<T>(about: About & Partial<Range> & { readonly syntax: string; readonly read: Keyword<T>['read'] }): Line<T> {
  return { ...about, repeat: 'last', opensBlock: false };
}

function nothingBesideBlock({ words: [keyword, extra] }: Statement, findings: Findings): void {
  if (extra === undefined) return;
  findings.report('extraBlockWords', extra, `${quote(extra.text)} after ${keyword?.text ?? ''} has no effect`, 'write it into the block');
}

/** A block whose every word is an item. */
export function words(about: About & { readonly line: string }): Line<readonly Word[]> {
  return {
    ...about,
    syntax: '{WORD...}',
    repeat: 'last',
    opensBlock: true,
    read(statement, { findings }) {
      nothingBesideBlock(statement, findings);
      const items = (statement.block?.items ?? []).flatMap((item) => item.words);
      if (items.length === 0) findings.report('emptyBlock', nameOf(statement), `${nameOf(statement).text} is empty`);
      return items;
    },
  };
}

/** A block whose every line is an entry. Undefined entries have been reported. */
export function entries<T>(
  about: About & {
    readonly entry: (words: readonly Word[], findings: Findings) => T | undefined;
    readonly options?: EntryOptions;
    /** How a line looks. */
    readonly line: string;
  },
): Line<readonly T[]> {
  return {
    ...about,
    syntax: '{ENTRY...}',
    repeat: 'last',
    opensBlock: true,
    gathers: true,
    read(statement, { findings }) {
      nothingBesideBlock(statement, findings);
      const found: T[] = [];
      for (const item of statement.block?.items ?? []) {
        const entry = about.entry(item.words, findings);
        if (entry !== undefined) found.push(entry);
        if (item.block !== undefined) {
          findings.report(
            'unexpectedBrace',
            item.block.at,
            'an entry has no block; it is skipped',
          );
        }
      }
      return found;
    },
  };
}

/** What a block keyword yields: its own line (without the block, which has been read) and the values between its braces. */
export interface Section<K extends Keywords> {
  readonly statement: Head;
  readonly values: Values<K>;
}

/** A block of keywords; the words after its name are for the builder. */
export function section<K extends Keywords>(about: About & { readonly syntax?: string }, table: BlockTable<K>): Line<Section<K>> {
  return {
    ...about,
    syntax: `${about.syntax ?? ''}{BLOCK}`,
    repeat: 'last',
    opensBlock: true,
    block: table,
    read: (statement, reading) => ({
      statement: headOf(statement),
      values: readBlock(table, statement.block?.items ?? [], reading),
    }),
  };
}

/** The keyword of a statement that came out of a table (it has one). */
export function nameOf({ words }: Head): Word {
  return present(words[0], 'a statement of a table begins with its keyword');
}
