/** The report for a person: a line as compilers print it, the line of the file with a mark under the place, the hint. */

import type { Diagnostic, Severity, SourcePosition } from '../../base/source.js';
import { withoutSecrets } from '../../conf/secrets.js';
import { endColumn } from './report.js';
import type { Report } from './report.js';

const RESET = '\x1b[0m';
const BOLD = '\x1b[1m';
const COLOURS: Readonly<Record<Severity, string>> = { error: '\x1b[1;31m', warning: '\x1b[1;35m', info: '\x1b[1;36m' };
const MARK = '\x1b[1;32m';

/** Characters of a source line that are shown around the place. */
const WINDOW = 160;

type Paint = (colour: string, text: string) => string;

/** Every finding, then how many there are. */
export function renderText({ files, findings, counts, lineAt }: Report, coloured: boolean): string {
  const paint: Paint = (colour, text) => (coloured ? `${colour}${text}${RESET}` : text);
  const summary = `${files.join(' and ')}: ${countsInWords(counts)}\n`;
  return findings.map((finding) => renderFinding(finding, lineAt, paint)).join('') + printable(summary);
}

function renderFinding(finding: Diagnostic, lineAt: Report['lineAt'], paint: Paint): string {
  const { at, severity, message, code, hint, related = [] } = finding;
  const head = `${paint(BOLD, `${place(at)}:`)} ${paint(COLOURS[severity], `${severity}:`)} ${paint(BOLD, printable(message))} [${code}]\n`;
  const others = related.map(
    (other) => `${paint(BOLD, `${place(other.at)}:`)} note: ${printable(other.message)}\n${excerpt(other.at, lineAt, paint)}`,
  );
  const advice = hint === undefined ? '' : `    hint: ${printable(hint)}\n`;
  return head + excerpt(at, lineAt, paint) + others.join('') + advice;
}

function place({ file, line, column }: SourcePosition): string {
  return printable(`${file}:${line}:${column}`);
}

/** The line and, under the place, `^~~~` as long as the word. */
function excerpt(at: SourcePosition, lineAt: Report['lineAt'], paint: Paint): string {
  const source = lineAt(at);
  const line = source === undefined ? undefined : withoutSecrets(source);
  if (line === undefined || line.trim() === '') return '';
  const start = Math.max(0, Math.min(at.column - 1 - WINDOW / 2, line.length - WINDOW));
  const shown = line.slice(start, start + WINDOW);
  const before = shown.slice(0, at.column - 1 - start);
  const length = Math.max(1, Math.min(endColumn(at, line) ?? 0, start + WINDOW) - at.column);
  return `    ${printable(shown)}\n    ${blank(before)}${paint(MARK, `^${'~'.repeat(length - 1)}`)}\n`;
}

/** As wide as `text` on a terminal: tabs stay, characters of double width count twice. */
function blank(text: string): string {
  return text.replaceAll(WIDE, '  ').replaceAll(/[^\t ]/gu, ' ');
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/gu;

/** A file's text must not steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** `2 errors, 1 warning`, or `nothing to report`. */
export function countsInWords(counts: Report['counts']): string {
  const parts = (['error', 'warning', 'info'] as const)
    .filter((severity) => counts[severity] > 0)
    .map((severity) => `${counts[severity]} ${severity}${counts[severity] === 1 || severity === 'info' ? '' : 's'}`);
  return parts.length === 0 ? 'nothing to report' : parts.join(', ');
}
