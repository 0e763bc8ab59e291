/** Every file in examples/ against its recorded model and findings. `REWRITE=1 npm test` records them anew. */

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { formatDiagnostic } from '../../src/base/source.js';
import { loadConfiguration } from '../../src/conf/load.js';
import { isFatal } from '../../src/conf/verdict.js';
import { examplesSource } from './support.js';

const SNAPSHOTS = 'test/conf/snapshots';

for (const name of readdirSync('examples').filter((file) => file.endsWith('.conf'))) {
  test(`examples/${name} gives its recorded model`, () => {
    const { model, diagnostics } = loadConfiguration(examplesSource, `examples/${name}`, {});
    assert.deepEqual(diagnostics.filter((diagnostic) => isFatal(diagnostic, 'reload')), []);
    const found = JSON.stringify({ diagnostics: diagnostics.map(formatDiagnostic), model }, null, 1);
    const path = `${SNAPSHOTS}/${name}.json`;
    if (process.env['REWRITE'] === '1') {
      mkdirSync(SNAPSHOTS, { recursive: true });
      writeFileSync(path, `${found}\n`);
    }
    assert.deepEqual(JSON.parse(found), JSON.parse(readFileSync(path, 'utf8')));
  });
}

test('every example says in its first lines what it is for, except the tutorial that stands as published', () => {
  for (const name of readdirSync('examples').filter((file) => file.endsWith('.conf') && file !== 'lvs-dr.conf')) {
    assert.match(readFileSync(`examples/${name}`, 'utf8'), /^# .{20}/, name);
  }
});
