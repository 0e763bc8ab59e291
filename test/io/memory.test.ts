import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { letGoOfCode } from '../../src/io/processes/memory.js';

/** KiB of files that are resident in this process. */
function ofFiles(): number {
  return Number(/^RssFile:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}

test('code that ran once leaves the process, and the process goes on', () => {
  const before = ofFiles();
  assert.ok(letGoOfCode() > 1024 * 1024);
  const after = ofFiles();
  assert.ok(after < before - 8 * 1024, `${before} KiB, then ${after} KiB`);
  // What has left is read again where it is needed: collation and regular expressions sit in the program's data.
  assert.deepEqual(['b', 'ä', 'a'].sort(new Intl.Collator('de').compare), ['a', 'ä', 'b']);
  assert.equal('x'.repeat(3).replace(/x$/u, 'y'), 'xxy');
});
