/** The report for programs. Its shape is CHECK_SCHEMA; `version` grows when something is taken away or changes meaning. */

import type { Diagnostic, SourcePosition } from '../../base/source.js';
import { catalogEntry, findingKind } from '../../conf/catalog.js';
import { PACKAGE_VERSION } from '../../daemon/start/version.js';
import { endColumn } from './report.js';
import type { Report } from './report.js';

export const JSON_VERSION = 1;

export function renderJson({ files, findings, counts, failed, keepalivedStatus, lineAt }: Report): string {
  const report = {
    format: 'holdfast-check',
    version: JSON_VERSION,
    program: { name: 'holdfast', version: PACKAGE_VERSION },
    files,
    findings: findings.map((finding) => findingFields(finding, lineAt)),
    summary: { errors: counts.error, warnings: counts.warning, informational: counts.info },
    failed,
    keepalivedStatus,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function findingFields(finding: Diagnostic, lineAt: Report['lineAt']): object {
  const { code, severity, at, message, hint, related = [] } = finding;
  const entry = catalogEntry(code);
  return {
    code,
    name: findingKind(code) ?? code,
    severity,
    ...placeFields(at, lineAt),
    message,
    ...(hint === undefined ? {} : { hint }),
    keepalived: entry?.verdict ?? 'silent',
    stops: entry?.stops ?? 'nothing',
    related: related.map((other) => ({ ...placeFields(other.at, lineAt), message: other.message })),
  };
}

function placeFields(at: SourcePosition, lineAt: Report['lineAt']): object {
  const end = endColumn(at, lineAt(at));
  return { file: at.file, line: at.line, column: at.column, ...(end === undefined ? {} : { endColumn: end }) };
}

const STRING = { type: 'string' } as const;
const COUNT = { type: 'integer', minimum: 0 } as const;
const PLACE = {
  file: { ...STRING, description: 'As the operator or the including file named it.' },
  line: { type: 'integer', minimum: 1 },
  column: { type: 'integer', minimum: 1, description: 'In UTF-16 code units.' },
  endColumn: { type: 'integer', minimum: 2, description: 'The column behind the word.' },
} as const;

/** JSON Schema (draft 2020-12) of `--format json`. */
export const CHECK_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: `urn:holdfast:check-report:${JSON_VERSION}`,
  title: 'Report of holdfast check',
  type: 'object',
  required: ['format', 'version', 'program', 'files', 'findings', 'summary', 'failed', 'keepalivedStatus'],
  properties: {
    format: { const: 'holdfast-check' },
    version: { const: JSON_VERSION },
    program: { type: 'object', required: ['name', 'version'], properties: { name: STRING, version: STRING } },
    files: { type: 'array', items: STRING, description: 'One, or two with --pair.' },
    findings: {
      type: 'array',
      items: {
        type: 'object',
        required: ['code', 'name', 'severity', 'file', 'line', 'column', 'message', 'keepalived', 'stops', 'related'],
        properties: {
          code: { type: 'string', pattern: '^HF-[0-9]{3}$' },
          name: STRING,
          severity: { enum: ['error', 'warning', 'info'] },
          ...PLACE,
          message: STRING,
          hint: STRING,
          keepalived: {
            enum: ['silent', 'fatal', 'general', 'security', 'parameter'],
            description: 'The class of status that keepalived -t gives for it; silent: none.',
          },
          stops: {
            enum: ['nothing', 'reload', 'start'],
            description: 'Whether the daemon refuses to reload, or to start at all.',
          },
          related: {
            type: 'array',
            items: { type: 'object', required: ['file', 'line', 'column', 'message'], properties: { ...PLACE, message: STRING } },
          },
        },
      },
    },
    summary: {
      type: 'object',
      required: ['errors', 'warnings', 'informational'],
      properties: { errors: COUNT, warnings: COUNT, informational: COUNT },
    },
    failed: { type: 'boolean', description: 'Whether a finding reaches the threshold: exit status 1.' },
    keepalivedStatus: { enum: [0, 2, 4, 5, 6], description: 'Exit status of keepalived -t for the same text.' },
  },
} as const;
