/** What is said about a line whose keyword a block's table does not hold: known but not built yet, obsolete, or unknown. */

import type { Statement } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote } from './arguments.js';
import { KNOWN } from './known.js';
import { nearest } from './nearest.js';
import { OBSOLETE } from './obsolete.js';

interface Guessing {
  readonly findings: Findings;
  guesses: number;
}

interface NamedTable {
  readonly name: string;
  readonly index: ReadonlyMap<string, unknown>;
}

/** Block to word to whether it opens a block. */
const WORDS: ReadonlyMap<string, ReadonlyMap<string, boolean>> = new Map(
  Object.entries(KNOWN).map(([block, words]) => [
    block,
    new Map(words.split(' ').map((word) => [word.replace(/\{$/, ''), word.endsWith('{')])),
  ]),
);

function knownIn(block: string): ReadonlyMap<string, boolean> {
  return WORDS.get(block) ?? new Map<string, boolean>();
}

/** One finding for the line and all that is in its block. */
export function reportUnread(table: NamedTable, statement: Statement, reading: Guessing): void {
  const { findings } = reading;
  const [word] = statement.words;
  if (word === undefined) return;
  const { text } = word;
  const skipped = statement.block === undefined ? '' : ' and its block';
  const opens = knownIn(table.name).get(text);
  if (opens !== undefined) {
    if (opens && statement.block === undefined) {
      findings.report(
        'missingBrace',
        word,
        `${text} needs a block: { ... }`,
        'add { after it',
      );
    }
    findings.report('notSupportedYet', word, `${text} is not supported yet: the line${skipped} has no effect`);
    return;
  }
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

function hintFor(table: NamedTable, text: string, reading: Guessing): string | undefined {
  if (reading.guesses <= 0) return undefined;
  reading.guesses -= 1;
  const guess = nearest(text, [...table.index.keys(), ...knownIn(table.name).keys()]);
  if (guess !== undefined) return `did you mean ${guess}?`;
  const elsewhere = blocksOf(text);
  return elsewhere.length > 0 ? `${text} belongs in ${elsewhere.join(' or ')}` : undefined;
}

function where(block: string): string {
  return block === 'top-level' ? '' : ` in ${block}`;
}

/** Up to three blocks that do know the keyword: it may have slipped out of its own. */
function blocksOf(keyword: string): readonly string[] {
  const found: string[] = [];
  for (const block of Object.keys(KNOWN)) {
    if (knownIn(block).has(keyword)) found.push(block === 'top-level' ? 'the outermost level' : block);
    if (found.length === 3) break;
  }
  return found;
}
