/** The configuration language as one list of blocks and their words, out of the keyword tables: for explain and the manual. */

import type { About } from '../conf/keywords/about.js';
import type { EntryOptions, Keyword } from '../conf/keywords/schema.js';
import { textWords } from '../conf/keywords/text-words.js';
import { topLevel } from '../conf/keywords/top-level.js';
import type { BlockTable, Keywords } from '../conf/keywords/schema.js';

/** One word of a block. */
export interface LanguageWord extends About {
  readonly name: string;
  readonly syntax: string;
  readonly min?: number;
  readonly max?: number;
  readonly keyword: Keyword<unknown> | undefined;
}

export interface LanguageBlock {
  /** As keyword tables name it: `vrrp_instance`, `HTTP_GET/url`. */
  readonly name: string;
  /** The keywords that lead to it, outermost first; empty for the outermost level. */
  readonly path: readonly string[];
  /** The row that opens it; undefined for the outermost level. */
  readonly row: Keyword<unknown> | undefined;
  /** `options`: the words of a line, in any order. `keywords`: one to a line. `anywhere`: one to a line of any block. */
  readonly holds: 'keywords' | 'options' | 'anywhere';
  readonly words: readonly LanguageWord[];
}

/** The words of the text, then every block, each before those inside it. */
export function languageBlocks(): readonly LanguageBlock[] {
  const blocks: LanguageBlock[] = [{ name: 'text', path: [], row: undefined, holds: 'anywhere', words: describe(textWords) }];
  const seen = new Set<unknown>();
  const visit = (table: BlockTable<Keywords>, path: readonly string[], row: Keyword<unknown> | undefined): void => {
    blocks.push(keywordBlock(table, path, row));
    for (const [name, keyword] of Object.entries(table.keywords)) {
      const { block, options } = keyword;
      if (block !== undefined && !seen.has(block)) {
        seen.add(block);
        visit(block, [...path, name], keyword);
      }
      if (options !== undefined) blocks.push(optionBlock(options, [...path, name], keyword));
    }
  };
  visit(topLevel, [], undefined);
  return blocks;
}

function keywordBlock(table: BlockTable<Keywords>, path: readonly string[], row: Keyword<unknown> | undefined): LanguageBlock {
  const words = Object.entries(table.keywords).map(([name, keyword]) => ({ ...keyword, name, keyword }));
  return { name: table.name, path, row, holds: 'keywords', words };
}

function optionBlock({ name, options }: EntryOptions, path: readonly string[], row: Keyword<unknown>): LanguageBlock {
  return { name, path, row, holds: 'options', words: describe(options) };
}

function describe(rows: EntryOptions['options']): readonly LanguageWord[] {
  return Object.entries(rows).map(([name, about]) => ({ ...about, name, keyword: undefined }));
}

/** `vrrp_instance`, `real_server in virtual_server`, `the outermost level` or `any block`. */
export function placeOfWords({ holds, path }: LanguageBlock): string {
  if (holds === 'anywhere') return 'any block';
  return path.length === 0 ? 'the outermost level' : [...path].reverse().join(' in ');
}
