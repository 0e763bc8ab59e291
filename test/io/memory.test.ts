import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { letGoOfCode, trimMemory } from '../../src/io/processes/memory.js';
import { until } from './support/until.js';

/** KiB of this process that are resident: of files, or its own. */
function resident(kind: 'RssFile' | 'RssAnon'): number {
  return Number(new RegExp(`^${kind}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}

test('code that ran once leaves the process, and the process goes on', () => {
  const before = resident('RssFile');
  assert.ok(letGoOfCode() > 1024 * 1024);
  const after = resident('RssFile');
  assert.ok(after < before - 8 * 1024, `${before} KiB, then ${after} KiB`);
  // What has left is read again where it is needed: collation and regular expressions sit in the program's data.
  assert.deepEqual(['b', 'ä', 'a'].sort(new Intl.Collator('de').compare), ['a', 'ä', 'b']);
  assert.equal('x'.repeat(3).replace(/x$/u, 'y'), 'xxy');
});

test('what was freed between what is used goes back to the system when it is enough', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const make = (): Buffer[] => Array.from({ length: 2_000 }, () => Buffer.allocUnsafeSlow(30_000).fill(1));
  const kept = make().filter((_, i) => i % 10 === 9);
  // Freed by a thread of V8, soon after.
  await until(() => {
    collectGarbage();
    return process.memoryUsage().arrayBuffers < 12_000_000;
  });
  const before = resident('RssAnon');
  trimMemory(2 ** 40);
  assert.ok(resident('RssAnon') > before - 10 * 1024, 'too little to be worth it');
  trimMemory(16 * 1024 * 1024);
  const after = resident('RssAnon');
  assert.ok(after < before - 24 * 1024, `${before} KiB, then ${after} KiB`);
  assert.equal(kept.length, 200);
});
