import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import { replay } from './scenario.js';

const folder = fileURLToPath(new URL('../../../test/scenarios/', import.meta.url));
const names = readdirSync(folder).filter((name) => /^vrrp-.*\.txt$/.test(name));

for (const name of names) {
  test(`scenario ${name}`, () => {
    const expected = readFileSync(folder + name, 'utf8');
    const actual = replay(expected);
    if (process.env['REWRITE'] === '1') writeFileSync(folder + name, actual);
    else assert.equal(actual, expected);
  });
}

test('there are scenarios', () => {
  assert.ok(names.length > 10, `only ${names.length} in ${folder}`);
});
