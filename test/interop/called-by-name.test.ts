/** Under the name keepalived: what programs that were written for keepalived ask it for and look for, beside Debian's own. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { instance, openNetwork } from '../daemon/network.js';

function run(words: readonly string[]): { readonly status: number | null; readonly output: string; readonly errors: string } {
  const [program = '', ...rest] = words;
  const { status, stdout, stderr } = spawnSync(program, rest, { encoding: 'utf8' });
  return { status, output: stdout, errors: stderr };
}

test('the version, the numbers of signals and the first line of the log are keepalived\'s', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const link = join(left.folder, 'keepalived');
  symlinkSync(join(process.cwd(), 'dist', 'main.js'), link);
  const ours = [process.execPath, link];
  const theirs = ['keepalived'];
  const [version, expected] = [run([...ours, '-v']), run([...theirs, '-v'])];
  assert.deepEqual([version.status, version.output], [expected.status, expected.output], 'on standard error');
  const shape = /^Keepalived v\d+\.\d+\.\d+ \(.+\)$/;
  for (const { errors } of [version, expected]) assert.match(errors.split('\n')[0] ?? '', shape);
  const line = (text: string, start: string): string | undefined => text.split('\n').find((one) => one.startsWith(start));
  assert.equal(line(version.errors, 'Running on '), line(expected.errors, 'Running on '));
  const options = (text: string): readonly string[] => (line(text, 'Config options: ') ?? '').split(/\s+/);
  for (const option of ['LVS', 'VRRP', 'VRRP_AUTH', 'JSON', 'BFD', 'SYSTEMD_NOTIFY']) {
    assert.ok(options(version.errors).includes(option) && options(expected.errors).includes(option), option);
  }
  for (const name of ['STOP', 'RELOAD', 'DATA', 'STATS', 'STATS_CLEAR', 'JSON', 'NONSENSE']) {
    const [found, known] = [run([...ours, `--signum=${name}`]), run([...theirs, `--signum=${name}`])];
    // Names that 2.2.7 does not know yet are compared with nothing.
    if (known.status === 0) assert.deepEqual([found.status, found.output], [0, known.output], name);
  }
  assert.equal(run([...ours, '--signum=NONSENSE']).status, 1);
  const daemon = left.daemon(instance(), { command: ours });
  await daemon.line(/(^|: )Starting Keepalived v\d+\.\d+\.\d+ \(/, 5);
  await daemon.line(/Entering MASTER STATE/, 5);
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  assert.match(daemon.text(), /(^|: )Stopped Keepalived v\d+\.\d+\.\d+ \(/m);
});
