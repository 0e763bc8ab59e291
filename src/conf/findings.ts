/** Collects diagnostics while a configuration is read, and puts them in the order an operator reads them. */

import type { Diagnostic, SourcePosition } from '../base/source.js';
import { CATALOG } from './catalog.js';
import type { FindingKind } from './catalog.js';

/** Where the readers report. One per load; nothing is thrown. */
export interface Findings {
  readonly report: (kind: FindingKind, at: SourcePosition, message: string, hint?: string) => void;
  /** Everything reported so far, in order of reporting. */
  readonly all: () => readonly Diagnostic[];
}

/**
 * More findings than this are counted, not kept: a hostile file must not fill the memory. The first fatal one is always kept.
 */
const FINDING_LIMIT = 10_000;

export function createFindings(): Findings {
  const kept: Diagnostic[] = [];
  let dropped = 0;
  let fatal = false;
  return {
    report(kind, at, message, hint) {
      const { code, severity, stops } = CATALOG[kind];
      if (kept.length >= FINDING_LIMIT && (fatal || stops !== 'start')) {
        dropped += 1;
        return;
      }
      fatal ||= stops === 'start';
      const position = { file: at.file, line: at.line, column: at.column };
      kept.push({ severity, code, at: position, message, ...(hint === undefined ? {} : { hint }) });
    },
    all() {
      const last = kept.at(-1);
      if (dropped === 0 || last === undefined) return kept;
      const { code, severity } = CATALOG.tooManyFindings;
      return [...kept, { severity, code, at: last.at, message: `${dropped} further findings are not shown` }];
    },
  };
}

/** By file (in order of first appearance in `diagnostics`), line and column; exact repetitions only once. */
export function orderDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const fileOrder = new Map<string, number>();
  const unique = new Map<string, Diagnostic>();
  for (const diagnostic of diagnostics) {
    const { at, code, message } = diagnostic;
    if (!fileOrder.has(at.file)) fileOrder.set(at.file, fileOrder.size);
    const key = `${at.file}\0${at.line}\0${at.column}\0${code}\0${message}`;
    if (!unique.has(key)) unique.set(key, diagnostic);
  }
  return [...unique.values()].sort(
    (a, b) =>
      (fileOrder.get(a.at.file) ?? 0) - (fileOrder.get(b.at.file) ?? 0) ||
      a.at.line - b.at.line ||
      a.at.column - b.at.column,
  );
}
