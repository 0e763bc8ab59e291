/**
 * Every file in examples/: no finding worth a warning, lints included, the model as recorded (what `holdfast dump` prints),
 * printed in one shape, and named in the index. `REWRITE=1 npm test` records the models anew.
 */

import assert from 'node:assert/strict';
import { accessSync, constants, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { formatDiagnostic } from '../../src/base/source.js';
import { loadConfiguration } from '../../src/conf/load.js';
import { formatFile } from '../../src/conf/format/format-file.js';
import { modelLines } from '../../src/runtime/model-text.js';
import { examplesSource } from './support.js';

const SNAPSHOTS = 'test/conf/snapshots';
/** Published elsewhere, and kept as it stands there: it has lines that mean nothing. */
const TUTORIAL = 'lvs-dr.conf';

const examples = readdirSync('examples').filter((file) => file.endsWith('.conf'));

for (const name of examples) {
  test(`examples/${name} gives its recorded model`, () => {
    const { model, diagnostics } = loadConfiguration(examplesSource, `examples/${name}`, { configurationId: 'director-a', lints: {} });
    const worthAWarning = diagnostics.filter(({ severity, at }) => severity !== 'info' && !at.file.endsWith(TUTORIAL));
    assert.deepEqual(worthAWarning.map(formatDiagnostic), []);
    assert.ok(model !== undefined);
    const found = modelLines(model).map((line) => `${line}\n`).join('');
    const path = `${SNAPSHOTS}/${name}.txt`;
    if (process.env['REWRITE'] === '1') {
      mkdirSync(SNAPSHOTS, { recursive: true });
      writeFileSync(path, found);
    }
    assert.equal(found, readFileSync(path, 'utf8'));
  });
}

test('every example says in its first lines what it is for, except the tutorial that stands as published', () => {
  for (const name of examples.filter((file) => file !== TUTORIAL)) {
    assert.match(readFileSync(`examples/${name}`, 'utf8'), /^# .{20}/, name);
  }
});

test('examples are formatted as fmt prints them', () => {
  for (const name of examples.filter((file) => file !== TUTORIAL)) {
    const text = readFileSync(`examples/${name}`, 'utf8');
    assert.equal(formatFile(examplesSource, name, text, { configurationId: 'director-a' }).text, text, name);
  }
});

test('the index of the examples names each file once', () => {
  const index = readFileSync('examples/README.md', 'utf8');
  const named = [...index.matchAll(/^\| \[`([^`]+)`\]\(([^)]+)\) \|/gm)].map(([, text, target]) => {
    assert.equal(text, target);
    return target;
  });
  const folders = ['scripts', 'systemd', 'dbus', 'prometheus'].flatMap((folder) => readdirSync(`examples/${folder}`, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`)).filter((file) => statSync(`examples/${file}`).isFile());
  const others = readdirSync('examples', { withFileTypes: true }).flatMap((file) => (file.isFile() && !file.name.endsWith('.md') ? [file.name] : []));
  assert.deepEqual(named.sort(), [...others, ...folders].sort());
});

test('scripts of the examples can be run, and an example names each', () => {
  const texts = examples.map((name) => readFileSync(`examples/${name}`, 'utf8')).join('\n');
  for (const script of readdirSync('examples/scripts')) {
    accessSync(`examples/scripts/${script}`, constants.X_OK);
    assert.ok(texts.includes(`/usr/local/sbin/${script}`), script);
  }
});
