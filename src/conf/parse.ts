/** Lines to statements through the generated grammar, a stretch of the outermost level at a time. */

import nearley from 'nearley';
import { invariant } from '../base/invariant.js';
import type { SourceLine, Statement } from './cst.js';
import type { Findings } from './findings.js';
import keepalived from './generated/keepalived.js';
import { createLexer, tokenTypes } from './lexer.js';

/**
 * The statements of the outermost level, made as they are asked for: whoever lets go of them never has the whole tree in
 * memory. Never fails: what is wrong with the text goes to `findings`.
 */
export function* parseLines(lines: Iterable<SourceLine>, findings: Findings): Generator<Statement, undefined> {
  const { next, isDone } = createLexer(lines, findings);
  const grammar = nearley.Grammar.fromCompiled(keepalived);
  while (!isDone()) {
    // The lexer reads the lines, not the text that nearley hands to reset().
    const parser = new nearley.Parser(grammar, { lexer: { ...tokenTypes, next } });
    parser.feed('');
    const results: unknown[] = parser.results;
    invariant(results.length === 1, `the grammar gives one reading, not ${results.length}`);
    yield* results[0] as readonly Statement[];
  }
}
