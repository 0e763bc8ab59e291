/** The report as workflow commands of GitHub Actions: each finding becomes an annotation of its line. */

import type { Diagnostic, Severity } from '../../base/source.js';
import { endColumn } from './report.js';
import type { Report } from './report.js';

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' };

export function renderGithub({ findings, lineAt }: Report): string {
  return findings.map((finding) => `${annotation(finding, lineAt)}\n`).join('');
}

function annotation({ severity, at, code, message, hint, related = [] }: Diagnostic, lineAt: Report['lineAt']): string {
  const end = endColumn(at, lineAt(at));
  const properties = [
    `file=${escapeProperty(at.file)}`,
    `line=${at.line}`,
    `col=${at.column}`,
    // The last column of the word, not the one behind it.
    ...(end === undefined ? [] : [`endColumn=${end - 1}`]),
    `title=${escapeProperty(code)}`,
  ];
  const places = related.map((other) => `${other.at.file}:${other.at.line}:${other.at.column}: ${other.message}`);
  const text = [message, ...places, ...(hint === undefined ? [] : [`hint: ${hint}`])].join('\n');
  return `::${COMMANDS[severity]} ${properties.join(',')}::${escapeData(text)}`;
}

/** What the runner turns back (actions/toolkit, command.ts): percent sign and line ends. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Inside a property the signs that separate properties, too. */
function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
