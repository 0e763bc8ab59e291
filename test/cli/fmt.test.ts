/** `holdfast fmt` as operators and pipelines call it: what is printed, what is written, and what is left alone. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, readFileSync, readdirSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { openFolder } from './command.js';

const { path: folder } = openFolder();

const ODD = '$IF=eth0\r\nvrrp_instance a{\r\n\tinterface   $IF\r\n include part.conf\r\n}\r\n';
const FORMATTED = '$IF=eth0\nvrrp_instance a {\n    interface $IF\n    include part.conf\n}\n';

function write(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

function fmt(words: readonly string[], input = ''): { status: number | null; output: Buffer; errors: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/main.js', 'fmt', ...words], { input });
  return { status, output: stdout, errors: stderr.toString() };
}

write('part.conf', 'virtual_router_id   7\n');

test('a file is printed and left alone', () => {
  const file = write('a.conf', ODD);
  const { status, output, errors } = fmt([file]);
  assert.deepEqual([status, output.toString(), errors], [0, FORMATTED, '']);
  assert.equal(readFileSync(file, 'utf8'), ODD);
});

test('standard input is printed', () => {
  assert.equal(fmt(['-'], 'instance   a').output.toString(), 'instance a\n');
});

test('--check names the files that would change and fails for them', () => {
  const odd = write('odd.conf', ODD);
  const good = write('good.conf', FORMATTED);
  const both = fmt(['--check', odd, good]);
  assert.deepEqual([both.status, both.output.toString()], [1, `${odd}\n`]);
  assert.deepEqual([fmt(['--check', good]).status, readFileSync(odd, 'utf8')], [0, ODD]);
});

test('--write replaces the file, keeps owner and mode, and leaves nothing behind', () => {
  const file = write('w.conf', ODD);
  chmodSync(file, 0o640);
  chownSync(file, 1, 2);
  const before = readdirSync(folder).length;
  assert.deepEqual([fmt(['--write', file]).status, readFileSync(file, 'utf8')], [0, FORMATTED]);
  const { mode, uid, gid, ino } = statSync(file);
  assert.deepEqual([mode & 0o7777, uid, gid, readdirSync(folder).length], [0o640, 1, 2, before]);
  assert.equal(fmt(['--write', file]).status, 0);
  assert.equal(statSync(file).ino, ino, 'what is formatted is not written again');
});

test('--write goes through a symbolic link to the file', () => {
  const file = write('target.conf', ODD);
  symlinkSync('target.conf', join(folder, 'link.conf'));
  assert.equal(fmt(['--write', join(folder, 'link.conf')]).status, 0);
  assert.deepEqual([readFileSync(file, 'utf8'), readlinkSync(join(folder, 'link.conf'))], [FORMATTED, 'target.conf']);
});

test('--write refuses a file whose structure is broken', () => {
  const file = write('broken.conf', 'global_defs{\n');
  const { status, errors } = fmt(['--write', file]);
  assert.deepEqual([status, readFileSync(file, 'utf8')], [1, 'global_defs{\n']);
  assert.match(errors, /broken\.conf: is not written: its meaning is uncertain\n.*broken\.conf:1:12: error: .* \[HF-201\]/);
});

test('bytes that are not UTF-8 go through as they are', () => {
  const file = write('latin1.conf', Buffer.from('global_defs {\n router_id   a # caf\xe9\n}\n', 'latin1'));
  assert.equal(fmt([file]).output.toString('latin1'), 'global_defs {\n    router_id a # caf\xe9\n}\n');
});

test('odd blanks are mended and it is said', () => {
  const file = write('blank.conf', 'instance\u00a0a\n');
  const { output, errors } = fmt([file]);
  assert.equal(output.toString(), 'instance a\n');
  assert.match(errors, /blank\.conf: blanks that only look like blanks become blanks/);
});

test('--expanded prints what the includes, definitions and conditions come to', () => {
  const file = write('x.conf', `${ODD}@here instance h\n@there instance t\n`);
  assert.equal(
    fmt(['--expanded', '-i', 'here', file]).output.toString(),
    'vrrp_instance a {\n    interface eth0\n    virtual_router_id 7\n}\n\ninstance h\n',
  );
});

test('a file that is not there, and options that exclude each other, are told', () => {
  const missing = fmt([join(folder, 'none.conf')]);
  assert.equal(missing.status, 1);
  assert.match(missing.errors, /none\.conf: cannot be read: ENOENT/);
  assert.equal(fmt(['--check', '--write']).status, 2);
});
