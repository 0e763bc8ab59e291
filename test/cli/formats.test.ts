/** What programs read: the JSON report against its schema, SARIF against what the standard demands, annotations unescaped. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { CATALOG } from '../../src/conf/catalog.js';
import { renderGithub } from '../../src/cli/report/github.js';
import { CHECK_SCHEMA } from '../../src/cli/report/json.js';
import type { Report } from '../../src/cli/report/report.js';
import { CLEAN, holdfast, openFolder } from './command.js';
import { misfits } from './schema.js';

const folder = openFolder();

const FAULTY = `global_defs {
  rooter_id lvs1
}
vrrp_instance V {
  interface eth0
  priority 300
  virtual_ipaddress {
    192.0.2.100
  }
}
`;

function checkInFolder(format: string, text = FAULTY): { readonly status: number | null; readonly output: string } {
  folder.write('keepalived.conf', text);
  return holdfast(['check', '--offline', '--format', format, 'keepalived.conf'], {}, folder.path);
}

test('the JSON report is what its schema says, and the schema names everything in it', () => {
  for (const text of [FAULTY, CLEAN, 'vrrp_instance V {\n']) {
    assert.deepEqual(misfits(JSON.parse(checkInFolder('json', text).output), CHECK_SCHEMA), []);
  }
  assert.deepEqual(JSON.parse(holdfast(['check', '--schema']).output), CHECK_SCHEMA);
});

test('the checker of schemas finds what does not fit', () => {
  const schema = { type: 'object', required: ['a'], properties: { a: { type: 'integer', minimum: 1 }, b: { enum: ['x'] } } } as const;
  assert.deepEqual(misfits({ a: 1, b: 'x' }, schema), []);
  assert.deepEqual(misfits({ a: 0, b: 'y', c: 1 }, schema), ['$.a is below 1', '$.b is y', '$.c is not in the schema']);
  assert.deepEqual(misfits({}, schema), ['$ lacks a']);
});

test('the JSON report says what was found, where, and what keepalived makes of it', () => {
  const { status, output } = checkInFolder('json');
  const report = JSON.parse(output) as { findings: Record<string, unknown>[]; [key: string]: unknown };
  assert.equal(status, 1);
  assert.deepEqual(report.findings[0], {
    code: 'HF-301',
    name: 'unknownKeyword',
    severity: 'warning',
    file: 'keepalived.conf',
    line: 2,
    column: 3,
    endColumn: 12,
    message: "unknown keyword 'rooter_id' in global_defs: the line is ignored",
    hint: 'did you mean router_id?',
    keepalived: 'general',
    stops: 'nothing',
    related: [],
  });
  assert.deepEqual(
    [report['files'], report['failed'], report['keepalivedStatus'], report['summary']],
    [['keepalived.conf'], true, 5, { errors: 1, warnings: 2, informational: 0 }],
  );
});

interface SarifMessage {
  readonly text: string;
}

interface SarifLocation {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string };
    readonly region: { readonly startLine: number; readonly startColumn: number; readonly endColumn?: number };
  };
}

interface SarifRule {
  readonly id: string;
  readonly name: string;
  readonly shortDescription: SarifMessage;
  readonly fullDescription: SarifMessage;
  readonly help: SarifMessage & { readonly markdown: string };
  readonly defaultConfiguration: { readonly level: string };
}

interface SarifLog {
  readonly $schema: string;
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly name: string; readonly semanticVersion: string; readonly rules: readonly SarifRule[] } };
    readonly columnKind: string;
    readonly artifacts: readonly { readonly location: { readonly uri: string } }[];
    readonly invocations: readonly { readonly executionSuccessful: boolean; readonly exitCode: number }[];
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: SarifMessage;
      readonly locations: readonly SarifLocation[];
    }[];
  }[];
}

test('SARIF 2.1.0 has what the standard demands: version, tool, rules, and results that refer to them', () => {
  const { status, output } = checkInFolder('sarif');
  const log = JSON.parse(output) as SarifLog;
  assert.equal(log.version, '2.1.0');
  assert.match(log.$schema, /sarif-2\.1\.0\.json$/);
  const [run, ...others] = log.runs;
  assert.ok(run !== undefined && others.length === 0);
  const { name, rules, semanticVersion } = run.tool.driver;
  assert.equal(name, 'holdfast');
  assert.match(semanticVersion, /^\d+\.\d+\.\d+$/);
  assert.deepEqual(rules.map(({ id }) => id), Object.values(CATALOG).map(({ code }) => code));
  for (const rule of rules) {
    assert.match(rule.name, /^[A-Za-z]+$/);
    assert.ok(['none', 'note', 'warning', 'error'].includes(rule.defaultConfiguration.level), rule.id);
    for (const { text } of [rule.shortDescription, rule.fullDescription, rule.help]) assert.match(text, /^\S[^]+\.$/);
    assert.ok(rule.help.markdown.length > 0);
  }
  assert.equal(run.columnKind, 'utf16CodeUnits');
  assert.deepEqual(run.artifacts, [{ location: { uri: 'keepalived.conf' } }]);
  assert.deepEqual(run.invocations, [{ executionSuccessful: true, exitCode: status }]);
  assert.equal(run.results.length, 3);
  for (const result of run.results) {
    assert.equal(rules[result.ruleIndex]?.id, result.ruleId);
    assert.ok(['none', 'note', 'warning', 'error'].includes(result.level));
    assert.ok(result.message.text.length > 0);
    const region = result.locations[0]?.physicalLocation.region;
    assert.ok(region !== undefined && Number.isInteger(region.startLine) && region.startLine >= 1 && region.startColumn >= 1);
    assert.ok((region.endColumn ?? 0) > region.startColumn);
  }
  assert.deepEqual(run.results[0]?.locations, [
    {
      physicalLocation: {
        artifactLocation: { uri: 'keepalived.conf' },
        region: { startLine: 2, startColumn: 3, endColumn: 12 },
      },
    },
  ]);
});

test('SARIF names files by URI: relative ones as they are, absolute ones as file:', () => {
  const file = folder.write('a b.conf', 'frobnicate\n');
  const uriIn = (...words: readonly string[]): string | undefined =>
    (JSON.parse(holdfast(['check', '--format', 'sarif', ...words], {}, folder.path).output) as SarifLog).runs[0]?.results[0]?.locations[0]
      ?.physicalLocation.artifactLocation.uri;
  assert.equal(uriIn('a b.conf'), 'a%20b.conf');
  assert.equal(uriIn(file), `file://${file.replace(' ', '%20')}`);
});

test('annotations carry file, line and column', () => {
  const { output } = checkInFolder('github');
  assert.equal(
    output.split('\n')[0],
    "::warning file=keepalived.conf,line=2,col=3,endColumn=11,title=HF-301::unknown keyword 'rooter_id' in global_defs: the line is ignored%0Ahint: did you mean router_id?",
  );
  assert.match(output, /^::error file=keepalived\.conf,line=4,/m);
});

test('annotations escape what the runner would take for its own signs', () => {
  const report: Report = {
    files: ['a,b:c%.conf'],
    findings: [{ severity: 'info', code: 'HF-603', at: { file: 'a,b:c%.conf', line: 1, column: 2 }, message: '100 %, a:b\r\nnext' }],
    counts: { error: 0, warning: 0, info: 1 },
    failed: false,
    keepalivedStatus: 0,
    lineAt: () => undefined,
  };
  assert.equal(renderGithub(report), '::notice file=a%2Cb%3Ac%25.conf,line=1,col=2,title=HF-603::100 %25, a:b%0D%0Anext\n');
});
