/** What the README claims and a machine can check. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

const README = 'README.md';

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
