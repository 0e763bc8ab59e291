/** What the surroundings do to a running daemon: interfaces that come and go, disks that are full, reload after reload. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { until } from '../lab/process.js';
import { childrenOf, readProcess } from '../support/processes.js';
import type { Network } from './network.js';
import { VIP, instance, openNetwork } from './network.js';

function network(t: TestContext): Network {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened;
}

const MASTER = /\(V1\) Entering MASTER STATE/;
const FAULT = /\(V1\) Entering FAULT STATE/;

const SERVICE = 'virtual_server 10.9.9.200 80 {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\nreal_server 10.9.9.2 8080 {\nTCP_CHECK {\nconnect_timeout 5\n}\n}\n}\n';

test('an interface that is deleted, made again, renamed or moved elsewhere: FAULT while it is away, master when it is back, by the same process', async (t) => {
  const { left, right } = network(t);
  const ip = (...words: readonly string[]): string => left.run('ip', ...words);
  const make = (): void => {
    ip('link', 'add', 'w0', 'type', 'veth', 'peer', 'name', 'w1');
    for (const name of ['w1', 'w0']) ip('link', 'set', name, 'up');
    ip('address', 'add', '10.8.8.1/24', 'dev', 'w0');
  };
  make();
  const daemon = left.daemon(instance({ advertInterval: 0.2, priority: 100, lines: ['version 3'] }).replace('eth0', 'w0'));
  await daemon.line(MASTER, 10);
  const vrrp = left.pidOf('vrrp');
  const holds = (): true | undefined => ip('-4', '-o', 'address', 'show', 'dev', 'w0').includes(VIP) || undefined;
  await until('the address is set', 5, holds);
  const away: readonly (readonly [leave: () => unknown, back: () => unknown])[] = [
    [() => ip('link', 'delete', 'w0'), make],
    [
      () => [ip('link', 'set', 'w0', 'down'), ip('link', 'set', 'w0', 'name', 'w9'), ip('link', 'set', 'w9', 'up')],
      () => [ip('link', 'set', 'w9', 'down'), ip('link', 'set', 'w9', 'name', 'w0'), ip('link', 'set', 'w0', 'up')],
    ],
    [
      () => ip('link', 'set', 'w0', 'netns', right.namespace),
      () => {
        right.run('ip', 'link', 'set', 'w0', 'netns', left.namespace);
        ip('link', 'set', 'w0', 'up');
        ip('address', 'add', '10.8.8.1/24', 'dev', 'w0');
      },
    ],
  ];
  for (const [leave, back] of away) {
    const before = daemon.lines.length;
    leave();
    await daemon.line(FAULT, 5, before);
    back();
    await daemon.line(MASTER, 10, before);
    await until('the address is back', 5, holds);
  }
  assert.equal(left.pidOf('vrrp'), vrrp);
});

test('a full disk and one that cannot be written cost dumps and log lines, nothing else; with room again they are written', async (t) => {
  const opened = openNetwork();
  const { left, right } = opened;
  // A file that is open keeps its file system from becoming read-only: the log has one of its own.
  const [dumps = '', logs = ''] = ['dumps', 'logs'].map((name) => join(left.folder, name));
  for (const place of [dumps, logs]) {
    mkdirSync(place);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place]);
  }
  t.after(async () => {
    execFileSync('umount', ['-l', dumps, logs]);
    await opened.close();
  });
  const daemon = left.daemon(instance(), { options: ['-n', '-l', '-D', `-g${join(logs, 'log')}`], environment: { TMPDIR: dumps } });
  await daemon.line(MASTER, 10);
  await until('the address is set', 5, () => left.addresses().includes(VIP) || undefined);
  const vrrp = left.pidOf('vrrp');
  const wire = right.start(['tcpdump', '-l', '-n', '-i', 'eth0', 'ip proto 112']);
  await wire.line(/listening on eth0/, 5);
  const goesOn = async (): Promise<void> => {
    const before = daemon.lines.length;
    daemon.signal('SIGUSR1');
    daemon.signal('SIGHUP');
    await daemon.line(/Reload complete/, 10, before);
    const heard = wire.lines.length;
    await wire.line(/vrid 51, prio 255/, 10, heard);
    assert.ok(left.addresses().includes(VIP));
    assert.equal(left.pidOf('vrrp'), vrrp);
  };
  for (const place of [dumps, logs]) assert.throws(() => writeFileSync(join(place, 'filler'), Buffer.alloc(1_000_000)), /ENOSPC/);
  await goesOn();
  await daemon.line(/Unable to open \S*keepalived\S*\.data - ENOSPC/, 10);
  for (const place of [dumps, logs]) rmSync(join(place, 'filler'));
  // In the mount namespace of the daemon, which has a copy of ours.
  const remount = (how: 'ro' | 'rw'): Buffer => execFileSync('nsenter', ['-t', String(daemon.pid), '-m', 'mount', '-o', `remount,bind,${how}`, dumps], { stdio: 'pipe' });
  const before = daemon.lines.length;
  // A process may have a dump open at this moment.
  await until('nothing is written there', 10, () => {
    try {
      return remount('ro');
    } catch {
      return undefined;
    }
  });
  await goesOn();
  await daemon.line(/Unable to open \S*keepalived\S*\.data - EROFS/, 10, before);
  remount('rw');
  await goesOn();
  await until('the dump is there', 10, () => existsSync(join(dumps, 'keepalived.data')) || undefined);
  await until('the log has gone on', 10, () => (readFileSync(join(logs, 'log'), 'utf8').match(/Reload complete/g) ?? []).length === 3 || undefined);
});

const descriptors = (pid: number): readonly string[] => readdirSync(`/proc/${pid}/fd`);

test('a hundred reloads leave every process with the descriptors it had', { timeout: 600_000 }, async (t) => {
  const { left } = network(t);
  const texts = [VIP, '10.9.9.101'].map((address) => instance().replace(VIP, address) + SERVICE);
  const daemon = left.daemon(texts[0] ?? '');
  await daemon.line(MASTER, 10);
  const reload = async (times: number): Promise<void> => {
    for (let i = 1; i <= times; i += 1) {
      const before = daemon.lines.length;
      left.write('keepalived.conf', texts[i % 2] ?? '');
      daemon.signal('SIGHUP');
      await daemon.line(/Reload complete/, 10, before);
    }
  };
  const pids = (['keepalived', 'vrrp', 'checkers'] as const).map((name) => left.pidOf(name));
  await reload(6);
  const open = pids.map((pid) => descriptors(pid).length);
  await reload(100);
  // A check may be asking at this moment.
  const settled = (): true | undefined => pids.every((pid, i) => descriptors(pid).length <= (open[i] ?? 0) + 1) || undefined;
  await until(`no more than ${open.join(', ')} and one`, 10, settled);
  assert.deepEqual((['keepalived', 'vrrp', 'checkers'] as const).map((name) => left.pidOf(name)), pids);
});

test('when memory runs out the kernel takes who only answers first, then who checks, and who holds addresses last', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance() + SERVICE);
  await daemon.line(/Startup complete/, 10);
  await until('the control process is there', 10, () => existsSync(join(left.folder, 'keepalived.control.sock')) || undefined);
  const score = (pid: number): number => Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'));
  const control = await until('the control process is found', 10, () => childrenOf(daemon.pid).find((pid) => readProcess(pid, 'cmdline').includes('\0control\0')));
  const points = [left.pidOf('vrrp'), left.pidOf('checkers'), control].map((pid) => score(pid) - score(daemon.pid));
  assert.deepEqual(points, [0, 100, 300]);
});
