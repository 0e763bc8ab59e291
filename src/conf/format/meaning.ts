/** Whether two texts say the same: the statements they come to when everything is expanded, aliases being one word. */

import type { BuiltInOptions } from '../built-ins.js';
import type { Statement } from '../cst.js';
import { createFindings } from '../findings.js';
import type { ReadSource } from '../include.js';
import type { BlockTable, Keywords } from '../keywords/schema.js';
import { topLevel } from '../keywords/top-level.js';
import { parseLines } from '../parse.js';
import { expandSource } from '../preprocess.js';
import { normaliseWords } from './words.js';

/** The statements of `path` and what it includes, with what was wrong in the text. */
export function readStatements(
  readSource: ReadSource,
  path: string,
  options: BuiltInOptions,
): { readonly statements: readonly Statement[]; readonly diagnostics: ReturnType<ReturnType<typeof createFindings>['all']> } {
  const findings = createFindings();
  const statements = [...parseLines(expandSource(readSource, path, options, findings), findings)];
  return { statements, diagnostics: findings.all() };
}

/** True when both come to the same blocks of the same words in the same order, raw text of command lines included. */
export function sameStatements(a: readonly Statement[], b: readonly Statement[]): boolean {
  return sameIn(topLevel, a, b);
}

function sameIn(table: BlockTable<Keywords> | undefined, a: readonly Statement[], b: readonly Statement[]): boolean {
  return a.length === b.length && a.every((statement, i) => sameStatement(table, statement, b[i]));
}

function sameStatement(table: BlockTable<Keywords> | undefined, a: Statement, b: Statement | undefined): boolean {
  if (b === undefined || a.words.length !== b.words.length) return false;
  const keyword = a.words[0]?.text ?? '';
  const [usual, row] = table?.index.get(keyword) ?? [keyword, undefined];
  const other = b.words[0]?.text ?? '';
  if ((table?.index.get(other)?.[0] ?? other) !== usual) return false;
  if (!a.words.every(({ text }, i) => i === 0 || text === b.words[i]?.text)) return false;
  if (argumentsOf(a) !== argumentsOf(b) || (a.block === undefined) !== (b.block === undefined)) return false;
  return sameIn(row?.block, a.block?.items ?? [], b.block?.items ?? []);
}

/** All behind the keyword, as command keywords read it. */
function argumentsOf({ source, start, end }: Statement): string {
  return normaliseWords(source.text.slice(start, end).replace(/^(?:"[^"]*"|[^ \t-\r"])*[ \t-\r]*/, ''));
}
