/**
 * What a keyword table is and how a block is read by one. Tables are data with types: the types of the values that
 * `assembly/` works with, the validation and the documentation all come from them.
 */

import type { Statement, Word } from '../cst.js';
import type { Findings } from '../findings.js';
import type { About } from './about.js';
import { reportUnread } from './unread.js';

/** `last`: later ones replace. `first`: later ones are reported and ignored. `all`: every one counts. */
export type Repeat = 'last' | 'first' | 'all';

export interface Keyword<T, R extends Repeat = Repeat> extends About {
  /** The arguments: `N`, `ADDR [PORT]`, `{ENTRIES}`, empty for a flag. */
  readonly syntax: string;
  readonly min?: number;
  readonly max?: number;
  readonly repeat: R;
  readonly opensBlock: boolean;
  /** A list of entries: those of a second block come after those of the first, whatever `repeat` says. */
  readonly gathers?: true;
  /** The table of a block of keywords; undefined for any other keyword. */
  readonly block?: BlockTable<Keywords>;
  /** How a line of its block looks, where those are not keywords. */
  readonly line?: string;
  /** The options of the lines in its block, where they have any. */
  readonly options?: EntryOptions;
  /**
   * A line without its value ends keepalived where this one stands above it with something usable, and is ignored elsewhere.
   */
  readonly endsBehind?: { readonly key: string; readonly isUsable: (value: unknown) => boolean };
  /** Undefined when there is nothing usable; the reason has been reported then. */
  readonly read: (statement: Statement, reading: Reading) => T | undefined;
}

/** What the manual knows of the options within a line: their own rows, under the name of the block. */
export interface EntryOptions {
  readonly name: string;
  readonly options: Readonly<Record<string, About & { readonly syntax: string; readonly min?: number; readonly max?: number }>>;
}

export type Keywords = Readonly<Record<string, Keyword<unknown>>>;

/** One run over a configuration; `createReading` begins it. */
export interface Reading {
  readonly findings: Findings;
  /** Counts the statements read, so that "stood before" can be asked across files. */
  order: number;
  /** The outermost level: where a word may belong that stands in the wrong block. */
  readonly language: BlockTable<Keywords>;
  /** How many more "did you mean" are looked for: a file full of nonsense gets no more. */
  guesses: number;
}

export function createReading(findings: Findings, language: BlockTable<Keywords>): Reading {
  return { findings, order: 0, language, guesses: 500 };
}

/** A value with the place of its first argument (the keyword's own when it has none) and its rank in reading order. */
export interface Located<T> {
  readonly value: T;
  readonly at: Word;
  readonly order: number;
  /** The one before it, which this one replaces. */
  readonly replaces?: Located<T>;
}

/** All that a keyword said, from the first line to the last, which counts. */
export function historyOf<T>(last: Located<T> | undefined): readonly Located<T>[] {
  const history: Located<T>[] = [];
  for (let located = last; located !== undefined; located = located.replaces) history.push(located);
  return history.reverse();
}

/** What the keyword had said when the line of that rank was read; some lines are judged by what stands above them. */
export function heldAt<T>(history: readonly Located<T>[], order: number): Located<T> | undefined {
  let from = 0;
  let to = history.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((history[middle]?.order ?? 0) <= order) from = middle + 1;
    else to = middle;
  }
  return history[from - 1];
}

export type Values<K extends Keywords> = {
  readonly [N in keyof K]: K[N] extends Keyword<infer T, infer R>
    ? 'all' extends R
      ? readonly Located<T>[]
      : Located<T> | undefined
    : never;
};

export interface BlockTable<K extends Keywords> {
  /** As in the list of known keywords. */
  readonly name: string;
  readonly keywords: K;
  /** Names and aliases to the key of `keywords`. */
  readonly index: ReadonlyMap<string, readonly [key: string, keyword: Keyword<unknown>]>;
  /**
   * What a block without lines has: undefined, or an empty list where each occurrence counts. Blocks inherit from it, so that
   * ten thousand of them cost what stands in them and not what the table knows.
   */
  readonly empty: Readonly<Slots>;
}

type Slots = Record<string, Located<unknown> | Located<unknown>[] | undefined>;

const NOTHING: Located<unknown>[] = [];

