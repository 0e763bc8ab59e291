/** Signals to the running daemon: dumps, statistics, and that none of keepalived's signals ever harms it. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { until } from '../lab/process.js';
import type { Network } from './network.js';
import { VIP, instance, openNetwork } from './network.js';

function network(t: TestContext): Network {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened;
}

const MASTER = /\(V1\) Entering MASTER STATE/;
/** Signals of keepalived beyond Node's names: SIGRTMIN+2, SIGRTMAX-1, SIGRTMAX. */
const REAL_TIME = [36, 63, 64] as const;

test('SIGUSR1 makes every process write what it knows, over a planted link and not through it', async (t) => {
  const { left } = network(t);
  const treasure = left.write('treasure', 'untouched');
  symlinkSync(treasure, join(left.folder, 'keepalived.data'));
  const daemon = left.daemon(instance());
  await daemon.line(MASTER, 5);
  daemon.signal('SIGUSR1');
  await daemon.line(/Printing parent data for process\(\d+\) on signal/, 5);
  await daemon.line(/Printing VRRP data for process\(\d+\) on signal/, 5);
  const data = await until('the dump is there', 2, () => {
    const text = left.read('keepalived.data');
    return text === 'untouched' ? undefined : text;
  });
  assert.match(data, /^------< Global definitions >------\n[^]*\n------< VRRP Topology >------\n VRRP Instance = V1\n/);
  assert.match(data, /\n {3}State = MASTER\n/);
  assert.ok(data.includes(VIP));
  assert.equal(left.read('treasure'), 'untouched');
  assert.equal(statSync(join(left.folder, 'keepalived.data')).mode & 0o777, 0o600);
  const parent = await until('the dump of the parent is there', 5, () => (existsSync(join(left.folder, 'keepalived_parent.data')) ? left.read('keepalived_parent.data') : undefined));
  assert.match(parent, /------< Child processes >------\n(.*\n)*? {3}vrrp:\n/);
});

test('SIGUSR2 writes statistics, and the real-time signal after which they begin again', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance());
  await daemon.line(MASTER, 5);
  const statistics = async (signal: number, pattern: RegExp): Promise<string> => {
    const before = daemon.lines.length;
    rmSync(join(left.folder, 'keepalived.stats'), { force: true });
    process.kill(daemon.pid, signal);
    await daemon.line(pattern, 5, before);
    return until('the statistics are there', 2, () => (existsSync(join(left.folder, 'keepalived.stats')) ? left.read('keepalived.stats') : undefined));
  };
  const first = await statistics(12, /Printing VRRP stats for process\(\d+\) on signal/);
  assert.match(first, /^VRRP Instance: V1\n {2}Advertisements:\n {4}Received: 0\n {4}Sent: [1-9]\d*\n {2}Became master: 1\n/);
  await statistics(63, /Printing and clearing VRRP stats for process\(\d+\) on signal/);
  const last = await statistics(12, /Printing VRRP stats/);
  assert.match(last, /\n {2}Became master: 0\n/);
});

test('SIGRTMIN+2 writes JSON where json_dump_file says, in the layout json_version says', async (t) => {
  const { left } = network(t);
  const path = join(left.folder, 'elsewhere.json');
  const daemon = left.daemon(`global_defs {\njson_version 2\njson_dump_file ${path}\n}\n${instance()}`);
  await daemon.line(MASTER, 5);
  process.kill(daemon.pid, 36);
  await daemon.line(/Printing VRRP as json for process\(\d+\) on signal/, 5);
  const text = await until('the file is there', 2, () => (existsSync(path) ? readFileSync(path, 'utf8') : undefined));
  const { vrrp, track_process: processes } = JSON.parse(text) as { readonly vrrp: readonly { readonly data: { readonly iname: string } }[]; readonly track_process: unknown };
  assert.deepEqual(vrrp.map(({ data }) => data.iname), ['V1']);
  assert.deepEqual(processes, []);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('no signal keepalived knows ends the daemon or a child once its pid file is there', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance());
  const pidFile = join(left.folder, 'keepalived.pid');
  await until('the pid file', 5, () => (existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '') || undefined);
  for (const signal of [...REAL_TIME, 'SIGUSR1', 'SIGUSR2', 'SIGPIPE', 'SIGHUP'] as const) process.kill(daemon.pid, signal);
  await daemon.line(MASTER, 5);
  const vrrp = left.pidOf('vrrp');
  for (const signal of [...REAL_TIME, 'SIGUSR1', 'SIGUSR2', 'SIGPIPE', 'SIGHUP', 'SIGINT'] as const) process.kill(vrrp, signal);
  const before = daemon.lines.length;
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 5, before);
  assert.equal(daemon.ended, false);
  assert.equal(left.pidOf('vrrp'), vrrp);
  assert.doesNotMatch(daemon.text(), /died/);
});

test('SIGUSR1 at any moment after the pid file never opens a debugger port', async (t) => {
  const { left } = network(t);
  for (let round = 0; round < 6; round += 1) {
    const daemon = left.daemon(instance());
    const pidFile = join(left.folder, 'keepalived.pid');
    await until('the pid file', 5, () => (existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '') || undefined);
    const end = Date.now() + 600;
    while (Date.now() < end) {
      for (const name of ['keepalived', 'vrrp'] as const) {
        const path = join(left.folder, `${name}.pid`);
        const pid = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
        if (pid > 0) process.kill(pid, 'SIGUSR1');
      }
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    assert.equal(left.run('ss', '-Htln'), '', 'nothing listens');
    assert.doesNotMatch(daemon.text(), /Debugger/);
    daemon.signal('SIGTERM');
    assert.equal(await daemon.exited, 0);
  }
});

test('a second SIGTERM and a SIGTERM during the start end the daemon once, without leftovers', async (t) => {
  const { left } = network(t);
  for (const delay of [0, 20, 60, 100, 140, 180, 220, 260]) {
    const daemon = left.daemon(instance());
    const pidFile = join(left.folder, 'keepalived.pid');
    await until('the pid file', 5, () => (existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '') || undefined);
    await new Promise((resolve) => setTimeout(resolve, delay));
    daemon.signal('SIGTERM');
    daemon.signal('SIGTERM');
    assert.equal(await daemon.exited, 0, `after ${delay} ms`);
    assert.deepEqual(left.addresses(), ['10.9.9.1'], `after ${delay} ms`);
    assert.ok(!existsSync(pidFile));
    assert.ok(!existsSync(join(left.folder, 'vrrp.pid')), `after ${delay} ms`);
  }
});

test('many reloads at once end in one running configuration', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance());
  await daemon.line(MASTER, 5);
  for (let i = 0; i < 50; i += 1) {
    writeFileSync(join(left.folder, 'keepalived.conf'), instance().replace(VIP, `10.9.9.${110 + i}`));
    daemon.signal('SIGHUP');
    await new Promise((resolve) => setTimeout(resolve, i % 5));
  }
  await until('the last address is the only one', 5, () => left.addresses().join() === '10.9.9.1,10.9.9.159' || undefined);
  assert.doesNotMatch(daemon.text(), /died/);
});
