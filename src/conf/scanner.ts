/** Lines to pieces: statements' words and single braces, with exact places. Knows quotes and comments, no keyword. */

import type { SourcePosition } from '../base/source.js';
import type { SourceLine, Statement, Word } from './cst.js';
import { columnIn, positionIn } from './cst.js';
import type { Findings } from './findings.js';
import { isBlank, isCommentSign } from './lines.js';

export type Piece =
  | { readonly type: 'words'; readonly statement: Statement }
  | { readonly type: 'leftBrace' | 'rightBrace'; readonly at: SourcePosition };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LEFT = 0x7b;
const RIGHT = 0x7d;

/** Appends the pieces of one line. Braces outside double quotes split it; a comment ends it. */
export function scanLine(source: SourceLine, pieces: Piece[], findings: Findings): void {
  const { text } = source;
  let index = 0;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (isBlank(code)) {
      index += 1;
    } else if (isCommentSign(code)) {
      return;
    } else if (code === LEFT || code === RIGHT) {
      pieces.push({ type: code === LEFT ? 'leftBrace' : 'rightBrace', at: positionIn(source, index) });
      index += 1;
    } else {
      index = scanStatement(source, index, pieces, findings);
    }
  }
}

function scanStatement(source: SourceLine, start: number, pieces: Piece[], findings: Findings): number {
  const { text, file, line } = source;
  const words: Word[] = [];
  let index = start;
  let end = start;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (isBlank(code)) {
      index += 1;
      continue;
    }
    if (code === LEFT || code === RIGHT || isCommentSign(code)) break;
    const column = columnIn(source, index);
    if (code === QUOTE) {
      const close = text.indexOf('"', index + 1);
      if (close < 0) {
        findings.report(
          'unmatchedQuote',
          { file, line, column },
          'this quote is not closed: the rest of the line is lost',
          'add the second "',
        );
        index = text.length;
        // Command keywords read the raw line again and may make sense of it.
        end = index;
        break;
      }
      words.push({ text: text.slice(index + 1, close), file, line, column });
      index = close + 1;
    } else {
      const stop = wordEnd(text, index);
      const raw = text.slice(index, stop);
      words.push({ text: raw.includes('\\') ? raw.replace(/\\([#!])/g, '$1') : raw, file, line, column });
      index = stop;
    }
    end = index;
  }
  if (words.length > 0) pieces.push({ type: 'words', statement: { words, source, start, end } });
  return index;
}

/** An unquoted word ends at a blank, a brace, a double quote or a comment. */
function wordEnd(text: string, start: number): number {
  let index = start;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (isBlank(code) || code === LEFT || code === RIGHT || code === QUOTE || isCommentSign(code)) return index;
    index += code === BACKSLASH && isCommentSign(text.charCodeAt(index + 1)) ? 2 : 1;
  }
  return text.length;
}
