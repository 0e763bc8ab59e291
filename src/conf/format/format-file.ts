/** Formats one file of a configuration and makes sure that the configuration still says the same. */

import type { Diagnostic } from '../../base/source.js';
import type { BuiltInOptions } from '../built-ins.js';
import type { ReadSource } from '../include.js';
import { hasOddBlanks, withPlainBlanks } from './classify.js';
import { formatText } from './format.js';
import { readStatements, sameStatements } from './meaning.js';

export interface Formatted {
  /** Undefined when no form was found that says the same: a mistake of the formatter, and nothing to write. */
  readonly text: string | undefined;
  /** Odd blanks became ordinary ones: the words they were part of are words of their own now. */
  readonly mended: boolean;
  /** What was wrong in the text of all files; the model is not looked at. */
  readonly diagnostics: readonly Diagnostic[];
}

/** `text` is what `readSource` gives for `path` now; files that it includes are read, and stay as they are. */
export function formatFile(readSource: ReadSource, path: string, text: string, options: BuiltInOptions): Formatted {
  const statementsOf = (content: string): ReturnType<typeof readStatements> =>
    readStatements(replacing(readSource, path, content), path, options);
  const mended = hasOddBlanks(text);
  const { diagnostics } = statementsOf(text);
  const { statements } = statementsOf(mended ? text.split('\n').map(withPlainBlanks).join('\n') : text);
  const found = [false, true]
    .map((careful) => formatText(text, { careful }))
    .find((candidate) => sameStatements(statements, statementsOf(candidate).statements));
  return { text: found, mended, diagnostics };
}

/** The same files, but for one text. */
function replacing(readSource: ReadSource, path: string, text: string): ReadSource {
  return (pattern, directory) => (pattern === path && directory === undefined ? [{ path, text }] : readSource(pattern, directory));
}

/** Codes of findings after which nobody knows what the file was meant to say. */
const UNCERTAIN: ReadonlySet<string> = new Set(['HF-101', 'HF-102', 'HF-110', 'HF-111', 'HF-114', 'HF-201', 'HF-202', 'HF-203']);

/** The first finding because of which a formatted file must not replace the original. */
export function reasonNotToWrite(diagnostics: readonly Diagnostic[]): Diagnostic | undefined {
  return diagnostics.find(({ code }) => UNCERTAIN.has(code));
}
