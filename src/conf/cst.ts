/**
 * The concrete syntax of a configuration: words, statements and blocks with their places in the files, and nothing of what
 * any keyword means.
 */

import { invariant } from '../base/invariant.js';
import type { SourcePosition } from '../base/source.js';

/** Columns from 1, as character codes; what lies further right counts as 65,535. */
export type Columns = string;

/** One line as the lexer sees it: after includes, conditions and definitions, with the way back to the file. */
export interface SourceLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** Where each character of `text` stood in the file; absent when the text is as in the file. */
  readonly columns?: Columns;
}

/** A word is its own position. */
export interface Word extends SourcePosition {
  readonly text: string;
}

/** A keyword line, with its block when one follows. `words` holds at least the keyword, except for a bare `{`. */
export interface Statement {
  readonly words: readonly Word[];
  /** The line and the part of it that this statement covers: command keywords read it again by their own rules. */
  readonly source: SourceLine;
  readonly start: number;
  readonly end: number;
  readonly block?: Block;
}

export interface Block {
  /** The opening brace. */
  readonly at: SourcePosition;
  readonly items: readonly Statement[];
}

/** What the lexer hands to the parser. */
export type Token =
  /** Lines that follow each other without a brace. */
  | { readonly type: 'lines'; readonly value: string; readonly statements: Statement[] }
  | { readonly type: 'open'; readonly value: string; readonly statement: Statement; readonly at: SourcePosition }
  | { readonly type: 'close'; readonly value: string }
  /** A whole block without blocks in it. */
  | {
      readonly type: 'flat';
      readonly value: string;
      readonly statement: Statement;
      readonly at: SourcePosition;
      readonly statements: readonly Statement[];
    }
  /** Always the last: with it no rule that starts a parse is nullable. */
  | { readonly type: 'end'; readonly value: string };

/** The file position of a character of a line; one past the end is allowed. */
export function positionIn(source: SourceLine, index: number): SourcePosition {
  return { file: source.file, line: source.line, column: columnIn(source, index) };
}

/** The column (from 1) of a character of a line. */
export function columnIn(source: SourceLine, index: number): number {
  const { columns } = source;
  if (columns === undefined) return index + 1;
  if (index < columns.length) return columns.charCodeAt(index);
  return columns === '' ? 1 : columns.charCodeAt(columns.length - 1) + 1;
}

/** Adds to a list made by this parse alone: the grammar is unambiguous, so no other derivation holds the same list. */
export function append(items: Statement[], item: Statement): Statement[] {
  items.push(item);
  return items;
}

/** The same for a run of lines. */
export function appendLines(items: Statement[], token: Token): Statement[] {
  invariant(token.type === 'lines', 'only a lines token holds lines');
  if (items.length === 0) return token.statements;
  for (const statement of token.statements) items.push(statement);
  return items;
}

/** An opening token's statement together with what stands between its braces. */
export function blockOf(token: Token, items: readonly Statement[]): Statement {
  invariant(token.type === 'open' || token.type === 'flat', 'only these tokens begin a block');
  const { words, source, start, end } = token.statement;
  // A copy holds no places in reserve, and there are as many lists as blocks.
  return { words, source, start, end, block: { at: token.at, items: items.slice() } };
}

/** A block's own line: whoever keeps it keeps neither the block nor the text. */
export type Head = Pick<Statement, 'words'>;

export function headOf({ words }: Statement): Head {
  return { words };
}

/** A flat block's statement together with its lines. */
export function flatBlockOf(token: Token): Statement {
  invariant(token.type === 'flat', 'only a flat block is one token');
  return blockOf(token, token.statements);
}
