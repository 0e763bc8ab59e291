/** PCRE2 patterns: what they become, what they find, what is refused and where. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { RegexOption } from '../../src/conf/keywords/web-checks.js';
import { translatePattern } from '../../src/conf/pcre.js';
import { load } from './support.js';

function finds(pattern: string, text: string, ...options: readonly RegexOption[]): string | undefined {
  const translated = translatePattern(pattern, new Set(options));
  assert.ok(translated.ok, `${pattern}: ${translated.ok ? '' : translated.reason}`);
  return new RegExp(translated.source, translated.flags).exec(text)?.[0];
}

test('patterns find what PCRE2 finds', () => {
  const cases: readonly (readonly [pattern: string, text: string, found: string | undefined, ...options: RegexOption[]])[] = [
    ['ok', 'all ok', 'ok'],
    ['OK', 'all ok', undefined],
    ['OK', 'all ok', 'ok', 'caseless'],
    ['a.b', 'a\nb', undefined],
    ['a.b', 'a\rb', 'a\rb'],
    ['a.b', 'a\nb', 'a\nb', 'dotall'],
    ['^b', 'a\nb', undefined],
    ['^b', 'a\nb', 'b', 'multiline'],
    ['a$', 'a\n', 'a\n'],
    ['(a$)', 'a\n', 'a'],
    ['a$|b', 'a\n', 'a'],
    ['b|a$', 'a\n', 'a\n'],
    ['a$\\n', 'a\n', 'a\n'],
    ['$', 'a\n', '\n'],
    ['a$', 'a\n', undefined, 'dollar_endonly'],
    ['a$', 'a\nb', undefined],
    ['a$', 'a\nb', 'a', 'multiline'],
    ['^$', 'a\n', undefined, 'multiline'],
    ['^$', 'a\n', '', 'multiline', 'alt_circumflex'],
    ['\\Aa\\z', 'a', 'a'],
    ['a\\Z', 'a\n', 'a\n'],
    ['^*a', 'ba', 'a'],
    ['<.+>', '<a><b>', '<a><b>'],
    ['<.+>', '<a><b>', '<a>', 'ungreedy'],
    ['<.+?>', '<a><b>', '<a><b>', 'ungreedy'],
    ['a{2,3}', 'aaaa', 'aaa'],
    ['a{,3}', 'a{,3}', 'a{,3}'],
    ['[[:digit:][:upper:]]+', 'ab12CD', '12CD'],
    ['[]a]+', 'x]a]', ']a]'],
    ['[^]]+', ']ab]', 'ab'],
    ['[\\d-]+', 'a1-2', '1-2'],
    ['[\\S]+', ' a\u00a0 ', 'a\u00a0'],
    ['\\s', 'a\u00a0b', undefined],
    ['\\h+', 'a \tb', ' \t'],
    ['\\R', 'a\r\nb', '\r\n'],
    ['\\N+', 'ab\nc', 'ab'],
    ['\\Qa.b\\E+', 'xa.bb', 'a.bb'],
    ['\\x41\\x{42}\\103', 'ABC', 'ABC'],
    ['(?<x>a|b)-\\k{x}', 'a-b b-b', 'b-b'],
    ['(?P<x>a|b)-(?P<y>\\g1)', 'a-b b-b', 'b-b'],
    ['(a)(b)\\g{-1}', 'abb', 'abb'],
    ['a(?#no word)b', 'ab', 'ab'],
    ['a b # rest', 'ab', 'ab', 'extended'],
    ['(?=b)b(?!c)', 'bc bd', 'b'],
    ['a/b', 'a/b', 'a/b'],
  ];
  for (const [pattern, text, found, ...options] of cases) {
    assert.equal(finds(pattern, text, ...options), found, `${pattern} [${options.join(' ')}] in ${JSON.stringify(text)}`);
  }
});

test('anchors need no look around: what goes astray with them can be searched in linear time', () => {
  for (const [pattern, source] of [['^(a+)+$', '(?:^)(a+)+\\n?(?:$)'], ['\\A(a|aa)*b\\z', '(?:^)(a|aa)*b(?:$)']] as const) {
    assert.deepEqual(translatePattern(pattern, new Set()), { ok: true, source, flags: '' });
  }
});

test('what is no pattern and what has no counterpart is refused at its place', () => {
  for (const [pattern, index, mappable] of [
    ['ab(c', 2, true],
    ['a)', 1, true],
    ['a[b', 1, true],
    ['a\\', 1, true],
    ['[z-a]', 0, true],
    ['ab[[:nope:]]', 3, true],
    ['a\\2', 1, true],
    ['a++', 1, false],
    ['x(?>a)', 1, false],
    ['x(?R)', 1, false],
    ['(?i)a', 0, false],
    ['(*UTF)a', 0, false],
    ['a\\Kb', 1, false],
    ['a\\p{L}', 1, false],
  ] as const) {
    const translated = translatePattern(pattern, new Set());
    assert.ok(!translated.ok, pattern);
    assert.deepEqual([translated.index, translated.mappable], [index, mappable], pattern);
  }
});

/** The url's lines begin on line 3 of what keepalived would be given. */
function diagnose(...lines: readonly string[]): readonly string[] {
  const text = `virtual_server 192.0.2.1 80 { lb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 192.0.2.2 80 { HTTP_GET { url { path /\n${lines.join('\n')}\n} } } }\n`;
  const { diagnostics } = load(text);
  return diagnostics.map(({ code, at }) => `${code} ${at.line}:${at.column}`);
}

test('a pattern is reported at the character that is wrong', () => {
  assert.deepEqual(diagnose('regex "ok(yes"'), ['HF-512 5:10']);
  assert.deepEqual(diagnose('regex "\\\\d(?>x)"'), ['HF-513 5:11']);
  assert.deepEqual(diagnose('regex "a\\d"'), ['HF-512 5:9']);
  assert.deepEqual(diagnose('regex "a\\\\d"'), []);
  assert.deepEqual(diagnose('regex a', 'regex_options caseless nonsense'), ['HF-512 6:24']);
  assert.deepEqual(diagnose('regex a', 'regex_options ucp'), ['HF-513 5:7']);
  assert.deepEqual(diagnose('regex_no_match'), ['HF-512 5:1']);
  assert.deepEqual(diagnose('regex a', 'regex_min_offset -5', 'regex_stack 1'), ['HF-512 6:18', 'HF-512 7:13']);
});

test('a pattern and what belongs to it reach the url', () => {
  const text = 'virtual_server 192.0.2.1 80 { lb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 192.0.2.2 80 { HTTP_GET { url { path /\n' +
    'regex "a\\\\d"\nregex_options caseless firstline\nregex_no_match\nregex_min_offset 2\nregex_max_offset 9\n} } } }\n';
  const check = load(text).model?.pool.virtualServers[0]?.realServers[0]?.checkers[0]?.check;
  assert.deepEqual(check?.type === 'HTTP_GET' ? check.urls[0]?.body : undefined, {
    pattern: 'a\\d',
    source: 'a[0-9]',
    flags: 'i',
    mustNotMatch: true,
    minOffset: 2,
    firstLine: true,
    maxOffset: 9,
  });
});
