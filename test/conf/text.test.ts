/** The lexical rules: what a line is, where a word begins, what protects what. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { findings, load } from './support.js';

function routerId(line: string): string | undefined {
  return load(`global_defs {\n${line}\n}\n`).model?.global.routerId;
}

test('# and ! begin a comment anywhere outside double quotes, and single quotes protect nothing', () => {
  assert.equal(routerId('router_id ab # rest'), 'ab');
  assert.equal(routerId('router_id ab#cd'), 'ab');
  assert.equal(routerId('router_id ab!cd'), 'ab');
  assert.equal(routerId('router_id "ab#c!d"'), 'ab#c!d');
  assert.equal(routerId("router_id 'ab#c'"), "'ab");
});

test('a backslash before # or ! makes them ordinary characters', () => {
  assert.equal(routerId('router_id ab\\#c\\!d'), 'ab#c!d');
});

test('a quoted word keeps its blanks, and a quote ends an unquoted word', () => {
  assert.equal(routerId('router_id "a b\tc"'), 'a b\tc');
  assert.equal(routerId('router_id ab"cd"ef'), 'ab');
});

test('a quote that is never closed takes the rest of the line', () => {
  assert.deepEqual(findings('global_defs {\n  router_id "abc\n}\n'), [
    '2:3: warning: router_id needs a value; the line is ignored [HF-311]',
    '2:13: warning: this quote is not closed: the rest of the line is lost [HF-114]',
  ]);
});

test('braces split a line anywhere, with the opening one on a later line or everything on one', () => {
  const spread = load('global_defs\n\n# comment\n{\n router_id a }\nuse_pid_dir\n');
  assert.deepEqual([spread.model?.global.routerId, spread.model?.global.usePidDirectory, spread.diagnostics], ['a', true, []]);
  const dense = load('virtual_server 192.0.2.1 80{lb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 192.0.2.2 80{TCP_CHECK{connect_timeout 3}}}');
  assert.deepEqual(dense.diagnostics, []);
  assert.equal(dense.model?.pool.virtualServers[0]?.realServers[0]?.checkers.length, 1);
});

test('a brace inside double quotes is a character', () => {
  assert.equal(routerId('router_id "a{b}c"'), 'a{b}c');
});

test('CRLF and tabs are blanks, and columns count characters from one', () => {
  assert.deepEqual(findings('global_defs {\r\n\t\tfoo\tbar\r\n}\r\n'), [
    "2:3: warning: unknown keyword 'foo' in global_defs: the line is ignored [HF-301]",
  ]);
});

test('a line of more than 1023 bytes loses its head, and its tail keeps its columns', () => {
  const long = `  router_id a${' '.repeat(1020)}foo`;
  assert.deepEqual(findings(`global_defs {\n${long}\n}\n`), [
    '2:1: warning: the line is longer than 1023 bytes: its first 1023 bytes are ignored and the rest is read as a line of its own [HF-110]',
    "2:1034: warning: unknown keyword 'foo' in global_defs: the line is ignored [HF-301]",
  ]);
  const bytes = `  router_id ${'\u00e9'.repeat(505)}`;
  assert.deepEqual(findings(`global_defs {\n${bytes}\n}\n`), []);
  assert.match(findings(`global_defs {\n${bytes}\u00e9\n}\n`)[0] ?? '', /^2:1: .*HF-110/);
});

test('a line with a NUL byte is ignored', () => {
  const { model, diagnostics } = load('global_defs {\n  router_id a\0b\n}\n');
  assert.equal(model?.global.routerId, undefined);
  assert.deepEqual(diagnostics.map(({ code, at }) => [code, at.line, at.column]), [['HF-111', 2, 14]]);
});

test('a byte order mark is reported and skipped', () => {
  const { model, diagnostics } = load('\ufeffglobal_defs {\n router_id a\n}\n');
  assert.equal(model?.global.routerId, 'a');
  assert.deepEqual(diagnostics.map(({ code, at }) => [code, at.line, at.column]), [['HF-113', 1, 1]]);
});

test('blanks that are not ASCII and full-width signs are named, with what to type instead', () => {
  const { diagnostics } = load('global_defs {\n\u00a0router_id a\u3000b\n}\n# \u00a0 in a comment is nobody\u2019s business\nuse_pid_dir \uff5b\n');
  assert.deepEqual(
    diagnostics.filter(({ code }) => code === 'HF-112').map(({ at, message, hint }) => [at.line, at.column, message, hint]),
    [
      [2, 1, 'a no-break space (U+00A0) is read as part of a word', 'type an ordinary blank instead'],
      [2, 13, 'a blank that is not ASCII (U+3000) is read as part of a word', 'type an ordinary blank instead'],
      [5, 13, 'a full-width character (U+FF5B) is read as part of a word', 'type { instead'],
    ],
  );
});

test('an empty file and a file of comments give the defaults without a finding', () => {
  for (const text of ['', '\n\n', '# nothing\n  ! here\n']) {
    const { model, diagnostics } = load(text);
    assert.deepEqual(diagnostics, []);
    assert.equal(model?.global.processName, 'keepalived');
    assert.deepEqual(model.pool.virtualServers, []);
  }
});

test('words after the last argument are reported, because only one keyword stands on a line', () => {
  assert.deepEqual(findings('global_defs {\n  router_id a process_names\n}\n'), [
    "2:15: warning: 'process_names' after router_id has no effect [HF-315]",
  ]);
});

test('a text that nothing in it changes is read line by line with the same outcome as any other', () => {
  const server = (k: number): string => `  real_server 192.0.2.${k} 80 {\r\n    weight ${k}\n    TCP_CHECK {\n      connect_timeout 3\n    }\n  }\n`;
  const many = `virtual_server 192.0.2.100 80 {\n  lb_algo rr\n  lb_kind NAT\n  protocol TCP\n${Array.from({ length: 60 }, (_, k) => server(k + 1)).join('')}}\n`;
  const texts = [
    `\ufeffglobal_defs {\n  router_id a\n}\n${many}`,
    `${many.repeat(2)}@id global_defs {\n@other   router_id b\n@^other   router_id c\n}`,
    `global_defs {\n  router_id a\0\n  router_id "b\n  router_id c\u00a0d\n}\n! ${'x'.repeat(1100)} router_id e\n`,
    'virtual_server 192.0.2.1 80 {\n  real_server 192.0.2.2 80 {\n    weigth 1\nvrrp_instance V {\n  state MASTER\\\n}\n}\n}\n',
    '',
  ];
  for (const text of texts) {
    const plain = load(text, { configurationId: 'id' });
    // The comment speaks of a definition.
    assert.deepEqual(plain, load(`${text}\n# $`, { configurationId: 'id' }));
  }
});
