/** The addon's own tests once more, with the addon built to stop at the first misuse of memory or undefined behaviour. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const CHECKOUT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const TESTS = ['io/alarm', 'io/native-socket', 'io/netlink', 'io/tcp-probe', 'io/script', 'io/files', 'io/tracked-files', 'io/tracked-processes', 'kernel/raw-socket', 'kernel/links'];

const root = mkdtempSync(join(tmpdir(), 'holdfast-sanitizer-'));
after(() => rmSync(root, { recursive: true }));

test('the addon passes its tests under the address and undefined-behaviour sanitizers', () => {
  for (const part of ['package.json', 'src/io/native', 'dist/src', 'dist/test/io', 'dist/test/kernel', 'dist/test/lab', 'dist/test/support']) {
    cpSync(join(CHECKOUT, part), join(root, part), { recursive: true });
  }
  symlinkSync(join(CHECKOUT, 'node_modules'), join(root, 'node_modules'));
  const CFLAGS = '-g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all';
  execFileSync('sh', ['src/io/native/build.sh'], { cwd: root, env: { ...process.env, CFLAGS } });
  const runtime = execFileSync('cc', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();
  const files = TESTS.map((name) => join(root, 'dist/test', `${name}.test.js`));
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('NODE_'));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', ...files], {
    encoding: 'utf8',
    // Node itself leaves memory to the end of the process.
    env: { ...Object.fromEntries(environment), LD_PRELOAD: runtime, ASAN_OPTIONS: 'detect_leaks=0' },
  });
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /^# fail 0$/m);
});
