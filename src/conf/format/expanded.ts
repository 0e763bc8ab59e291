/** A configuration that has been read, printed in full: includes, definitions, conditions and sequences carried out. */

import type { Statement } from '../cst.js';
import { isSpecial } from './classify.js';
import type { Row } from './layout.js';
import { layOut } from './layout.js';
import { normaliseWords } from './words.js';

/** Reads back to the same statements, from any file name and on any host. */
export function printExpanded(statements: readonly Statement[]): string {
  const rows: Row[] = [];
  addRows(rows, statements, 0);
  return layOut(rows);
}

function addRows(rows: Row[], statements: readonly Statement[], depth: number): void {
  for (const statement of statements) {
    const { source, start, end, block } = statement;
    const text = asKeyword(normaliseWords(source.text.slice(start, end)));
    if (block === undefined) {
      // A backslash at the end of a line would join the word before it; in front of a comment it does not.
      rows.push({ depth, text, ...(/[ \t]\\$/.test(text) ? { comment: '#' } : {}) });
      continue;
    }
    rows.push({ depth, text: `${text} {` });
    addRows(rows, block.items, depth + 1);
    rows.push({ depth, text: '}' });
    if (depth === 0) rows.push({ depth, text: '' });
  }
}

/** What the text layer would obey at the start of a line is a keyword here; quotes say so. */
function asKeyword(text: string): string {
  return isSpecial(text) ? text.replace(/^[^ \t"]+/, (word) => `"${word.replaceAll(/\\([#!])/g, '$1')}"`) : text;
}
