/**
 * The tokens that the lexer has made and the parser has not taken yet. Puts lines that follow each other into one token, and a
 * block that holds nothing but lines too: nearley's cost is the number of tokens. Braces come here already balanced.
 */

import type { SourcePosition } from '../base/source.js';
import type { Statement, Token } from './cst.js';

export interface TokenQueue {
  readonly line: (statement: Statement) => void;
  readonly open: (statement: Statement, at: SourcePosition) => void;
  readonly close: () => void;
  readonly end: () => void;
  /** The oldest token that nothing behind it can change any more. */
  readonly take: () => Token | undefined;
}

const CLOSE: Token = { type: 'close', value: '}' };
const END: Token = { type: 'end', value: '' };

export function createTokenQueue(): TokenQueue {
  const ready: Token[] = [];
  /** The innermost open block while no other has begun in it. */
  let opened: { readonly statement: Statement; readonly at: SourcePosition } | undefined;
  /** The run of lines that may still grow: those of `opened` if there is one. */
  let lines: Statement[] = [];

  function complete(): void {
    if (opened !== undefined) ready.push({ type: 'open', value: keywordOf(opened.statement), ...opened });
    if (lines.length > 0) ready.push({ type: 'lines', value: keywordOf(lines[0]), statements: lines });
    opened = undefined;
    lines = [];
  }

  return {
    line: (statement) => void lines.push(statement),
    open(statement, at) {
      complete();
      opened = { statement, at };
    },
    close() {
      if (opened === undefined) {
        complete();
        ready.push(CLOSE);
        return;
      }
      ready.push({ type: 'flat', value: keywordOf(opened.statement), ...opened, statements: lines });
      opened = undefined;
      lines = [];
    },
    end() {
      complete();
      ready.push(END);
    },
    take: () => ready.shift(),
  };
}

function keywordOf(statement: Statement | undefined): string {
  return statement?.words[0]?.text ?? '';
}
