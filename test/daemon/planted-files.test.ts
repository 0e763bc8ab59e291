/**
 * Every file the daemon writes in a directory where anybody may write, met by what somebody has planted at its name: links to
 * files of others, pipes, directories, files of another user that he keeps open. The victims stay as they are, whoever holds
 * the old file open reads nothing new, and the daemon neither hangs nor ends.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, closeSync, existsSync, fstatSync, linkSync, lstatSync, mkdirSync, openSync, readFileSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { holdfast } from '../cli/command.js';
import { until } from '../lab/process.js';
import { HOLDFAST, instance, openNetwork, pidFiles } from './network.js';
import type { Host } from './network.js';

const MASTER = /\(V1\) Entering MASTER STATE/;
const NOBODY = 65_534;
const LONG_AGO = 1_000_000_000;

/** What signals make the processes write. */
const DUMPS = ['keepalived.data', 'keepalived_check.data', 'keepalived_bfd.data', 'keepalived_parent.data', 'keepalived.stats', 'keepalived.json'];
const OTHERS = ['keepalived.log', 'keepalived_vrrp.log', 'fifo', 'marker', 'trial', 'number', 'keepalived.overrides.json', 'keepalived.pid', 'vrrp.pid', 'checkers.pid', 'bfd.pid'];

const KINDS: Readonly<Record<string, (path: string, victim: string) => void>> = {
  'symbolic links': (path, victim) => symlinkSync(victim, path),
  'hard links': (path, victim) => linkSync(victim, path),
  pipes: (path) => void execFileSync('mkfifo', ['-m', '666', path]),
  directories: (path) => mkdirSync(path),
  'files of another user': (path) => {
    writeFileSync(path, '');
    chownSync(path, NOBODY, NOBODY);
    chmodSync(path, 0o666);
  },
};

function configuration(place: string): string {
  return [
    'global_defs {',
    `notify_fifo ${join(place, 'fifo')}`,
    `reload_file ${join(place, 'marker')}`,
    `reload_check_config ${join(place, 'trial')}`,
    '}',
    'track_file number {',
    `file ${join(place, 'number')}`,
    'init_file 3 overwrite',
    '}',
    'bfd_instance B {',
    'neighbor_ip 10.9.9.2',
    '}',
    'virtual_server 10.9.9.100 80 {',
    'lb_algo rr',
    'lb_kind NAT',
    'real_server 10.9.9.2 80 {',
    'weight 1',
    '}',
    '}',
    instance({ lines: ['track_file {', 'number weight 1', '}', 'track_bfd {', 'B weight 1', '}'] }),
  ].join('\n');
}

for (const [kind, plant] of Object.entries(KINDS)) {
  test(`${kind} at the names of its files lead the daemon nowhere`, async (t) => {
    const network = openNetwork();
    t.after(() => network.close());
    const { left } = network;
    // Not sticky: the kernel's own protection of links does not hold here.
    const place = join(left.folder, 'tmp');
    mkdirSync(place);
    chmodSync(place, 0o777);
    const victim = left.write('victim', 'precious');
    utimesSync(victim, LONG_AGO, LONG_AGO);
    const pids = OTHERS.filter((name) => name.endsWith('.pid'));
    // A pid file that cannot be had ends the daemon: that is a test of its own below.
    const planted = [...DUMPS, ...OTHERS].filter((name) => kind === 'files of another user' || !pids.includes(name));
    for (const name of planted) plant(join(place, name), victim);
    const watchers = kind === 'files of another user' ? planted.map((name) => ({ name, fd: openSync(join(place, name), 'r') })) : [];
    t.after(() => watchers.forEach(({ fd }) => closeSync(fd)));
    const daemon = start(left, place);
    await daemon.line(MASTER, 10);
    daemon.signal('SIGHUP');
    await daemon.line(/Reload(ing)? (complete|finished)|Unable to open .*(trial|marker)/, 5);
    for (const signal of ['SIGUSR1', 'SIGUSR2', 36] as const) process.kill(daemon.pid, signal);
    await daemon.line(/Printing VRRP as json/, 5);
    if (kind !== 'directories') {
      await until('what is said by hand is kept', 10, () => holdfast(['rs', 'drain', '10.9.9.2:80', '--keep', '--socket', join(place, 'keepalived.control.sock')]).status === 0 || undefined);
      assert.ok(isOurs(join(place, 'keepalived.overrides.json')));
    }
    if (kind === 'directories') await daemon.line(/Unable to open \S+keepalived\.json - EISDIR/, 5);
    else await until('the last dump is there', 5, () => DUMPS.every((name) => isOurs(join(place, name))) || undefined);
    assert.equal(readFileSync(victim, 'utf8'), 'precious');
    assert.equal(statSync(victim).mtimeMs, LONG_AGO * 1_000);
    assert.equal(statSync(victim).mode & 0o777, 0o644);
    for (const { name, fd } of watchers) assert.equal(fstatSync(fd).size, 0, `${name} was written into a file that somebody has open`);
    daemon.signal('SIGTERM');
    assert.equal(await daemon.exited, 0);
  });
}

