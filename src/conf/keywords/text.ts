/** Keywords whose argument is text as a program would write it: one word or in quotes, with \r, \n, \t and \xHH resolved. */

import type { About } from './about.js';
import { resolveEscapes, shellWords } from './command.js';
import { argument, custom } from './kinds.js';

/** `fault`: what is wrong with a text; such a line is reported and ignored. */
export function text(
  about: About & { readonly syntax?: string; readonly fault?: (value: string) => string | undefined; readonly hint?: string },
): ReturnType<typeof custom<string>> {
  return custom({
    ...about,
    syntax: about.syntax ?? 'TEXT',
    read(statement, { findings }) {
      const word = argument(statement, findings, 'ignored');
      const [keyword, given] = shellWords(statement);
      if (word === undefined || keyword === undefined || given === undefined) return undefined;
      const { text: value } = resolveEscapes(given.text);
      const fault = about.fault?.(value);
      if (fault === undefined) return value;
      findings.report('badValue', word, `${keyword.text}: ${fault}; the line is ignored`, about.hint ?? `write: ${about.example ?? ''}`);
      return undefined;
    },
  });
}
