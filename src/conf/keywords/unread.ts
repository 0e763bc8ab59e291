/** What is said about a line whose keyword a block's table does not hold: known but not built yet, obsolete, or unknown. */

import type { Statement } from '../cst.js';
import type { Findings } from '../findings.js';
import { KNOWN } from './known.js';
import { nearest } from './nearest.js';
import { OBSOLETE } from './obsolete.js';

interface NamedTable {
  readonly name: string;
  readonly index: ReadonlyMap<string, unknown>;
}

const knownNames = new Map<string, ReadonlySet<string>>();

function knownIn(block: string): ReadonlySet<string> {
  const cached = knownNames.get(block);
  if (cached !== undefined) return cached;
  const names = new Set((KNOWN[block] ?? '').split(' ').map((name) => name.replace(/\{$/, '')));
  knownNames.set(block, names);
  return names;
}

/** One finding for the line and all that is in its block. */
export function reportUnread(table: NamedTable, statement: Statement, findings: Findings): void {
  const [word] = statement.words;
  if (word === undefined) return;
  const { text } = word;
  const skipped = statement.block === undefined ? '' : ' and its block';
  if (knownIn(table.name).has(text)) {
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
  const guess = nearest(text, [...table.index.keys(), ...knownIn(table.name)]);
  const elsewhere = guess === undefined ? blocksOf(text) : [];
  const hint =
    guess !== undefined
      ? `did you mean ${guess}?`
      : elsewhere.length > 0
        ? `${text} belongs in ${elsewhere.join(' or ')}`
        : undefined;
  findings.report('unknownKeyword', word, `unknown keyword ${text}${where(table.name)}: the line is ignored${misread}`, hint);
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
