/** Lines to statements through the generated grammar: whole configuration, one parse. */

import nearley from 'nearley';
import { invariant } from '../base/invariant.js';
import type { SourceLine, Statement } from './cst.js';
import type { Findings } from './findings.js';
import keepalived from './generated/keepalived.js';
import { createLexer, tokenTypes } from './lexer.js';

/** The statements of the outermost level. Never fails: what is wrong with the text goes to `findings`. */
export function parseLines(lines: readonly SourceLine[], findings: Findings): readonly Statement[] {
  const { next } = createLexer(lines, findings);
  // The lexer reads the lines, not the text that nearley hands to reset().
  const parser = new nearley.Parser(nearley.Grammar.fromCompiled(keepalived), { lexer: { ...tokenTypes, next } });
  parser.feed('');
  const results: unknown[] = parser.results;
  invariant(results.length === 1, `the grammar gives one reading, not ${results.length}`);
  return results[0] as readonly Statement[];
}
