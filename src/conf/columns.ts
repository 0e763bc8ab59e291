/**
 * Which column of the file each character of a line came from, when the text is no longer as in the file. One character code
 * for each: sequences and definitions may make hundreds of thousands of lines, and a list of numbers is six times as large.
 */

import type { Columns, SourceLine } from './cst.js';

const WIDEST = 0xffff;

/** 1, 2, 3 ...: most lines are slices of this. */
const PLAIN = String.fromCharCode(...Array.from({ length: 1024 }, (_, i) => i + 1));

/** Columns that run on from `first`. */
export function plainColumns(first: number, length: number): Columns {
  if (first + length <= PLAIN.length) return PLAIN.slice(first - 1, first - 1 + length);
  return Array.from({ length }, (_, i) => String.fromCharCode(Math.min(WIDEST, first + i))).join('');
}

/** `length` characters that all stand for one place. */
export function sameColumn(column: number, length: number): Columns {
  return String.fromCharCode(Math.min(WIDEST, column)).repeat(length);
}

/** Those of a part of a line. */
export function columnsOf({ columns, text }: SourceLine, start: number, end = text.length): Columns {
  return columns?.slice(start, end) ?? plainColumns(start + 1, end - start);
}

/** A part of a line as a line of its own. */
export function sliceLine(source: SourceLine, start: number, end: number): SourceLine {
  return { file: source.file, line: source.line, text: source.text.slice(start, end), columns: columnsOf(source, start, end) };
}
