/** What the README claims and a machine can check. `REWRITE=1` writes the generated part anew. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';

import { languageBlocks } from '../../src/cli/language.js';

const README = 'README.md';
const BEGIN = '<!-- keywords not acted on: generated from the tables -->\n';
const END = '<!-- end of keywords -->';

function waitingKeywords(): string {
  const rows = languageBlocks()
    .map(({ name, words }) => [name, words.filter(({ notActedOn }) => notActedOn === true).map((word) => `\`${word.name}\``)] as const)
    .filter(([, words]) => words.length > 0)
    .map(([name, words]) => `| \`${name}\` | ${words.join(' ')} |`);
  return ['| block | keywords |', '|---|---|', ...rows, ''].join('\n');
}

test('the README lists exactly the keywords that nothing acts on yet', () => {
  const readme = readFileSync(README, 'utf8');
  const from = readme.indexOf(BEGIN) + BEGIN.length;
  const to = readme.indexOf(END);
  assert.ok(from >= BEGIN.length && to >= from, 'the README has the generated part');
  if (process.env['REWRITE'] === '1') writeFileSync(README, readme.slice(0, from) + waitingKeywords() + readme.slice(to));
  else assert.equal(readme.slice(from, to), waitingKeywords());
});

test('every npm script that the README names exists', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const named = [...readFileSync(README, 'utf8').matchAll(/npm run (?:-s )?([a-z:]+)/g)].map(([, name]) => name ?? '');
  assert.deepEqual(
    named.filter((name) => !(name in scripts)),
    [],
  );
  assert.ok(named.length > 3);
});

test('every dependency is pinned and named in the README with its reason', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const readme = readFileSync(README, 'utf8');
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    assert.match(version, /^\d+\.\d+\.\d+$/, `${name} is pinned`);
    assert.ok(name.startsWith('@types/') || readme.includes(`\`${name}\``), `${name} is in the README`);
  }
});
