/**
 * Every kind of finding is explained, and the example of each gives that finding and no other, at the place and in the
 * words of snapshots/findings.txt. `REWRITE=1` writes that anew.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { given } from '../../src/base/given.js';
import type { Diagnostic } from '../../src/base/source.js';
import { CATALOG } from '../../src/conf/catalog.js';
import type { FindingKind } from '../../src/conf/catalog.js';
import { EXPLANATIONS } from '../../src/conf/explanations.js';
import type { Example, Explanation } from '../../src/conf/explanations/explanation.js';
import { loadConfiguration } from '../../src/conf/load.js';
import { createOrigins } from '../../src/conf/origins.js';
import { comparePair } from '../../src/conf/pair.js';
import type { PairSide } from '../../src/conf/pair.js';
import { load, memorySource } from './support.js';
import type { Files } from './support.js';

const RECORD = 'test/conf/snapshots/findings.txt';

const kinds = Object.keys(CATALOG) as readonly FindingKind[];

/** What two directors disagree about. */
function findingsOfPair(text: string, peer: string): readonly Diagnostic[] {
  const side = (file: string, content: string): PairSide => {
    const origins = createOrigins();
    const { model, diagnostics } = load(content, { origins });
    assert.ok(model !== undefined, `${file}: ${diagnostics.map(({ message }) => message).join(', ')}`);
    return { file, model, origins };
  };
  return comparePair(side('a.conf', text), side('b.conf', peer));
}

/** What is found in an example; lints are asked for only where a lint is what is explained. */
function findingsOf(kind: FindingKind, { example }: Explanation): readonly Diagnostic[] {
  if (typeof example === 'object' && example.peer !== undefined) return findingsOfPair(example.text ?? '', example.peer);
  const { text, files = {}, mtu, host }: Example = typeof example === 'string' ? { text: example } : example;
  const directories = Object.keys(files).filter((name) => name.endsWith('/'));
  const sources: Files = {
    ...files,
    ...Object.fromEntries(directories.map((name) => [name.slice(0, -1), { problem: 'a directory' } as const])),
    ...(text === undefined ? {} : { 'keepalived.conf': text }),
  };
  const lints = CATALOG[kind].code.startsWith('HF-6') ? { lints: mtu === undefined ? {} : { mtuOf: () => mtu } } : {};
  const options = { interfaces: ['lo', 'eth0', 'eth1'], configurationId: 'node1', ...lints, ...given({ host }) };
  const { diagnostics } = loadConfiguration(memorySource(sources), 'keepalived.conf', options);
  // Figures are given of every instance and every server.
  return diagnostics.filter(({ severity, code }) => severity !== 'info' || code === CATALOG[kind].code);
}

/** The finding of this kind as one entry of the record: its place, what stands there, the sentence and the hint. */
function recorded(kind: FindingKind): string {
  const { code } = CATALOG[kind];
  const { example } = EXPLANATIONS[kind];
  const lines = findingsOf(kind, EXPLANATIONS[kind])
    .filter((finding) => finding.code === code)
    .map(({ at, message, hint }) => {
      const place = `  ${at.file}:${at.line}:${at.column} ${textAt(example, at)}`;
      return [place, `    ${message}`, ...(hint === undefined ? [] : [`    ${hint}`])].join('\n');
    });
  return [`${code} ${kind}`, ...lines, ''].join('\n');
}

/** The rest of the line from the place on, in the files of the example. */
function textAt(example: Explanation['example'], at: Diagnostic['at']): string {
  const { text, peer, files = {} }: Example = typeof example === 'string' ? { text: example } : example;
  const file = { 'keepalived.conf': text, 'a.conf': text, 'b.conf': peer, ...files }[at.file];
  return typeof file === 'string' ? `\`${Array.from(file.split('\n')[at.line - 1] ?? '').slice(at.column - 1).join('').slice(0, 60)}\`` : '-';
}

for (const kind of kinds) {
  const { code } = CATALOG[kind];
  const explanation: Explanation = EXPLANATIONS[kind];

  test(`the example of ${code} (${kind}) gives ${code}`, () => {
    const { example } = explanation;
    const also = typeof example === 'string' ? [] : (example.also ?? []);
    const found = [...new Set(findingsOf(kind, explanation).map((finding) => finding.code))].sort();
    assert.deepEqual(found, [code, ...also.map((other) => CATALOG[other].code)].sort());
  });

  test(`${code} is explained in whole sentences`, () => {
    const { title, meaning, keepalived, remedy } = explanation;
    assert.match(title, /^\S.{8,}[^.]$/);
    for (const sentence of [meaning, keepalived, remedy]) assert.match(sentence, /^[A-Z].{10,}\.$/s);
  });
}

test('no two kinds have the same code', () => {
  const codes = Object.values(CATALOG).map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length);
});

test('every kind of finding is told at its place and in its words', () => {
  const text = kinds.map(recorded).join('\n');
  if (process.env['REWRITE'] === '1') writeFileSync(RECORD, text);
  else assert.equal(text, readFileSync(RECORD, 'utf8'));
});
