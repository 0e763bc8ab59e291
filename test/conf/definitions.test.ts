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

test('a definition whose value begins with a condition is read again, as the manual promises', () => {
  const text = '$ONLY=@a\n$OTHERS=@^a\nglobal_defs {\n$ONLY router_id first\n$OTHERS router_id second\n}\n';
  assert.equal(load(text, { configurationId: 'a' }).model?.global.routerId, 'first');
  assert.equal(load(text, { configurationId: 'b' }).model?.global.routerId, 'second');
  assert.deepEqual(findings(text, { configurationId: 'a' }), [
    '4:1: warning: a condition or a sequence from a definition is obeyed here; keepalived 2.4 takes it for a keyword [HF-118]',
    '5:1: warning: a condition or a sequence from a definition is obeyed here; keepalived 2.4 takes it for a keyword [HF-118]',
  ]);
});

test('there is one condition on a line: a second one is a keyword, even when it comes from a definition', () => {
  assert.match(findings('$C=@b\n@a $C x\n', { configurationId: 'a' })[0] ?? '', /^2:4: warning: unknown keyword '@b'/);
});

test('a condition holds inside a definition of several lines', () => {
  const text = '$M=\\\nrouter_id all\\\n@a router_id first\\\n@^a router_id second\nglobal_defs {\n$M\n}\n';
  assert.equal(load(text, { configurationId: 'a' }).model?.global.routerId, 'first');
  assert.equal(load(text, { configurationId: 'b' }).model?.global.routerId, 'second');
});

test('a line without text, or with a comment alone, ends a definition of several lines', () => {
  const { model } = load('$M=\\\nrouter_id a\\\n\nuse_pid_dir\nglobal_defs {\n$M\n}\n');
  assert.deepEqual([model?.global.routerId, model?.global.usePidDirectory], ['a', true]);
  for (const end of ['  ', ' # note']) {
    assert.match(findings(`$M=\\\nx\\\n${end}\nfoo\n`)[0] ?? '', /^4:1: warning: unknown keyword 'foo'/);
  }
});

test('definitions stand inside definitions, and a line of one may define', () => {
  const { model } = load('$RS=\\\nrouter_id ${N}${_HASH}x\n$VS=\\\nglobal_defs {\\\n$N=7\\\n$RS\\\n}\n$VS\n');
  assert.equal(model?.global.routerId, '7');
});

test('a name is left alone where no blank, comma, parenthesis or line end follows it', () => {
  for (const text of ['$Xb', '$X-', '$X.', '$X/24']) assert.equal(routerId('$X=1', `router_id ${text}`), text);
  assert.equal(routerId('$X=1', 'router_id ($X)'), '(1)');
  assert.equal(routerId('$X=1', 'router_id $X,y'), '1,y');
});

test('a blank before = makes no definition', () => {
  assert.match(findings('$A =1\n').join('\n'), /1:1: warning: unknown keyword '\$A'/);
});

test('words in the braces of a name that takes none leave it as it is', () => {
  assert.match(findings('$A=1\nglobal_defs {\nrouter_id "${A foo}"\n}\n')[0] ?? '', /^3:12: warning: .* stays as it is: \$A takes no words \[HF-115\]/);
  assert.equal(routerId('$A=1', 'router_id "${A foo}"'), '${A foo}');
});

test('${_ENV NAME} is the variable, empty when there is none, and is not read again', () => {
  const environment = { HOME: '/root', ODD: '$A ${_ENV HOME}' };
  const value = (text: string): string | undefined =>
    load(`$A=1\nglobal_defs {\nrouter_id "x${text}"\n}\n`, { environment }).model?.global.routerId;
  assert.equal(value('${_ENV HOME}'), 'x/root');
  assert.equal(value('${_ENV NOPE}'), 'x');
  assert.equal(value('${_ENV ODD}'), 'x$A ${_ENV HOME}');
  assert.match(findings('global_defs {\nrouter_id "${_ENV}"\n}\n')[0] ?? '', /^2:12: warning: _ENV stays as it is/);
});

test('${_RANDOM MIN MAX} lies between its limits, 0 and 32767 when left out, and each value comes up', () => {
  const seen = new Set(Array.from({ length: 200 }, (_, randomSeed) => Number(load('child_wait_time ${_RANDOM 3 6}\n', { randomSeed }).model?.global.childWaitTime)));
  assert.deepEqual([...seen].sort(), [3, 4, 5, 6]);
  for (let randomSeed = 0; randomSeed < 100; randomSeed += 1) {
    const wait = Number(load('child_wait_time $_RANDOM\n', { randomSeed }).model?.global.childWaitTime);
    assert.ok(wait >= 0 && wait <= 32_767);
    const late = Number(load('child_wait_time ${_RANDOM 32760}\n', { randomSeed }).model?.global.childWaitTime);
    assert.ok(late >= 32_760 && late <= 32_767);
  }
});

test('random_seed makes the random values behind it repeatable', () => {
  const text = 'global_defs {\n random_seed 7\n router_id x${_RANDOM}-${_RANDOM}\n}\n';
  const values = [1, 2, 3].map((randomSeed) => load(text, { randomSeed }).model?.global.routerId);
  assert.match(values[0] ?? '', /^x\d+-\d+$/);
  assert.deepEqual(new Set(values).size, 1);
  assert.notEqual(load(text.replace('7', '8')).model?.global.routerId, values[0]);
  assert.deepEqual(findings(text), []);
});

test('random limits in the wrong order give the second one and are reported', () => {
  assert.deepEqual(findings('child_wait_time ${_RANDOM 9 4}\n'), ['1:17: warning: _RANDOM: 9 is more than 4; 4 is used [HF-311]']);
  assert.equal(load('child_wait_time ${_RANDOM 9 4}\n').model?.global.childWaitTime, 4);
});

test('a definition named like a built-in takes its place, words and all', () => {
  assert.equal(routerId('$_RANDOM=own', 'router_id ${_RANDOM 1 2}'), 'own');
  assert.equal(routerId('$_ENV=own', 'router_id ${_ENV HOME}'), 'own');
});

test('_PWD is the directory of the file that is being read', () => {
  const files = { 'd/e/in.conf': 'router_id ${_PWD}\n' };
  assert.equal(load('global_defs {\ninclude d/e/in.conf\n}\n', {}, files).model?.global.routerId, 'd/e');
});
