/** Rows with their depth to text: indentation, blank lines, and the opening brace on the line of its keyword. */

import { LINE_LIMIT } from '../lines.js';
import { utf8Length } from '../../base/bytes.js';

const INDENT = '    ';

/** Deeper than this nothing is moved further to the right. */
const DEEPEST = 20;

export interface Row {
  readonly depth: number;
  /** Empty: a blank line. */
  text: string;
  /** With its sign. */
  readonly comment?: string;
  /** Printed exactly as it is. */
  readonly raw?: true;
}

/** Blank lines are at most one in a row, and none stands at the edge of a block or of the file. */
export function layOut(rows: readonly Row[]): string {
  const lines: string[] = [];
  let before: Row | undefined;
  let blank = false;
  for (const row of rows) {
    if (row.text === '' && row.comment === undefined && row.raw === undefined) {
      blank = true;
      continue;
    }
    if (blank && before !== undefined && !before.text.endsWith('{') && !row.text.startsWith('}')) lines.push('');
    blank = false;
    before = row;
    lines.push(printRow(row));
  }
  return lines.map((line) => `${line}\n`).join('');
}

function printRow({ depth, text, comment, raw }: Row): string {
  if (raw === true) return text;
  const content = [text, comment ?? ''].filter((part) => part !== '').join(' ');
  const indented = INDENT.repeat(Math.min(Math.max(depth, 0), DEEPEST)) + content;
  // A longer line would be read in part only.
  return utf8Length(indented) > LINE_LIMIT ? content : indented;
}
