/** Every kind of finding is explained, and the example of each gives that finding and no other. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { given } from '../../src/base/given.js';
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

const kinds = Object.keys(CATALOG) as readonly FindingKind[];

/** The codes of what two directors disagree about. */
function codesOfPair(text: string, peer: string): readonly string[] {
  const side = (file: string, content: string): PairSide => {
    const origins = createOrigins();
    const { model, diagnostics } = load(content, { origins });
    assert.ok(model !== undefined, `${file}: ${diagnostics.map(({ message }) => message).join(', ')}`);
    return { file, model, origins };
  };
  return [...new Set(comparePair(side('a.conf', text), side('b.conf', peer)).map(({ code }) => code))].sort();
}

/** The codes found in an example, each once; lints are asked for only where a lint is what is explained. */
function codesOf(kind: FindingKind, { example }: Explanation): readonly string[] {
  if (typeof example === 'object' && example.peer !== undefined) return codesOfPair(example.text ?? '', example.peer);
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
  const told = diagnostics.filter(({ severity, code }) => severity !== 'info' || code === CATALOG[kind].code);
  return [...new Set(told.map(({ code }) => code))].sort();
}

for (const kind of kinds) {
  const { code } = CATALOG[kind];
  const explanation: Explanation = EXPLANATIONS[kind];

  test(`the example of ${code} (${kind}) gives ${code}`, () => {
    const { example } = explanation;
    const also = typeof example === 'string' ? [] : (example.also ?? []);
    const found = codesOf(kind, explanation);
    const notBuilt = kind === 'notActedOnYet' ? [] : ['HF-305'];
    const unexpected = found.filter((other) => !notBuilt.includes(other));
    assert.deepEqual(unexpected, [code, ...also.map((other) => CATALOG[other].code)].sort());
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
