/** No text may crash or hang the reader: real configurations, bent in every way a keyboard, an editor or malice bends them. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import fc from 'fast-check';
import { WORDS_OF_KEEPALIVED } from '../support/words-of-keepalived.js';
import { load } from './support.js';

const CORPUS = readdirSync('examples')
  .filter((name) => name.endsWith('.conf'))
  .map((name) => readFileSync(`examples/${name}`, 'utf8'));

const WORDS = [...new Set(Object.values(WORDS_OF_KEEPALIVED).flatMap((words) => words.split(' ')))];

const FRAGMENTS = [
  '{', '}', '{\n', '\n}', '"', "'", '\\', '#', '!', '$', '${', '$A', '${A}', '$A=', '$A=$A\n', '$B=\\\n$B\n', '@', '@^x ', '~SEQ(A,1,9) ', '~SEQx(A,0x1,0xf) ', '~SEQ(A,9999999) ',
  '~LST(A,a,b) ', '~LST({A,B},{1,2},{3,4}) ', '~LST(', '$_RANDOM', '${_RANDOM 1 9}', '${_ENV HOME}', '$M=\\\n~SEQ(A,2) $M\n$M\n', '\\\n',
  'global_defs {\ninclude_check\n}\n', 'include_check ', 'random_seed 1\n', '$_PWD', '${_INSTANCE}', '${_HASH}',
  'include *.conf\n', 'include k.conf\n', '\0', '\r', '\t', '\v', '\u00a0', '\u3000', '\ufeff', '\uff5b', '\ud800', '0', '-1', '999999999999',
  '1e9', '0x10', '255.255.255.255', '::', 'fe80::1%eth0', '/33', '-', ':', ' '.repeat(1100), 'x'.repeat(1100),
];

/** One change at a place given as a fraction of the text. */
const mutation = fc.record({
  where: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat({ max: 40 }),
  kind: fc.constantFrom('insert', 'delete', 'replace', 'repeat', 'swapLines'),
  what: fc.oneof(fc.constantFrom(...FRAGMENTS), fc.constantFrom(...WORDS).map((word) => `\n${word} `), fc.string({ maxLength: 8, unit: 'binary' })),
});

type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(text: string, { where, length, kind, what }: Mutation): string {
  const at = Math.floor(where * text.length);
  if (kind === 'insert') return text.slice(0, at) + what + text.slice(at);
  if (kind === 'delete') return text.slice(0, at) + text.slice(at + length);
  if (kind === 'replace') return text.slice(0, at) + what + text.slice(at + length);
  if (kind === 'repeat') return text.slice(0, at) + text.slice(at, at + length).repeat(5) + text.slice(at);
  const lines = text.split('\n');
  const row = Math.floor(where * lines.length);
  const [line = ''] = lines.splice(row, 1);
  lines.splice((row + length) % (lines.length + 1), 0, line);
  return lines.join('\n');
}

/** Every finding lies inside the text it is about. */
function assertPositions(text: string): void {
  const lines = text.split('\n');
  for (const { at, message } of load(text).diagnostics) {
    const line = lines[at.line - 1];
    assert.ok(line !== undefined && at.column >= 1 && at.column <= line.length + 2, `${message} at ${at.line}:${at.column}`);
  }
}

test('bent real configurations are read to the end, and every finding has its place in the text', () => {
  fc.assert(
    fc.property(fc.constantFrom(...CORPUS), fc.array(mutation, { minLength: 1, maxLength: 12 }), (text, mutations) => {
      assertPositions(mutations.reduce(mutate, text));
    }),
    { numRuns: 3_000 },
  );
});

test('any text at all is read to the end', () => {
  const noise = fc.array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.constantFrom(...WORDS), fc.constant(' '), fc.constant('\n'), fc.string({ unit: 'binary' })));
  fc.assert(
    fc.property(noise, (pieces) => {
      assertPositions(pieces.join(''));
    }),
    { numRuns: 3_000 },
  );
});

test('texts made to explode end at once with a finding', { timeout: 60_000 }, () => {
  const bombs = {
    braces: '{'.repeat(200_000),
    openBlocks: 'a {\n'.repeat(50_000),
    closingBraces: '}\n'.repeat(100_000),
    quotes: '"'.repeat(300_000),
    nonsense: 'virtual_serve 1 {\n'.repeat(30_000),
    doubling: Array.from({ length: 60 }, (_, i) => `$A${i + 1}=\${A${i}}\${A${i}}\n`).join('') + '$A0=xxxxxxxx\nglobal_defs {\n router_id $A60\n}\n',
    doublingLines: Array.from({ length: 40 }, (_, i) => `$A${i + 1}=\\\n$A${i}\\\n$A${i}\n`).join('') + '$A0=\\\nfoo\\\nbar\n$A40\n',
    self: '$A=$A\n' + 'router_id $A\n'.repeat(2_000),
    selfLong: `$A=$A\n${`router_id $A ${'x'.repeat(900)}\n`.repeat(1_000)}`,
    includes: 'include k.conf\n'.repeat(1_000),
    sequence: '~SEQ(A,1,4000000000) x\n',
    sequences: '~SEQ(A,1,999)~SEQ(B,1,999)~SEQ(C,1,999) x\n',
    sequencesOfDefinitions: `$M=\\\n${'foo ${A}\\\n'.repeat(500)}\n${'~SEQ(A,1,100000) $M\n'.repeat(50)}`,
    sequenceOfItself: '$M=\\\n~SEQ(A,1,9) $M\n$M\n',
    sequenceOfLongLines: `~SEQ(A,1,199999) \${A} ${'$X '.repeat(300)}\n`,
    sequenceOfFiles: '~SEQ(A,1,100000) include k.conf\n',
    nestedHeads: `${'~SEQ(A,1,1)'.repeat(90)} x\n`,
    manySettings: 'global_defs {\ninclude_check +matches\n}\n'.repeat(10_000),
    manyNames: Array.from({ length: 20_000 }, (_, i) => `vrrp_instance n${i} {\n}\n`).join(''),
  };
  for (const [name, text] of Object.entries(bombs)) {
    const { diagnostics } = load(text);
    assert.ok(diagnostics.length > 0, name);
    assert.ok(diagnostics.length <= 10_002, `${name}: ${diagnostics.length} findings`);
  }
});
