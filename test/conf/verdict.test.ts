/** What findings mean for start, reload and `-t`, and the order in which they are shown. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { Diagnostic } from '../../src/base/source.js';
import { CATALOG } from '../../src/conf/catalog.js';
import { orderDiagnostics } from '../../src/conf/findings.js';
import { isFatal, keepalivedStatus, testStatus } from '../../src/conf/verdict.js';
import { load } from './support.js';

function statuses(text: string): readonly number[] {
  const { diagnostics } = load(text);
  return [keepalivedStatus(diagnostics), testStatus(diagnostics)];
}

test('-t gives keepalived its exit status by the class of the worst finding', () => {
  assert.deepEqual(statuses('use_pid_dir\n'), [0, 0]);
  assert.deepEqual(statuses('foo\n'), [5, 5]);
  assert.deepEqual(statuses('child_wait_time\nfoo\n'), [2, 2]);
  assert.deepEqual(statuses('includea nope\nfoo\n'), [6, 6]);
  assert.deepEqual(statuses('includea nope\nchild_wait_time\n'), [6, 6]);
  assert.deepEqual(statuses('child_wait_time\nincludea nope\n'), [2, 2]);
  assert.deepEqual(statuses('vrrp_instance a {\n interface eth0\n virtual_router_id 1\n notify /bin/x\n virtual_ipaddress {\n 192.0.2.1\n }\n}\n'), [6, 6]);
});

test('what only holdfast remarks does not change the verdict of keepalived, but -t does not pass it over', () => {
  const { code, severity } = CATALOG.includeSkipped;
  const remark: Diagnostic = { severity, code, at: { file: 'a', line: 1, column: 1 }, message: '' };
  assert.deepEqual([keepalivedStatus([remark]), testStatus([remark])], [0, 5]);
});

test('only what would end keepalived keeps the model back', () => {
  assert.equal(load('vrrp_instance a {\n}\n').model, undefined);
  assert.notEqual(load('foo {\n}\nglobal_defs {\n').model, undefined);
});

test('every code is given once and its severity agrees with what it stops', () => {
  const entries = Object.values(CATALOG);
  assert.equal(new Set(entries.map(({ code }) => code)).size, entries.length);
  for (const { code, severity, stops } of entries) assert.equal(severity === 'error', stops !== 'nothing', code);
});

test('an unknown code stops nothing', () => {
  const diagnostic: Diagnostic = { severity: 'error', code: 'HF-000', at: { file: 'a', line: 1, column: 1 }, message: '' };
  assert.equal(isFatal(diagnostic, 'reload'), false);
});

test('findings are shown by file, line and column, each once', () => {
  const finding = (file: string, line: number, column: number, message = 'm'): Diagnostic => ({
    severity: 'warning',
    code: 'HF-301',
    at: { file, line, column },
    message,
  });
  const ordered = orderDiagnostics([
    finding('main', 9, 1),
    finding('inc', 5, 2),
    finding('main', 2, 7),
    finding('main', 2, 3),
    finding('main', 2, 3),
    finding('main', 2, 3, 'other'),
    finding('inc', 1, 1),
  ]);
  assert.deepEqual(
    ordered.map(({ at, message }) => `${at.file}:${at.line}:${at.column} ${message}`),
    ['main:2:3 m', 'main:2:3 other', 'main:2:7 m', 'main:9:1 m', 'inc:1:1 m', 'inc:5:2 m'],
  );
});

test('a file of nothing but mistakes gives a bounded list that says how many are left out', () => {
  const { diagnostics } = load('foo\n'.repeat(30_000));
  assert.equal(diagnostics.length, 10_001);
  assert.equal(diagnostics.at(-1)?.code, 'HF-199');
  assert.equal(diagnostics.at(-1)?.message, '20000 further findings are not shown');
});
