/** What is said about a line whose keyword a block's table does not hold: obsolete or unknown. */

import type { Statement } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote } from './arguments.js';
import { nearest } from './nearest.js';
import { OBSOLETE } from './obsolete.js';

interface Guessing {
  readonly findings: Findings;
  readonly language: WordTable;
  guesses: number;
}

interface WordTable {
  readonly name: string;
  readonly index: ReadonlyMap<string, readonly [key: string, keyword: { readonly block?: WordTable; readonly own?: true }]>;
}

/** One finding for the line and all that is in its block. */
export function reportUnread(table: WordTable, statement: Statement, reading: Guessing): void {
  const { findings } = reading;
  const [word] = statement.words;
  if (word === undefined) return;
  const { text } = word;
  const misread =
    statement.block === undefined
      ? ''
      : '; its block is skipped here, while keepalived would take its } for the end of the block around it';
  const obsolete = OBSOLETE.get(text);
  if (obsolete?.blocks.includes(table.name) === true) {
    findings.report(
      'obsoleteKeyword',
      word,
      `unknown keyword ${text} (${obsolete.until}): the line is ignored, as keepalived does${misread}`,
      obsolete.instead,
    );
    return;
  }
  findings.report(
    'unknownKeyword',
    word,
    `unknown keyword ${quote(text)}${where(table.name)}: the line is ignored${misread}`,
    hintFor(table, text, reading),
  );
}

function hintFor(table: WordTable, text: string, reading: Guessing): string | undefined {
  if (reading.guesses <= 0) return undefined;
  reading.guesses -= 1;
  const guess = nearest(text, [...table.index.keys()]);
  if (guess !== undefined) return `did you mean ${guess}?`;
  const elsewhere = blocksOf(text, reading.language);
  return elsewhere.length > 0 ? `${text} belongs in ${elsewhere.join(' or ')}` : undefined;
}

function where(block: string): string {
  return block === 'top-level' ? '' : ` in ${block}`;
}

/** Up to three blocks that do know the keyword, outer ones first: it may have slipped out of its own. */
function blocksOf(keyword: string, language: WordTable): readonly string[] {
  const tables = new Set<WordTable>([language]);
  const found: string[] = [];
  for (const { name, index } of tables) {
    if (index.has(keyword)) found.push(name === 'top-level' ? 'the outermost level' : name);
    if (found.length === 3) break;
    for (const [, { block, own }] of index.values()) if (block !== undefined && own !== true) tables.add(block);
  }
  return found;
}