export function blockTable<K extends Keywords>(name: string, keywords: K): BlockTable<K> {
  const index = new Map<string, readonly [string, Keyword<unknown>]>();
  for (const [key, keyword] of Object.entries(keywords)) {
    for (const alias of [key, ...(keyword.aliases ?? [])]) index.set(alias, [key, keyword]);
  }
  const empty = Object.fromEntries(
    Object.entries(keywords).map(([key, { repeat }]) => [key, repeat === 'all' ? NOTHING : undefined]),
  );
  return { name, keywords, index, empty };
}

/** The same keyword, of which each occurrence counts. */
export function all<T>(keyword: Keyword<T>): Keyword<T, 'all'> {
  return { ...keyword, repeat: 'all' };
}

/** The same keyword, of which only the first occurrence counts. */
export function first<T>(keyword: Keyword<T>): Keyword<T, 'first'> {
  return { ...keyword, repeat: 'first' };
}

/** Reads the lines of one block. What is not in the table is reported as unknown or obsolete. */
export function readBlock<K extends Keywords>(
  table: BlockTable<K>,
  items: Iterable<Statement>,
  reading: Reading,
): Values<K> {
  const values = Object.create(table.empty) as Slots;
  for (const statement of items) {
    const [word] = statement.words;
    if (word === undefined) continue;
    const entry = table.index.get(word.text);
    if (entry === undefined) reportUnread(table, statement, reading);
    else readInto(values, entry[0], entry[1], statement, word, reading);
  }
  return values as unknown as Values<K>;
}

function readInto(
  values: Slots,
  key: string,
  keyword: Keyword<unknown>,
  statement: Statement,
  word: Word,
  reading: Reading,
): void {
  const { findings } = reading;
  if (statement.block === undefined && keyword.opensBlock) {
    findings.report('missingBrace', word, `${word.text} needs a block: { ... }`, 'add { after it');
    return;
  }
  if (statement.block !== undefined && !keyword.opensBlock) {
    const message = `${word.text} takes no block; keepalived would ignore this { and misread what follows the }`;
    findings.report('unexpectedBrace', statement.block.at, message, 'remove the braces');
  }
  if (keyword.deprecated !== undefined) {
    findings.report('deprecatedKeyword', word, `${word.text} is deprecated`, keyword.deprecated);
  }
  if (keyword.own === true) {
    const outcome = keyword.opensBlock ? 'and takes its } for the end of the block around it' : 'and ignores the line';
    const message = `${word.text} is a word of holdfast: keepalived does not know it, reports it ${outcome}`;
    findings.report('ownKeyword', word, message);
  }
  if (endsHere(values, keyword, statement)) {
    findings.report('missingParameter', word, `${word.text} needs a value`, 'keepalived stops at such a line');
    return;
  }
  const present = values[key];
  if (keyword.repeat === 'first' && present !== undefined) {
    // A line that lacks its value ends keepalived before it sees that the keyword stood there already.
    if (statement.words.length === 1) keyword.read(statement, reading);
    findings.report(
      'repeatedKeyword',
      word,
      `${word.text} is given a second time: the first one stays`,
      'remove one of them',
    );
    return;
  }
  reading.order += 1;
  const order = reading.order;
  const value = keyword.read(statement, reading);
  if (value === undefined) return;
  const located = { value: keyword.gathers === true ? gathered(present, value) : value, at: statement.words[1] ?? word, order };
  if (keyword.repeat !== 'all') values[key] = present === undefined || Array.isArray(present) ? located : { ...located, replaces: present };
  else if (Array.isArray(present) && present !== NOTHING) present.push(located);
  else values[key] = [located];
}

function endsHere(values: Slots, { endsBehind }: Keyword<unknown>, { words }: Statement): boolean {
  if (endsBehind === undefined || words.length > 1) return false;
  const above = values[endsBehind.key];
  return above !== undefined && !Array.isArray(above) && endsBehind.isUsable(above.value);
}

function gathered(present: Slots[string], value: unknown): unknown {
  if (present === undefined || Array.isArray(present)) return value;
  return Array.isArray(present.value) && Array.isArray(value) ? [...(present.value as unknown[]), ...(value as unknown[])] : value;
}
