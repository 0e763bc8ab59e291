/** Where in a configuration something stands, and what is to be said about it. */

/** Line and column count from 1; `file` is the path as the user or the including file named it. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type Severity = 'error' | 'warning' | 'info';

/**
 * One finding about bad or odd input. Collected, never thrown.
 * `code` is stable (`HF-...`); `hint` says what to write instead.
 */
export interface Diagnostic {
  readonly severity: Severity;
  readonly code: string;
  readonly at: SourcePosition;
  readonly message: string;
  readonly hint?: string;
  /** Other places that the finding is about, each with what stands there. */
  readonly related?: readonly RelatedPlace[];
}

export interface RelatedPlace {
  readonly at: SourcePosition;
  readonly message: string;
}

/** `FILE:LINE:COLUMN: severity: message [CODE]`, with the hint on a second, indented line. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { at, severity, message, code, hint } = diagnostic;
  const head = `${at.file}:${at.line}:${at.column}: ${severity}: ${message} [${code}]`;
  return hint === undefined ? head : `${head}\n    hint: ${hint}`;
}