function start(host: Host, place: string): ReturnType<Host['start']> {
  const file = host.write('keepalived.conf', configuration(place));
  const words = [...HOLDFAST, '-n', '-l', '-D', '-G', `-g${join(place, 'keepalived.log')}`, '-f', file, ...pidFiles(place)];
  return host.start(['sh', '-c', 'umask 0; exec "$@"', 'sh', ...words], { TMPDIR: place });
}

function isOurs(path: string): boolean {
  const status = existsSync(path) ? lstatSync(path) : undefined;
  return status?.isFile() === true && status.uid === 0 && status.nlink === 1 && status.size > 0 && (status.mode & 0o777) === 0o600;
}

test('nothing the daemon makes under umask 0 may be written by anybody else, and its dumps are for its user alone', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const place = join(left.folder, 'tmp');
  mkdirSync(place);
  const daemon = start(left, place);
  await daemon.line(MASTER, 10);
  await daemon.line(/Startup complete/, 10);
  for (const signal of ['SIGUSR1', 'SIGUSR2', 36] as const) process.kill(daemon.pid, signal);
  await until('the dumps are there', 5, () => DUMPS.every((name) => isOurs(join(place, name))) || undefined);
  const open = readdirSync(place).filter((name) => (lstatSync(join(place, name)).mode & 0o022) !== 0);
  assert.deepEqual(open, []);
});

test('a link at the name of a pid file is refused, and what it leads to is left alone', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const victim = left.write('victim', 'precious');
  symlinkSync(victim, join(left.folder, 'keepalived.pid'));
  const daemon = left.daemon(instance());
  await daemon.line(/Unable to open \S+keepalived\.pid - ELOOP/, 5);
  assert.notEqual(await daemon.exited, 0);
  assert.equal(readFileSync(victim, 'utf8'), 'precious');
});

test('the words of umask decide who may read the dumps', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const daemon = left.daemon(`global_defs {\numask 022\n}\n${instance()}`);
  await daemon.line(MASTER, 10);
  process.kill(daemon.pid, 36);
  const path = join(left.folder, 'keepalived.json');
  await until('the file is there', 5, () => existsSync(path) || undefined);
  assert.equal(statSync(path).mode & 0o777, 0o644);
});

test('what is in the way of the control socket stays there, and the daemon says that it has none', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const victim = left.write('victim', 'precious');
  symlinkSync(victim, join(left.folder, 'keepalived.control.sock'));
  const daemon = left.daemon(instance());
  await daemon.line(/keepalived\.control\.sock.*something else than a socket is there/, 10);
  await daemon.line(MASTER, 10);
  assert.ok(lstatSync(join(left.folder, 'keepalived.control.sock')).isSymbolicLink());
  assert.equal(readFileSync(victim, 'utf8'), 'precious');
});

test('what somebody else has written as if operators had said it is not obeyed', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const place = join(left.folder, 'tmp');
  mkdirSync(place);
  const path = join(place, 'keepalived.overrides.json');
  const first = start(left, place);
  const drain = ['rs', 'drain', '10.9.9.2:80', '--keep', '--socket', join(place, 'keepalived.control.sock')];
  await until('a server is drained for good', 10, () => holdfast(drain).status === 0 || undefined);
  first.signal('SIGTERM');
  await first.exited;
  chownSync(path, NOBODY, NOBODY);
  const second = start(left, place);
  await second.line(/keepalived\.overrides\.json.*EPERM/, 10);
  await second.line(MASTER, 10);
  assert.doesNotMatch(second.text(), /By hand, still/);
});
