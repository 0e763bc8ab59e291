import assert from 'node:assert/strict';
import { closeSync, linkSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { openTrackedFiles } from '../../src/io/files/tracked-files.js';
import { until } from './support/until.js';

/** A folder whose files are watched; `heard` is everything that was reported. */
function watching(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-files-'));
  const heard: string[] = [];
  const files = openTrackedFiles({
    onValue: (name, value) => heard.push(`${name} ${value}`),
    onInvalid: (path, text) => heard.push(`${path.slice(folder.length + 1)} invalid ${text}`),
    onUnwatched: (path, code) => heard.push(`${path} not watched: ${code}`),
  });
  t.after(() => {
    files.close();
    rmSync(folder, { recursive: true });
  });
  return {
    path: (name: string) => join(folder, name),
    write: (name: string, text: string) => writeFileSync(join(folder, name), text),
    watch: (...names: readonly string[]) => files.watch(names.map((name) => ({ name, path: join(folder, name) }))),
    /** Waits for the next reports, which must be these. */
    hears: async (...expected: readonly string[]) => {
      await until(() => heard.length >= expected.length);
      // Files are read at the same time.
      assert.deepEqual(heard.splice(0, expected.length).sort(), [...expected].sort());
    },
  };
}

test('every file is reported once, missing and wordy ones as 0, and again when its number changes', async (t) => {
  const { watch, write, hears } = watching(t);
  write('a', '5\n');
  write('c', 'broken');
  watch('a');
  await hears('a 5');
  watch('a', 'b', 'c');
  await hears('a 5', 'b 0', 'c 0');
  write('b', '-3 because');
  await hears('b -3');
  write('c', '0x10');
  await hears('c 16');
  write('b', '-3 still');
  write('c', '7');
  await hears('c 7');
});

test('a file that is being written counts when the writer is done', async (t) => {
  const { watch, write, hears, path } = watching(t);
  write('a', '5');
  write('b', '1');
  watch('a', 'b');
  await hears('a 5', 'b 1');
  const fd = openSync(path('a'), 'w');
  write('b', '2');
  await hears('b 2');
  writeSync(fd, '6');
  closeSync(fd);
  await hears('a 6');
});

test('files that are replaced, removed and come back are followed', async (t) => {
  const { watch, write, hears, path } = watching(t);
  write('a', '1');
  watch('a');
  await hears('a 1');
  write('new', '2');
  renameSync(path('new'), path('a'));
  await hears('a 2');
  unlinkSync(path('a'));
  await hears('a 0');
  write('a', '3');
  await hears('a 3');
  renameSync(path('a'), path('elsewhere'));
  await hears('a 0');
  linkSync(path('elsewhere'), path('a'));
  await hears('a 3');
});

test('directories may come later and go', async (t) => {
  const { watch, hears, path } = watching(t);
  watch('one/two/a');
  await hears('one/two/a 0');
  mkdirSync(path('one/two'), { recursive: true });
  writeFileSync(path('one/two/a'), '4');
  await hears('one/two/a 4');
  rmSync(path('one'), { recursive: true });
  await hears('one/two/a 0');
  mkdirSync(path('other'));
  mkdirSync(path('other/two'));
  writeFileSync(path('other/two/a'), '5');
  renameSync(path('other'), path('one'));
  await hears('one/two/a 5');
});

test('what a link leads to is followed, and so is the link', async (t) => {
  const { watch, write, hears, path } = watching(t);
  mkdirSync(path('x'));
  write('x/v1', '1');
  write('x/v2', '2');
  symlinkSync('x/v1', path('a'));
  watch('a');
  await hears('a 1');
  write('x/v1', '11');
  await hears('a 11');
  symlinkSync('x/v2', path('next'));
  renameSync(path('next'), path('a'));
  await hears('a 2');
  write('x/v2', '22');
  await hears('a 22');
});

test('a number beyond 32 bits is told and changes nothing', async (t) => {
  const { watch, write, hears } = watching(t);
  write('a', '5');
  watch('a');
  await hears('a 5');
  write('a', '2147483648\n');
  await hears('a invalid 2147483648');
  write('a', '2147483647');
  await hears('a 2147483647');
});

test('what is no longer watched is not reported', async (t) => {
  const { watch, write, hears } = watching(t);
  watch('a', 'b');
  await hears('a 0', 'b 0');
  watch('b');
  await hears('b 0');
  write('a', '9');
  write('b', '8');
  await hears('b 8');
});
