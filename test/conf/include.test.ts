/** Files: the main one, included ones, missing ones, loops. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { loadConfiguration } from '../../src/conf/load.js';
import { isFatal, testStatus } from '../../src/conf/verdict.js';
import { findings, load, memorySource } from './support.js';

test('a missing main file is an error with an exit status', () => {
  const { model, diagnostics } = loadConfiguration(memorySource({}), '/etc/keepalived/keepalived.conf', {});
  assert.equal(model, undefined);
  assert.deepEqual(diagnostics.map(({ code, at, message }) => [code, at.file, at.line, message]), [
    ['HF-101', '/etc/keepalived/keepalived.conf', 1, 'there is no configuration file /etc/keepalived/keepalived.conf'],
  ]);
  assert.equal(diagnostics.every((diagnostic) => isFatal(diagnostic)), true);
  assert.equal(testStatus(diagnostics), 6);
});

test('a main file that cannot be read is an error that says why', () => {
  const { model, diagnostics } = loadConfiguration(memorySource({ 'k.conf': { problem: 'a directory' } }), 'k.conf', {});
  assert.equal(model, undefined);
  assert.deepEqual(diagnostics.map(({ code, message }) => [code, message]), [['HF-102', 'k.conf is a directory: it is not read']]);
});

test('included text is read in place, and its findings name its own file and line', () => {
  const files = { 'd/globals.conf': '  router_id inner\n  foo\n' };
  const { model, diagnostics } = load('global_defs {\n  include d/globals.conf\n  process_names\n}\n', {}, files);
  assert.equal(model?.global.routerId, 'inner');
  assert.equal(model.global.vrrpProcessName, 'keepalived_vrrp');
  assert.deepEqual(diagnostics.map(({ at }) => at), [{ file: 'd/globals.conf', line: 2, column: 3 }]);
});

test('a name is relative to the file that includes it, and a pattern takes all its matches in order', () => {
  const files = {
    'sub/all.conf': 'include parts/*.conf\n',
    'sub/parts/1.conf': 'global_defs {\nrouter_id one\n}\n',
    'sub/parts/2.conf': 'global_defs {\nrouter_id two\n}\n',
    'parts/3.conf': 'nonsense\n',
  };
  const { model, diagnostics } = load('include sub/all.conf\n', {}, files);
  assert.deepEqual(diagnostics, []);
  assert.equal(model?.global.routerId, 'two');
});

test('braces in a pattern are alternatives', () => {
  const files = { 'a1.conf': 'use_pid_dir\n', 'b1.conf': 'child_wait_time 9\n' };
  const { model } = load('include {a,b}1.conf\n', {}, files);
  assert.deepEqual([model?.global.usePidDirectory, model?.global.childWaitTime], [true, 9]);
});

test('the include words differ in what they insist on', () => {
  const verdicts = ['include', 'includer', 'includem', 'includew', 'includeb', 'includea'].map((word) => [
    word,
    ...['nope.conf', 'nope*.conf', 'nope{1,2}.conf'].map((pattern) => load(`${word} ${pattern}\n`).model === undefined),
  ]);
  assert.deepEqual(verdicts, [
    ['include', false, false, false],
    ['includer', false, false, false],
    ['includem', true, false, false],
    ['includew', true, true, false],
    ['includeb', false, false, true],
    ['includea', true, true, true],
  ]);
  assert.deepEqual(findings('  include nope.conf\n'), ['1:11: warning: no file matches nope.conf [HF-104]']);
  assert.deepEqual(findings('includea nope.conf\n'), ['1:10: error: no file matches nope.conf [HF-103]']);
});

test('a directory is passed over, and an unreadable file stops only the stricter words', () => {
  const files = { 'dir': { problem: 'a directory' }, 'locked.conf': { problem: 'unreadable' } } as const;
  assert.deepEqual(findings('includea dir\n', {}, files), ['1:10: warning: dir is a directory: it is not included [HF-104]']);
  assert.notEqual(load('include locked.conf\n', {}, files).model, undefined);
  assert.equal(load('includer locked.conf\n', {}, files).model, undefined);
});

test('a loop of includes ends with an error at the include that closes it', () => {
  const files = { 'a.conf': 'include b.conf\n', 'b.conf': '\n  include a.conf\n' };
  assert.deepEqual(findings('include a.conf\n', {}, files), ['b.conf:2:11: error: including a.conf here never ends [HF-105]']);
});

test('files that include each other twice over are cut off at a bound', () => {
  const files = Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [`${i}.conf`, `# ${'x'.repeat(500)}\ninclude ${i + 1}.conf\ninclude ${i + 1}.conf\n`]),
  );
  const { model, diagnostics } = load('include 0.conf\n', {}, files);
  assert.equal(model, undefined);
  assert.equal(diagnostics.filter(({ code }) => code === 'HF-106').length, 1);
});

test('with every include checked from the start nothing may be missing, in included files neither', () => {
  const stops = (text: string): boolean => load(text, { includeCheck: true }, { 'sub.conf': 'include nope*.conf\n' }).model === undefined;
  assert.equal(stops('include nope.conf\n'), true);
  assert.equal(stops('include sub.conf\n'), true);
  assert.equal(stops('global_defs {\ninclude_check -wildcard_match\n}\ninclude nope*.conf\n'), false);
});

test('include_check adds to what every include insists on, from there to the end of its file', () => {
  const stops = (check: string, line: string): boolean => load(`global_defs {\n${check}\n}\n${line}\n`).model === undefined;
  assert.equal(stops('include_check', 'include nope.conf'), true);
  assert.equal(stops('include_check', 'include nope*.conf'), true);
  assert.equal(stops('include_check match', 'include nope.conf'), true);
  assert.equal(stops('include_check match', 'include nope*.conf'), false);
  assert.equal(stops('include_check brace_match', 'include nope{1,2}.conf'), true);
  assert.equal(stops('include_check\ninclude_check -match', 'include nope.conf'), false);
  assert.equal(stops('include_check +match', 'include nope.conf'), true);
  assert.equal(stops('include_check -match', 'includem nope.conf'), true);
  assert.equal(stops('include_check\ninclude_check read', 'include nope.conf'), false);
});

test('include_check counts only in global_defs, on one line with it too, and not before it', () => {
  assert.equal(load('global_defs { include_check }\ninclude nope.conf\n').model, undefined);
  assert.notEqual(load('include_check\ninclude nope.conf\n').model, undefined);
  assert.notEqual(load('include nope.conf\nglobal_defs {\ninclude_check\n}\n').model, undefined);
});

test('include_check holds in included files and ends with the file it stands in', () => {
  const inner = { 'in.conf': 'include nope.conf\n' };
  assert.equal(load('global_defs {\ninclude_check\n}\ninclude in.conf\n', {}, inner).model, undefined);
  const setting = { 'in.conf': 'global_defs {\ninclude_check\n}\n' };
  assert.notEqual(load('include in.conf\ninclude nope.conf\n', {}, setting).model, undefined);
});

test('words that include_check does not know, or that lack their sign, are reported and ignored', () => {
  assert.deepEqual(findings('global_defs {\n include_check match wildcard_match +foo\n}\n'), [
    '2:22: warning: include_check: only the first word may lack + or -; wildcard_match is ignored [HF-311]',
    "2:37: warning: include_check: '+foo' is not known and is ignored [HF-311]",
  ]);
});
