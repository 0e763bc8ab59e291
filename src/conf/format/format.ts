/**
 * A configuration file printed back: one statement a line, indented by its blocks, each brace where it belongs, words by their
 * usual names. What depends on definitions, conditions and includes stays as it is in its place. The result says the same
 * as the file did; meaning.ts tells whether it really does.
 */

import { utf8Length } from '../../base/bytes.js';
import { topLevel } from '../keywords/top-level.js';
import type { BlockTable, Keywords } from '../keywords/schema.js';
import { LINE_LIMIT } from '../lines.js';
import type { ClassifyOptions, FormatLine, Part } from './classify.js';
import { classifyLines } from './classify.js';
import { layOut } from './layout.js';
import type { Row } from './layout.js';

/** The table of a block, as far as it is known; aliases are replaced in those only. */
type Table = BlockTable<Keywords> | undefined;

/** Where printing stands in the file. */
interface Printing {
  readonly rows: Row[];
  /** Tables of the open blocks, outermost first. */
  readonly tables: Table[];
  readonly careful: boolean;
  /** The last statement, as long as its brace may still follow: its row, if the brace may be put there, and its keyword. */
  waiting: { readonly row: number | undefined; readonly keyword: string } | undefined;
  /** The condition of the line before and its depth, when that line opened or closed something. */
  alternative: { readonly condition: string; readonly depth: number } | undefined;
}

/** `text` is one file, not what it includes. Line ends become LF; a byte order mark goes. */
export function formatText(text: string, options: ClassifyOptions): string {
  const printing: Printing = { rows: [], tables: [topLevel], careful: options.careful, waiting: undefined, alternative: undefined };
  for (const line of classifyLines(text, options)) printLine(printing, line);
  const formatted = layOut(printing.rows);
  // One that stood inside the text must not become the mark of the file.
  return formatted.startsWith('\ufeff') ? ` ${formatted}` : formatted;
}

function printLine(printing: Printing, line: FormatLine): void {
  const { rows } = printing;
  if (line.kind === 'parts' || line.kind === 'raw' || (line.kind === 'fixed' && line.condition === '')) printing.alternative = undefined;
  switch (line.kind) {
    case 'blank':
      rows.push({ depth: depthOf(printing), text: '' });
      return;
    case 'comment':
      rows.push({ depth: depthOf(printing), text: '', comment: line.text });
      return;
    case 'raw':
      printing.waiting = undefined;
      rows.push({ depth: 0, text: line.text, raw: true });
      return;
    case 'fixed':
      printFixed(printing, line);
      return;
    case 'parts':
      printParts(printing, line);
  }
}

function depthOf({ tables }: Printing): number {
  return tables.length - 1;
}

function printFixed(printing: Printing, { text, braces, condition }: Extract<FormatLine, { kind: 'fixed' }>): void {
  const { rows, tables } = printing;
  printing.waiting = undefined;
  const leading = text.startsWith('}') ? (/^\}*/.exec(braces)?.[0].length ?? 0) : 0;
  const { alternative } = printing;
  // Of lines under different conditions only one will count: so do its braces.
  if (alternative !== undefined && alternative.condition !== condition) {
    rows.push({ depth: alternative.depth, text });
    return;
  }
  const depth = depthOf(printing) - leading;
  rows.push({ depth, text });
  if (braces !== '' && condition !== '') printing.alternative = { condition, depth };
  const keyword = condition === '' ? '' : (/^\S+\s+([^\s{}]+)/.exec(text)?.[1] ?? '');
  for (const brace of braces) {
    if (brace === '{') tables.push(tableOf(printing, keyword));
    else if (tables.length > 1) tables.pop();
  }
}

function printParts(printing: Printing, { parts, comment, refers }: Extract<FormatLine, { kind: 'parts' }>): void {
  const { rows } = printing;
  const first = rows.length;
  for (const part of parts) printPart(printing, part);
  const last = rows.at(-1);
  if (comment !== '') {
    if (last !== undefined && rows.length > first) rows[rows.length - 1] = { ...last, comment };
    else rows.push({ depth: depthOf(printing), text: '', comment });
  }
  // A value may end in something that must stay last on its line.
  if (refers && printing.waiting !== undefined) printing.waiting = { ...printing.waiting, row: undefined };
}

function printPart(printing: Printing, part: Part): void {
  const { rows, tables } = printing;
  switch (part.type) {
    case 'words': {
      const [keyword = ''] = part.words.split(' ', 1);
      const usual = printing.careful ? keyword : (tables.at(-1)?.index.get(keyword)?.[0] ?? keyword);
      printing.waiting = { row: rows.length, keyword: usual };
      rows.push({ depth: depthOf(printing), text: usual + part.words.slice(keyword.length) });
      return;
    }
    case 'leftBrace':
      openBlock(printing);
      return;
    case 'rightBrace':
      printing.waiting = undefined;
      if (tables.length > 1) tables.pop();
      rows.push({ depth: depthOf(printing), text: '}' });
  }
}

/** On the line of its keyword, where there is one; comments in between move into the block. */
function openBlock(printing: Printing): void {
  const { rows, tables, waiting } = printing;
  const index = waiting?.row;
  const row = index === undefined ? undefined : rows[index];
  const table = waiting === undefined ? undefined : tableOf(printing, waiting.keyword);
  printing.waiting = undefined;
  if (index === undefined || row === undefined || utf8Length(row.text + (row.comment ?? '')) + 3 > LINE_LIMIT) {
    rows.push({ depth: depthOf(printing), text: '{' });
    tables.push(table);
    return;
  }
  row.text += ' {';
  const between = rows.splice(index + 1).filter(({ comment }) => comment !== undefined);
  tables.push(table);
  rows.push(...between.map((comment) => ({ ...comment, depth: depthOf(printing) })));
}

function tableOf({ tables }: Printing, keyword: string): Table {
  return tables.at(-1)?.index.get(keyword)?.[1].block;
}
