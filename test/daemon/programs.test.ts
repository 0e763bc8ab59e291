/** Programs that belong to the daemon as a whole: before it starts, after it stopped, and behind its FIFOs. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { until } from '../lab/process.js';
import { readProcess } from '../support/processes.js';
import type { Host } from './network.js';
import { instance, openNetwork } from './network.js';

function host(t: TestContext): Host {
  const opened = openNetwork();
  t.after(() => opened.close());
  // Accounts other than root have to get here.
  execFileSync('chmod', ['-R', 'a+rx', join(opened.left.folder, '..')]);
  execFileSync('chmod', ['a+w', opened.left.folder]);
  return opened.left;
}

function program(left: Host, name: string, ...lines: readonly string[]): string {
  const path = left.write(name, `#!/bin/sh\n${lines.join('\n')}\n`);
  execFileSync('chmod', ['755', path]);
  return path;
}

/** Without script security, which would refuse programs below a directory that everybody may write. */
const globals = (...lines: readonly string[]): string => `global_defs {\n${lines.join('\n')}\n}\n`;

test('the startup script ends before a child starts, the shutdown script begins when all have ended', async (t) => {
  const left = host(t);
  const before = program(left, 'before', 'sleep 0.5', 'exit 3');
  const after = program(left, 'after', `id -un > ${left.folder}/after.seen; ip -4 -o address show dev eth0 >> ${left.folder}/after.seen`);
  const daemon = left.daemon(`${globals('script_user daemon', `startup_script "${before} x" root`, `shutdown_script ${after}`)}${instance()}`);
  await daemon.line(/Entering MASTER STATE/, 10);
  await daemon.line(/Startup complete/, 10);
  assert.match(daemon.text(), new RegExp(`Running startup script ${before}\n.*startup script failed, status 3\n.*Starting VRRP child`));
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  assert.match(daemon.text(), new RegExp(`Running shutdown script ${after}\n.*shutdown script succeeded\n.*Stopped Holdfast`));
  const [account, ...addresses] = left.read('after.seen').trim().split('\n');
  assert.equal(account, 'daemon');
  assert.equal(addresses.length, 1, 'the virtual address is gone by then');
});

test('a startup script that takes too long is ended with its group, and everything starts', async (t) => {
  const left = host(t);
  const stubborn = program(left, 'stubborn', `trap '' TERM`, `sleep 60 & echo $! > ${left.folder}/pid`, 'exec sleep 60');
  const daemon = left.daemon(`${globals('script_user root', `startup_script ${stubborn}`, 'startup_script_timeout 3')}${instance()}`);
  await daemon.line(/startup script timed out/, 10);
  await daemon.line(/Entering MASTER STATE/, 10);
  const started = Number(left.read('pid'));
  assert.ok(started > 0);
  // Whoever adopted it may not have buried it yet.
  await until('what the script started is gone too', 10, () => /^$| Z /.test(readProcess(started, 'stat')));
});

test('a stop during the startup script ends the script, then the daemon, and no child was started', async (t) => {
  const left = host(t);
  const long = program(left, 'long', `touch ${left.folder}/running`, 'exec sleep 60');
  const daemon = left.daemon(`${globals('script_user root', `startup_script ${long}`)}${instance()}`);
  await until('the script runs', 10, () => existsSync(join(left.folder, 'running')) || undefined);
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  assert.doesNotMatch(daemon.text(), /Starting VRRP child/);
});

