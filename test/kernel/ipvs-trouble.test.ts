/** IPVS tables on a real kernel in trouble: in the end they are what they should be. */

import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInLab } from '../lab/lab.js';

interface Trouble {
  readonly met: readonly string[];
  readonly milliseconds?: number;
}

const script = join(dirname(fileURLToPath(import.meta.url)), 'ipvs-trouble-in-lab.js');
const { status, output } = await runInLab(script, { timeout: 900 });
const report = (status === 0 ? JSON.parse(output.trim().split('\n').at(-1) ?? '') : {}) as Readonly<Record<string, Trouble>>;

for (const [name, codes, what] of [
  ['refused', ['EPERM'], 'commands that are not permitted are sent again when they are'],
  ['raced', ['EEXIST', 'ENOENT'], 'tables that others change between look and command are looked at again'],
  ['overrun', ['ENOBUFS'], 'answers that find no room leave nothing undone'],
] as const) {
  test(`${what} (${codes.join(', ')})`, (t) => {
    assert.equal(status, 0, output);
    const trouble = report[name];
    t.diagnostic(`met ${trouble?.met.join(', ')}; right ${trouble?.milliseconds} ms after the end of the trouble`);
    for (const code of codes) assert.ok(trouble?.met.includes(code), `not met: ${code}`);
    assert.notEqual(trouble?.milliseconds, undefined);
  });
}
