/**
 * nearley's lexer: one token per run of lines, opening line, closing brace or block that holds nothing but lines. It balances
 * the braces, reporting those that are missing or too many at their places, so that the grammar never meets a sentence it must
 * refuse.
 */

import { present } from '../base/invariant.js';
import type { SourcePosition } from '../base/source.js';
import type { SourceLine, Statement, Token } from './cst.js';
import type { Findings } from './findings.js';
import { NESTING, WITHOUT_NAME } from './nesting.js';
import { createScanner } from './scanner.js';
import type { Piece } from './scanner.js';
import { createTokenQueue } from './token-queue.js';
import type { TokenQueue } from './token-queue.js';

const TOKEN_TYPES: ReadonlySet<string> = new Set<Token['type']>(['lines', 'open', 'close', 'flat', 'end']);

/** What the generated grammar asks: the names of the tokens. Parsing takes its own lexer from `createLexer`. */
export const tokenTypes = {
  has: (type: string): boolean => TOKEN_TYPES.has(type),
  reset: (): void => undefined,
  next: (): Token | undefined => undefined,
  save: (): object => ({}),
  formatError: (): string => '',
};

/**
 * Tokens in stretches that end between two statements of the outermost level, so that what one stretch was parsed into can be
 * gone before the next: each stretch is a sentence of the grammar, its last token is `end`, and one undefined follows.
 */
export interface TokenSource {
  readonly next: () => Token | undefined;
  /** True when the last stretch has been handed over. */
  readonly isDone: () => boolean;
}

/**
 * Tokens after which a stretch ends as soon as it can: a block or some lines make beginning a parse cheap enough, and what nearley
 * remembers of a stretch until its end is little.
 */
const STRETCH = 40;

interface OpenBlock {
  /** Undefined for a brace without a keyword: its lines belong to the block around it. */
  readonly keyword: string | undefined;
  readonly at: SourcePosition;
}

/** Deeper than any configuration; bounds what hostile braces may build. */
const DEEPEST = 200;

/** What the lexer knows at a place in the text. */
interface Nest {
  readonly findings: Findings;
  /** Blocks open here, outermost first. */
  readonly open: OpenBlock[];
  readonly tokens: TokenQueue;
}

/** The tokens of one configuration. */
export function createLexer(lines: Iterable<SourceLine>, findings: Findings): TokenSource {
  const pieces = createPieces(lines, findings);
  const nest: Nest = { findings, open: [], tokens: createTokenQueue() };
  const { open, tokens } = nest;
  let given = 0;
  let stretchEnds = false;
  let done = false;

  function advance(): void {
    const piece = open.length === 0 && given >= STRETCH ? undefined : pieces.take();
    if (piece === undefined) {
      stretchEnds = true;
      done = pieces.peek() === undefined;
      for (const block of open.splice(0).reverse()) closeUnclosed(block, nest);
      tokens.end();
    } else if (piece.type === 'words') {
      takeStatement(nest, piece.statement, pieces);
    } else {
      takeBrace(nest, piece);
    }
  }

  return {
    isDone: () => done,
    next(): Token | undefined {
      for (;;) {
        const token = tokens.take();
        if (token !== undefined) {
          given += 1;
          return token;
        }
        if (stretchEnds) {
          stretchEnds = false;
          given = 0;
          return undefined;
        }
        advance();
      }
    },
  };
}

function takeStatement(nest: Nest, statement: Statement, pieces: Pieces): void {
  const keyword = present(statement.words[0], 'a statement has a keyword');
  const next = pieces.peek();
  if (next?.type === 'leftBrace') {
    pieces.take();
    openBlock(nest, statement, next.at);
  } else if (lacksBrace(statement, nest.open)) {
    nest.findings.report(
      'missingBrace',
      keyword,
      `${keyword.text} opens a block, but no { follows`,
      'add { at the end of this line',
    );
    openBlock(nest, statement, keyword);
  } else {
    nest.tokens.line(statement);
  }
}

function takeBrace({ findings, open, tokens }: Nest, { type, at }: Exclude<Piece, { type: 'words' }>): void {
  if (type === 'leftBrace') {
    findings.report('unexpectedBrace', at, 'no keyword stands before this {', 'remove it and its }');
    open.push({ keyword: undefined, at });
    return;
  }
  const closed = open.pop();
  if (closed === undefined) findings.report('extraBrace', at, 'no block is open that this } could close', 'remove it');
  else if (closed.keyword !== undefined) tokens.close();
}

function openBlock(nest: Nest, statement: Statement, at: SourcePosition): void {
  const { findings, open, tokens } = nest;
  const keyword = statement.words[0]?.text ?? '';
  closeForgotten(keyword, nest);
  if (open.length >= DEEPEST) {
    findings.report('unexpectedBrace', at, `more than ${DEEPEST} braces inside each other: this one is ignored`);
    tokens.line(statement);
    open.push({ keyword: undefined, at });
    return;
  }
  open.push({ keyword, at });
  tokens.open(statement, at);
}

/**
 * A keyword that cannot stand in the innermost block but can stand in one around it shows that the blocks in between were
 * never closed. keepalived would read it as an unknown keyword of the inner block.
 */
function closeForgotten(keyword: string, nest: Nest): void {
  const { open } = nest;
  const parents = NESTING.get(keyword);
  if (parents === undefined || open.length === 0) return;
  let parent = open.length - 1;
  while (parent >= 0 && !parents.includes(open[parent]?.keyword ?? '\0')) parent -= 1;
  if (parent < 0 && !parents.includes('')) return;
  for (const block of open.splice(parent + 1).reverse()) closeUnclosed(block, nest);
}

function closeUnclosed(block: OpenBlock, { findings, tokens }: Nest): void {
  const of = block.keyword === undefined ? '' : ` of ${block.keyword}`;
  findings.report('unclosedBrace', block.at, `the block${of} opened here is never closed`, 'add the missing }');
  if (block.keyword !== undefined) tokens.close();
}

/**
 * True for a line whose keyword must open a block where it stands. Not for `virtual_ipaddress ADDRESS` and the like, where
 * somebody took the block for an argument: there the next } belongs to the block around it.
 */
function lacksBrace({ words }: Statement, open: readonly OpenBlock[]): boolean {
  const keyword = words[0]?.text ?? '';
  const parents = NESTING.get(keyword);
  if (parents === undefined || (words.length > 1 && WITHOUT_NAME.has(keyword))) return false;
  return parents.includes(open.length === 0 ? '' : (open.at(-1)?.keyword ?? '\0'));
}

/** The pieces of all lines, one ahead. */
interface Pieces {
  readonly peek: () => Piece | undefined;
  readonly take: () => Piece | undefined;
}

/** Scans line by line. */
function createPieces(lines: Iterable<SourceLine>, findings: Findings): Pieces {
  const scan = createScanner(findings);
  const pieces: Piece[] = [];
  const source = lines[Symbol.iterator]();
  let index = 0;
  function peek(): Piece | undefined {
    while (index >= pieces.length) {
      const next = source.next();
      if (next.done === true) return undefined;
      index = 0;
      pieces.length = 0;
      scan(next.value, pieces);
    }
    return pieces[index];
  }
  return {
    peek,
    take(): Piece | undefined {
      const piece = peek();
      if (piece !== undefined) index += 1;
      return piece;
    },
  };
}
