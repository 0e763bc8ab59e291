import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { type OpenFifo, openFifo } from '../../src/io/files/fifo.js';
import { writeFileSafely } from '../../src/io/files/files.js';
import { type OpenedPidFile, type PidFile, openPidFile } from '../../src/io/files/pid-file.js';

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hf-files-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

test('a dump replaces what was planted at its path and leaves the planted thing alone', (t) => {
  const folder = scratch(t);
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'precious', { mode: 0o644 });
  symlinkSync(victim, join(folder, 'symlink'));
  linkSync(victim, join(folder, 'hardlink'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  writeFileSync(join(folder, 'watched'), '');
  const watcher = openSync(join(folder, 'watched'), 'r');
  t.after(() => {
    closeSync(watcher);
  });
  const umask = process.umask(0);
  for (const name of ['symlink', 'hardlink', 'pipe', 'watched', 'new']) {
    assert.equal(writeFileSafely(join(folder, name), `dump ${name}`), undefined);
    const status = lstatSync(join(folder, name));
    assert.ok(status.isFile() && (status.mode & 0o777) === 0o644, name);
    assert.equal(readFileSync(join(folder, name), 'utf8'), `dump ${name}`);
  }
  process.umask(umask);
  assert.equal(readFileSync(victim, 'utf8'), 'precious');
  assert.equal(fstatSync(watcher).size, 0);
});

test('a dump that cannot be written says why and leaves nothing behind', (t) => {
  const folder = scratch(t);
  mkdirSync(join(folder, 'taken'));
  assert.equal(writeFileSafely(join(folder, 'taken'), 'x'), 'EISDIR');
  assert.equal(writeFileSafely(join(folder, 'missing', 'dump'), 'x'), 'ENOENT');
  assert.deepEqual(readdirSync(folder), ['taken']);
});

function opened(result: OpenedPidFile): PidFile {
  assert.equal(result.type, 'opened');
  return result.file;
}

test('the pid file holds the pid, is locked while the process lives and goes with it', (t) => {
  const path = join(scratch(t), 'run', 'keepalived.pid');
  const file = opened(openPidFile(path));
  assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`);
  assert.equal(lstatSync(path).mode & 0o777, 0o644);

  const module = new URL('../../src/io/files/pid-file.js', import.meta.url).href;
  const program = `import { openPidFile } from '${module}'; console.log(openPidFile('${path}').type)`;
  const second = (): string => execFileSync(process.execPath, ['--input-type=module', '-e', program]).toString().trim();
  assert.equal(second(), 'locked');
  assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`, 'the second process changed nothing');
  file.remove();
  assert.ok(!existsSync(path));
  file.remove();
  assert.equal(second(), 'opened');
});

test('a pid file left behind by a killed process does not block a start, whatever it says', (t) => {
  const path = join(scratch(t), 'keepalived.pid');
  writeFileSync(path, '1\nand a lot more text than a pid\n');
  const file = opened(openPidFile(path));
  assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`);
  rmSync(path);
  writeFileSync(path, 'somebody else');
  file.remove();
  assert.equal(readFileSync(path, 'utf8'), 'somebody else', 'only the own file is removed');
});

test('a link, a pipe or a directory is no pid file and is not touched', (t) => {
  const folder = scratch(t);
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'precious');
  symlinkSync(victim, join(folder, 'symlink'));
  linkSync(victim, join(folder, 'hardlink'));
  mkdirSync(join(folder, 'directory'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  for (const name of ['symlink', 'hardlink', 'directory', 'pipe']) {
    assert.equal(openPidFile(join(folder, name)).type, 'failed', name);
  }
  assert.equal(readFileSync(victim, 'utf8'), 'precious');
});

function openedFifo(t: TestContext, path: string, lost: string[] = []): OpenFifo {
  const fifo = openFifo({ path }, (code) => lost.push(code));
  if ('code' in fifo) throw new Error(fifo.code);
  t.after(fifo.close);
  return fifo;
}

test('the notify FIFO is made, written line by line, and removed', (t) => {
  const path = join(scratch(t), 'notify');
  const umask = process.umask(0o022);
  const fifo = openedFifo(t, path);
  process.umask(umask);
  assert.ok(lstatSync(path).isFIFO());
  assert.equal(lstatSync(path).mode & 0o777, 0o644);
  fifo.write('INSTANCE "VI_1" MASTER 150');
  fifo.write('GROUP "G" MASTER 0');
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const bytes = Buffer.alloc(200);
  assert.equal(bytes.toString('utf8', 0, readSync(reader, bytes)), 'INSTANCE "VI_1" MASTER 150\nGROUP "G" MASTER 0\n');
  closeSync(reader);
  fifo.close();
  assert.ok(!existsSync(path));
});

test('a FIFO that was there stays, other things are refused', (t) => {
  const folder = scratch(t);
  const path = join(folder, 'notify');
  execFileSync('mkfifo', [path]);
  openedFifo(t, path).close();
  assert.ok(lstatSync(path).isFIFO());
  writeFileSync(join(folder, 'file'), 'x');
  symlinkSync(path, join(folder, 'link'));
  for (const name of ['file', 'link']) {
    assert.deepEqual(openFifo({ path: join(folder, name) }, () => undefined), { code: 'EEXIST' }, name);
  }
  assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'x');
});

test('lines that a slow reader has no room for are lost one by one, and that is told', (t) => {
  const path = join(scratch(t), 'notify');
  const lost: string[] = [];
  const fifo = openedFifo(t, path, lost);
  const line = 'INSTANCE "VI_1" BACKUP 100';
  const total = 4_000;
  for (let i = 0; i < total; i += 1) fifo.write(line);
  assert.ok(lost.length > 0);
  assert.ok(lost.every((code) => code === 'EAGAIN'));
  const dd = spawnSync('dd', [`if=${path}`, 'iflag=nonblock', 'bs=1M'], { maxBuffer: 1 << 22 });
  assert.equal(dd.stdout.toString(), `${line}\n`.repeat(total - lost.length));
});