test('a FIFO belongs to its account; its reader hears every event to the last, runs as its own account and comes back', async (t) => {
  const left = host(t);
  const fifo = join(left.folder, 'events');
  const reader = program(left, 'reader', `echo "$(id -un) $# $$" >> ${left.folder}/readers`, `while read -r line; do echo "$line" >> ${left.folder}/heard; done < "$2"`);
  const daemon = left.daemon(`${globals(`vrrp_notify_fifo ${fifo} nobody daemon`, `vrrp_notify_fifo_script "${reader} first" nobody`, 'script_user nobody')}${instance()}`);
  await daemon.line(/Entering MASTER STATE/, 10);
  const { gid, mode } = statSync(fifo);
  assert.deepEqual([gid, mode & 0o777], [1, 0o600], 'keepalived masks files with 0177');
  const readers = (): readonly string[] => (existsSync(join(left.folder, 'readers')) ? left.read('readers').split('\n').slice(0, -1) : []);
  const [account, words, pid] = (await until('a reader runs', 5, () => readers()[0])).split(' ');
  assert.deepEqual([account, words], ['nobody', '2']);
  await until('it has heard', 5, () => (existsSync(join(left.folder, 'heard')) ? left.read('heard').includes('MASTER') : undefined) || undefined);
  process.kill(Number(pid), 'SIGKILL');
  await daemon.line(/reader, which reads .*\/events, ended: starting it again/, 5);
  await until('another reader runs', 5, () => readers()[1]);
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  assert.match(readFileSync(join(left.folder, 'heard'), 'utf8'), /INSTANCE "V1" STOP 255\n$/);
  assert.ok(!existsSync(fifo));
});

test('a reload keeps a reader that is wanted as it is, replaces a changed one and ends one that is gone', async (t) => {
  const left = host(t);
  const lines = (other: string): string => globals('script_user root', `notify_fifo ${left.folder}/common`, `notify_fifo_script ${keep}`, `vrrp_notify_fifo ${left.folder}/own`, other);
  const body = (name: string): readonly string[] => [`trap 'echo ${name} ended $* >> ${left.folder}/log; exit' TERM`, `echo ${name} began $* >> ${left.folder}/log`, 'while :; do sleep 0.1; done'];
  const keep = program(left, 'keep', ...body('keep'));
  const change = program(left, 'change', ...body('change'));
  const daemon = left.daemon(`${lines(`vrrp_notify_fifo_script "${change} 1"`)}${instance()}`);
  const log = (): string => (existsSync(join(left.folder, 'log')) ? left.read('log') : '');
  const logged = (text: string): Promise<true> => until(text, 5, () => log().includes(text) || undefined);
  await logged(`change began 1 ${left.folder}/own`);
  await logged(`keep began ${left.folder}/common`);
  for (const [other, expected] of [
    [`vrrp_notify_fifo_script "${change} 2"`, `change began 2 ${left.folder}/own`],
    ['', `change ended 2 ${left.folder}/own`],
  ] as const) {
    const before = daemon.lines.length;
    left.write('keepalived.conf', `${lines(other)}${instance()}`);
    daemon.signal('SIGHUP');
    await daemon.line(/Reload complete/, 10, before);
    await logged(expected);
  }
  assert.equal(log().match(/keep/g)?.length, 1);
  await logged(`change ended 1 ${left.folder}/own`);
  assert.equal(log().match(/change/g)?.length, 4);
});

test('what the daemon and its scripts make has the configured file mode mask, which a reload changes', async (t) => {
  const left = host(t);
  const script = program(left, 'mark', `umask >> ${left.folder}/masks`);
  const lines = (...other: readonly string[]): string =>
    `${globals('script_user root', 'state_dump_file dumps.txt', ...other)}${instance({ lines: [`notify_master ${script}`] })}`;
  const daemon = left.daemon(lines());
  await daemon.line(/Entering MASTER STATE/, 10);
  // The shell makes the file before it writes to it.
  const masks = await until('the script has run', 5, () => (existsSync(join(left.folder, 'masks')) ? left.read('masks') : '') || undefined);
  assert.match(masks, /^0*177$/m);
  const before = daemon.lines.length;
  left.write('keepalived.conf', lines('umask 022'));
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 10, before);
  assert.match(readFileSync(`/proc/${left.pidOf('vrrp')}/status`, 'utf8'), /^Umask:\t0022$/m);
  daemon.signal('SIGUSR1');
  for (const name of ['dumps.txt', 'dumps_parent.txt']) await until(`${name} is there`, 5, () => existsSync(join(left.folder, name)) || undefined);
});
