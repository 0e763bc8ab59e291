/** What `holdfast check` has to say, before any format: the findings, which of them count, and the exit status. */

import type { Diagnostic, Severity, SourcePosition } from '../../base/source.js';
import { keepalivedStatus } from '../../conf/verdict.js';

/** From which severity on a finding makes the check fail. */
export const THRESHOLDS = ['error', 'warning', 'info', 'never'] as const;
export type Threshold = (typeof THRESHOLDS)[number];

export interface Report {
  /** The files asked for, as the operator named them. */
  readonly files: readonly string[];
  readonly findings: readonly Diagnostic[];
  /** Number of findings by severity. */
  readonly counts: Readonly<Record<Severity, number>>;
  /** True when a finding reaches the threshold. */
  readonly failed: boolean;
  /** What keepalived's own `-t` would end with. */
  readonly keepalivedStatus: number;
  /** The text of a line that was read. */
  readonly lineAt: (at: SourcePosition) => string | undefined;
}

export interface Judgement {
  readonly failOn: Threshold;
  /** Codes that are shown but never fail. */
  readonly allowed: ReadonlySet<string>;
  /** Codes that are left out. */
  readonly ignored: ReadonlySet<string>;
}

const RANK: Readonly<Record<Threshold, number>> = { never: 3, error: 2, warning: 1, info: 0 };

export function createReport(
  files: readonly string[],
  diagnostics: readonly Diagnostic[],
  lineAt: Report['lineAt'],
  { failOn, allowed, ignored }: Judgement,
): Report {
  const findings = diagnostics.filter(({ code }) => !ignored.has(code));
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  const failed = findings.some(({ severity, code }) => RANK[severity] >= RANK[failOn] && !allowed.has(code));
  return { files, findings, counts, failed, keepalivedStatus: keepalivedStatus(diagnostics), lineAt };
}

/**
 * The column behind the word that a finding points at, in UTF-16 units from 1; undefined when there is no such place in
 * the text.
 */
export function endColumn(at: SourcePosition, line: string | undefined): number | undefined {
  const word = line === undefined ? undefined : /^(?:[^\s{}]+|[{}])/.exec(line.slice(at.column - 1))?.[0];
  return word === undefined ? undefined : at.column + word.length;
}
