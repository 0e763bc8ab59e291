/**
 * Lines to pieces: statements' words and single braces, with exact places. Knows quotes and comments, no keyword. Equal lines
 * are read once and share the texts of their words: a configuration of ten thousand servers says much the same everywhere.
 */

import type { SourcePosition } from '../base/source.js';
import type { SourceLine, Statement, Word } from './cst.js';
import { columnIn, positionIn } from './cst.js';
import type { Findings } from './findings.js';
import { isBlank, isCommentSign } from './lines.js';

export type Piece =
  | { readonly type: 'words'; readonly statement: Statement }
  | { readonly type: 'leftBrace' | 'rightBrace'; readonly at: SourcePosition };

/** Appends the pieces of one line. Braces outside double quotes split it; a comment ends it. */
export type Scanner = (source: SourceLine, pieces: Piece[]) => void;

/** What can be known of a line without knowing where it stands. Indexes count characters of the line. */
interface Shape {
  readonly parts: readonly Part[];
  /** Where a quote stands that is not closed. */
  readonly unclosedAt: number | undefined;
}

type Part =
  | { readonly type: 'words'; readonly words: readonly PlainWord[]; readonly start: number; readonly end: number }
  | { readonly type: 'leftBrace' | 'rightBrace'; readonly index: number };

interface PlainWord {
  readonly text: string;
  readonly index: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LEFT = 0x7b;
const RIGHT = 0x7d;

/** Lines remembered, and how long a line may be to be worth it. */
const MOST_SHAPES = 4096;
const LONGEST_REMEMBERED = 100;

export function createScanner(findings: Findings): Scanner {
  const shapes = new Map<string, Shape>();

  function shapeOf(text: string): Shape {
    if (text.length > LONGEST_REMEMBERED) return readShape(text);
    const known = shapes.get(text);
    if (known !== undefined) return known;
    const shape = readShape(text);
    // Starting over costs less than finding out which ones come again.
    if (shapes.size >= MOST_SHAPES) shapes.clear();
    shapes.set(text, shape);
    return shape;
  }

  return (source, pieces) => {
    const { parts, unclosedAt } = shapeOf(source.text);
    if (unclosedAt !== undefined) {
      const at = positionIn(source, unclosedAt);
      findings.report('unmatchedQuote', at, 'this quote is not closed: the rest of the line is lost', 'add the second "');
    }
    for (const part of parts) pieces.push(pieceOf(part, source));
  };
}

function pieceOf(part: Part, source: SourceLine): Piece {
  if (part.type !== 'words') return { type: part.type, at: positionIn(source, part.index) };
  const { file, line } = source;
  // map() makes lists of exactly this length: pushing to them would reserve places for seventeen words.
  const words = part.words.map(({ text, index }): Word => ({ text, file, line, column: columnIn(source, index) }));
  return { type: 'words', statement: { words, source, start: part.start, end: part.end } };
}

function readShape(text: string): Shape {
  const parts: Part[] = [];
  let unclosedAt: number | undefined;
  let index = 0;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (isBlank(code)) {
      index += 1;
    } else if (isCommentSign(code)) {
      break;
    } else if (code === LEFT || code === RIGHT) {
      parts.push({ type: code === LEFT ? 'leftBrace' : 'rightBrace', index });
      index += 1;
    } else {
      const read = readWords(text, index);
      if (read.words.length > 0) parts.push({ type: 'words', words: read.words, start: index, end: read.end });
      ({ unclosedAt, next: index } = read);
    }
  }
  return { parts, unclosedAt };
}

interface ReadWords {
  readonly words: readonly PlainWord[];
  /** One behind the last word. */
  readonly end: number;
  /** Where reading goes on. */
  readonly next: number;
  readonly unclosedAt: number | undefined;
}

/** The words from `start` up to a brace, a comment or the end of the line. */
function readWords(text: string, start: number): ReadWords {
  const words: PlainWord[] = [];
  let index = start;
  let end = start;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (isBlank(code)) {
      index += 1;
      continue;
    }
    if (code === LEFT || code === RIGHT || isCommentSign(code)) break;
    if (code === QUOTE) {
      const close = text.indexOf('"', index + 1);
      // Command keywords read the raw line again, up to its end, and may make sense of it.
      if (close < 0) return { words, end: text.length, next: text.length, unclosedAt: index };
      words.push({ text: text.slice(index + 1, close), index });
      index = close + 1;
    } else {
      const stop = wordEnd(text, index);
      const raw = text.slice(index, stop);
      words.push({ text: raw.includes('\\') ? raw.replace(/\\([#!])/g, '$1') : raw, index });
      index = stop;
    }
    end = index;
  }
  return { words, end, next: index, unclosedAt: undefined };
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
