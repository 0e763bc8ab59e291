/** The report as SARIF 2.1.0 (OASIS), which code scanning services and editors read: every kind of finding is a rule. */

import { pathToFileURL } from 'node:url';

import type { Severity, SourcePosition } from '../../base/source.js';
import { CATALOG, findingKind } from '../../conf/catalog.js';
import type { FindingKind } from '../../conf/catalog.js';
import { EXPLANATIONS } from '../../conf/explanations.js';
import { PACKAGE_VERSION } from '../../daemon/start/version.js';
import { endColumn } from './report.js';
import type { Report } from './report.js';

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/** `status` is the exit status of the check. */
export function renderSarif({ files, findings, lineAt }: Report, status: number): string {
  const kinds = Object.keys(CATALOG) as readonly FindingKind[];
  const indexOf = new Map(kinds.map((kind, index) => [kind, index]));
  const results = findings.map(({ code, severity, at, message, hint, related = [] }) => {
    const kind = findingKind(code);
    const ruleIndex = kind === undefined ? undefined : indexOf.get(kind);
    return {
      ruleId: code,
      ...(ruleIndex === undefined ? {} : { ruleIndex }),
      level: LEVELS[severity],
      message: { text: hint === undefined ? message : `${message}\n${hint}` },
      locations: [{ physicalLocation: location(at, lineAt) }],
      ...(related.length === 0
        ? {}
        : {
            relatedLocations: related.map((other, id) => ({
              id,
              physicalLocation: location(other.at, lineAt),
              message: { text: other.message },
            })),
          }),
    };
  });
  const run = {
    tool: { driver: { name: 'holdfast', semanticVersion: PACKAGE_VERSION, rules: kinds.map(rule) } },
    columnKind: 'utf16CodeUnits',
    artifacts: files.map((file) => ({ location: { uri: uriOf(file) } })),
    invocations: [{ executionSuccessful: true, exitCode: status }],
    results,
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function rule(kind: FindingKind): object {
  const { code, severity } = CATALOG[kind];
  const { title, meaning, keepalived, remedy } = EXPLANATIONS[kind];
  return {
    id: code,
    name: kind,
    shortDescription: { text: `${title}.` },
    fullDescription: { text: meaning },
    help: {
      text: `${meaning}\n\nkeepalived: ${keepalived}\n\n${remedy}`,
      markdown: `${meaning}\n\n**keepalived:** ${keepalived}\n\n**Mend it:** ${remedy}`,
    },
    defaultConfiguration: { level: LEVELS[severity] },
  };
}

function location(at: SourcePosition, lineAt: Report['lineAt']): object {
  const end = endColumn(at, lineAt(at));
  return {
    artifactLocation: { uri: uriOf(at.file) },
    region: { startLine: at.line, startColumn: at.column, ...(end === undefined ? {} : { endColumn: end }) },
  };
}

/** Relative names stay relative, so that a service can find them in its checkout. */
function uriOf(file: string): string {
  return file.startsWith('/') ? pathToFileURL(file).href : file.split('/').map(encodeURIComponent).join('/');
}
