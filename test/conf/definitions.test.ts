/** `$NAME` definitions and `@id` conditions. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { findings, load } from './support.js';

function routerId(definitions: string, line: string, configurationId?: string): string | undefined {
  const text = `${definitions}\nglobal_defs {\n${line}\n}\n`;
  return load(text, configurationId === undefined ? {} : { configurationId }).model?.global.routerId;
}

test('a definition stands for its value, bare before a blank or in braces anywhere', () => {
  assert.equal(routerId('$NAME=abc', 'router_id $NAME'), 'abc');
  assert.equal(routerId('$NAME=abc', 'router_id x${NAME}y'), 'xabcy');
  assert.equal(routerId('$NAME=abc', 'router_id "x ${NAME}"'), 'x abc');
  assert.equal(routerId('$NAME=router_id abc', '$NAME'), 'abc');
  assert.equal(routerId('$NAME=abc', 'router_id $NAMEx'), '$NAMEx');
  assert.equal(routerId('$NAME=abc', 'router_id "$NAME"'), '"$NAME"'.slice(1, -1));
});

test('a comment sign inside quotes belongs to the value, and so does one behind a backslash', () => {
  assert.equal(routerId('$NAME="a#b" # rest', 'router_id $NAME'), 'a#b');
  assert.equal(routerId('$NAME=a\\#b', 'router_id $NAME'), 'a#b');
});

test('values are expanded when used, and the last definition counts', () => {
  assert.equal(routerId('$IN=a\n$OUT=${IN}b\n$IN=c', 'router_id $OUT'), 'cb');
});

test('a definition with a blank value may leave an empty line', () => {
  assert.deepEqual(load('$NOTHING=\nglobal_defs {\n$NOTHING\n}\n').diagnostics, []);
});

test('lines ending in a backslash make one definition, each line read as if typed there', () => {
  const definitions = '$BODY=router_id abc\\\nprocess_names\\\n@^x child 1\n$BLOCK=\\\nglobal_defs {\\\n  $BODY\\\n}\n';
  const { model, diagnostics } = load(`${definitions}$BLOCK\n`);
  assert.deepEqual([model?.global.routerId, model?.global.vrrpProcessName], ['abc', 'keepalived_vrrp']);
  assert.deepEqual(diagnostics.map(({ code, at }) => [code, at.line]), [['HF-301', 3]]);
});

test('findings in expanded text point at the reference, and what follows keeps its own column', () => {
  assert.deepEqual(findings('$FOO=foo bar\nglobal_defs {\n  $FOO baz\n  router_id ${FOO} last\n}\n'), [
    "3:3: warning: unknown keyword 'foo' in global_defs: the line is ignored [HF-301]",
    "4:13: warning: 'bar' after router_id has no effect [HF-315]",
  ]);
});

test('a name without definition stays as it is and is reported', () => {
  assert.deepEqual(findings('global_defs {\n  router_id $NOPE\n}\n'), [
    '2:13: warning: $NOPE is not defined and stays as it is [HF-115]',
  ]);
});

test('definitions that refer to themselves end with an error where they are used', () => {
  assert.deepEqual(findings('$A=x $B\n$B=y $A\nglobal_defs {\n  router_id $A\n}\n'), [
    '4:13: error: the definition of $A refers to itself without end [HF-106]',
  ]);
});

test('the same definition twice on a line, and one inside another, are no loop', () => {
  assert.equal(routerId('$A=a\n$B=${A}${A}', 'router_id ${B}${A}${B}'), 'aaaaa');
});

test('built-in names: directory, configuration id and comment signs', () => {
  assert.equal(routerId('', 'router_id $_PWD'), '.');
  assert.equal(routerId('', 'router_id $_INSTANCE', 'node-a'), 'node-a');
  assert.equal(routerId('', 'router_id "a${_HASH}b${_BANG}c"'), 'a#b!c');
  assert.equal(routerId('$_HASH=own', 'router_id $_HASH'), 'own');
});

test('@id keeps a line for that configuration id, @^id for every other one', () => {
  const lines = '@a router_id first\n@^a router_id second';
  assert.equal(routerId('', lines, 'a'), 'first');
  assert.equal(routerId('', lines, 'b'), 'second');
  assert.equal(routerId('', lines), 'second');
  assert.equal(routerId('', '@a', 'a'), undefined);
});

test('conditions stand before braces, definitions and includes too', () => {
  const files = { 'extra.conf': 'use_pid_dir\n' };
  const text = '@a $ID=one\n@^a $ID=two\n@a global_defs {\n@^a global_defs {\nrouter_id $ID\n}\n@a include extra.conf\n';
  const model = (configurationId: string): unknown => {
    const global = load(text, { configurationId }, files).model?.global;
    return [global?.routerId, global?.usePidDirectory];
  };
  assert.deepEqual([model('a'), model('b')], [['one', true], ['two', false]]);
});

test('~SEQ, ~LST, _ENV and _RANDOM are refused where they stand, not misread', () => {
  for (const [line, column] of [
    ['  ~SEQ(A, 1, 3) foo $A', 3],
    ['  ~LST(A, 1, 3) foo $A', 3],
    ['  router_id ${_ENV HOME}', 13],
    ['  router_id $_RANDOM', 13],
  ] as const) {
    const { model, diagnostics } = load(`global_defs {\n${line}\n}\n`);
    assert.equal(model, undefined, line);
    assert.deepEqual(diagnostics.map(({ code, at }) => [code, at.line, at.column]), [['HF-120', 2, column]], line);
  }
});
