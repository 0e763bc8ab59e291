/** The daemon as an operator meets it: real processes in network namespaces, VRRP side. */

import assert from 'node:assert/strict';
import { chmodSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { until } from '../lab/process.js';
import type { Network } from './network.js';
import { HOLDFAST, VIP, instance, openNetwork, pidFiles } from './network.js';
import { watchAddresses } from './witnesses.js';
import { untilTold } from './told.js';

function network(t: TestContext): Network {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened;
}

const MASTER = /\(V1\) Entering MASTER STATE/;


test('a master holds the address, a stop gives it back and says goodbye on the wire', async (t) => {
  const { left, right } = network(t);
  const wire = right.start(['tcpdump', '-l', '-n', '-v', '-i', 'eth0', 'ip proto 112']);
  await wire.line(/listening on eth0/, 5);
  const daemon = left.daemon(instance());
  await daemon.line(MASTER, 5);
  await until('the address is set', 2, () => left.addresses().includes(VIP) || undefined);
  await wire.line(/vrid 51, prio 255/, 5);
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  await wire.line(/vrid 51, prio 0/, 2);
  assert.deepEqual(left.addresses(), ['10.9.9.1']);
  assert.match(daemon.text(), /\(V1\) sent 0 priority/);
  assert.match(daemon.text(), /Stopped Holdfast/);
});

test('pid files name the processes, are readable by all and go with the daemon', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance());
  await daemon.line(/Startup complete/, 5);
  assert.equal(left.pidOf('keepalived'), daemon.pid);
  const started = /Starting VRRP child process, pid=(\d+)/.exec(daemon.text());
  assert.equal(left.pidOf('vrrp'), Number(started?.[1]));
  assert.equal(statSync(join(left.folder, 'vrrp.pid')).mode & 0o777, 0o644);
  assert.ok(!existsSync(join(left.folder, 'checkers.pid')), 'nothing to check, so no checkers process');
  daemon.signal('SIGTERM');
  await daemon.exited;
  for (const name of ['keepalived.pid', 'vrrp.pid']) assert.ok(!existsSync(join(left.folder, name)), name);
});

test('a second daemon on the same pid file says so and ends with status 0', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance());
  await daemon.line(MASTER, 5);
  const second = left.daemon(instance());
  assert.equal(await second.exited, 0);
  assert.match(second.text(), /daemon is already running/);
  assert.doesNotMatch(second.text(), /Starting VRRP child/);
  assert.ok(left.addresses().includes(VIP), 'the first one is not disturbed');
  assert.equal(left.pidOf('keepalived'), daemon.pid);
});

test('a reload without changes keeps the master and its address', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance());
  await daemon.line(MASTER, 5);
  await until('the address is set', 2, () => left.addresses().includes(VIP) || undefined);
  const monitor = await watchAddresses(left);
  const before = daemon.lines.length;
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 5, before);
  assert.ok(left.addresses().includes(VIP));
  assert.doesNotMatch(monitor.text(), /Deleted/);
  const said = daemon.lines.slice(before).map(({ text }) => text).join('\n');
  assert.doesNotMatch(said, /Entering/);
});

test('a reload changes what the file changes', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance());
  await daemon.line(MASTER, 5);
  await until('the address is set', 2, () => left.addresses().includes(VIP) || undefined);
  left.write('keepalived.conf', instance().replace(VIP, '10.9.9.101'));
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 5);
  await until('the new address is set', 2, () => left.addresses().includes('10.9.9.101') || undefined);
  await until('the old address is gone', 2, () => !left.addresses().includes(VIP) || undefined);
});

test('a reload with a broken file keeps the old configuration and logs file, line and column', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance());
  await daemon.line(MASTER, 5);
  await until('the address is set', 2, () => left.addresses().includes(VIP) || undefined);
  const file = left.write('keepalived.conf', `${instance().replace(VIP, '10.9.9.101')}vrrp_instance V2 {\n`);
  const lastLine = instance().split('\n').length;
  daemon.signal('SIGHUP');
  await daemon.line(new RegExp(`${file}:${lastLine}:\\d+: error: `), 5);
  await daemon.line(/New configuration not used/, 5);
  assert.ok(left.addresses().includes(VIP));
  assert.ok(!left.addresses().includes('10.9.9.101'));
  left.write('keepalived.conf', instance());
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 5);
  assert.equal(daemon.ended, false);
});

const ADOPTED = /\(V1\) adopted in MASTER STATE/;

test('a killed VRRP process is replaced by one that goes on as master: no moment without the address, no script run again', async (t) => {
  const { left, right } = network(t);
  const notified = join(left.folder, 'notified');
  const script = left.write('notify.sh', `echo $3 >> ${notified}\n`);
  const daemon = left.daemon(instance({ advertInterval: 4, lines: [`notify "/bin/sh ${script}"`] }));
  await daemon.line(MASTER, 5);
  await until('the address is set', 2, () => left.addresses().includes(VIP) || undefined);
  await untilTold(left);
  const monitor = await watchAddresses(left);
  const wire = right.start(['tcpdump', '-l', '-n', '-v', '-i', 'eth0', 'ip proto 112']);
  await wire.line(/listening on eth0/, 5);
  const first = left.pidOf('vrrp');
  const before = daemon.lines.length;
  process.kill(first, 'SIGKILL');
  await daemon.line(new RegExp(`VRRP child process\\(${first}\\) died: Respawning`), 5, before);
  const heard = wire.lines.length;
  await daemon.line(ADOPTED, 5, before);
  await wire.line(/vrid 51, prio 255/, 5, heard);
  await until('the next process serves', 2, () => left.pidOf('vrrp') !== first || undefined);
  assert.ok(left.addresses().includes(VIP));
  assert.doesNotMatch(monitor.text(), /Deleted/);
  assert.doesNotMatch(wire.text(), /prio 0/);
  const said = daemon.lines.slice(before).map(({ text }) => text).join('\n');
  assert.doesNotMatch(said, /Entering/);
  assert.equal(left.read('notified'), 'BACKUP\nMASTER\n');
});

test('a VRRP process that is killed the moment it says that it is master is replaced by one that goes on as master', async (t) => {
  const { left } = network(t);
  // The next process has twice as long to come.
  const daemon = left.daemon(instance({ advertInterval: 5 }));
  const before = daemon.lines.length;
  await daemon.line(MASTER, 8);
  process.kill(left.pidOf('vrrp'), 'SIGKILL');
  await daemon.line(ADOPTED, 8, before);
  await until('the address is there', 5, () => left.addresses().includes(VIP) || undefined);
});

test('a VRRP process that hangs is killed and respawned', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance({ advertInterval: 3 }));
  await daemon.line(MASTER, 5);
  await until('the address is set', 2, () => left.addresses().includes(VIP) || undefined);
  await untilTold(left);
  const before = daemon.lines.length;
  process.kill(left.pidOf('vrrp'), 'SIGSTOP');
  await daemon.line(/VRRP process silent for/, 8, before);
  await daemon.line(ADOPTED, 5, before);
  assert.ok(left.addresses().includes(VIP));
});

test('with -R the end of a child is the end of the daemon', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance(), { options: ['-n', '-l', '-R'] });
  await daemon.line(MASTER, 5);
  const child = left.pidOf('vrrp');
  process.kill(child, 'SIGKILL');
  assert.equal(await daemon.exited, 0);
  assert.match(daemon.text(), new RegExp(`VRRP child process\\(${child}\\) died: Exiting`));
});

test('without its supervisor the VRRP process gives the address back and ends', async (t) => {
  const { left, right } = network(t);
  const wire = right.start(['tcpdump', '-l', '-n', '-v', '-i', 'eth0', 'ip proto 112']);
  await wire.line(/listening on eth0/, 5);
  const daemon = left.daemon(instance());
  await daemon.line(MASTER, 5);
  await until('the address is set', 2, () => left.addresses().includes(VIP) || undefined);
  process.kill(daemon.pid, 'SIGKILL');
  await until('the address is gone', 2, () => !left.addresses().includes(VIP) || undefined);
  await wire.line(/prio 0/, 2);
});

test('with -V the addresses stay', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance(), { options: ['-n', '-l', '-V'] });
  await daemon.line(MASTER, 5);
  await until('the address is set', 2, () => left.addresses().includes(VIP) || undefined);
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  assert.ok(left.addresses().includes(VIP));
});

test('two directors: the better one is master, the other takes over when it stops and yields when it returns', async (t) => {
  const { left, right } = network(t);
  // A second passes between the ends of their patience, and the better one waits already when the other begins to.
  const better = left.daemon(instance({ priority: 250 }));
  await better.line(/\(V1\) Entering BACKUP STATE/, 8);
  const other = right.daemon(instance({ priority: 1 }));
  await better.line(MASTER, 8);
  await until('the address is set', 2, () => left.addresses().includes(VIP) || undefined);
  assert.doesNotMatch(other.text(), MASTER);
  better.signal('SIGTERM');
  await other.line(MASTER, 3);
  await until('the other has the address', 2, () => right.addresses().includes(VIP) || undefined);
  assert.ok(!left.addresses().includes(VIP));
  const taken = other.lines.length;
  const again = left.daemon(instance({ priority: 250 }));
  await again.line(MASTER, 8);
  await other.line(/\(V1\) Entering BACKUP STATE$/, 3, taken);
  await until('the other gave it back', 2, () => !right.addresses().includes(VIP) || undefined);
});

test('without -n the command returns when the pid file is there, and the daemon goes on', async (t) => {
  const { left } = network(t);
  const file = left.write('keepalived.conf', instance());
  left.run(HOLDFAST[0] ?? '', ...HOLDFAST.slice(1), '-G', '-D', `-g${join(left.folder, 'log')}`, '-f', file, ...pidFiles(left.folder));
  const pid = left.pidOf('keepalived');
  t.after(() => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  });
  await until('the address is set', 5, () => left.addresses().includes(VIP) || undefined);
  process.kill(pid, 'SIGTERM');
  await until('the pid file is gone', 5, () => !existsSync(join(left.folder, 'keepalived.pid')) || undefined);
  assert.deepEqual(left.addresses(), ['10.9.9.1']);
  await until('its last word is written', 5, () => left.read('log').includes('Stopped Holdfast') || undefined);
  assert.match(left.read('log_vrrp'), MASTER);
});

test("process names are keepalived's", async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(`global_defs {\nprocess_names\n}\n${instance()}`);
  await daemon.line(MASTER, 5);
  const nameOf = (pid: number): string => left.run('cat', `/proc/${pid}/comm`).trim();
  assert.equal(nameOf(daemon.pid), 'keepalived');
  assert.equal(nameOf(left.pidOf('vrrp')), 'keepalived_vrrp');
});

test('notify scripts and the FIFO hear of every change, the last one included', async (t) => {
  const { left } = network(t);
  const heard = join(left.folder, 'heard');
  const script = left.write('notify.sh', `#!/bin/sh\necho "$@" >> ${heard}\n`);
  chmodSync(script, 0o755);
  const fifo = join(left.folder, 'fifo');
  const global = `global_defs {\nscript_user root\nvrrp_notify_fifo ${fifo}\n}\n`;
  const reader = left.start(['sh', '-c', `mkfifo ${fifo}; exec cat ${fifo}`]);
  await until('the FIFO is there', 2, () => existsSync(fifo) || undefined);
  chmodSync(left.folder, 0o755);
  const daemon = left.daemon(global + instance({ lines: [`notify "${script} any"`, `notify_master "${script} master"`] }));
  await daemon.line(MASTER, 5);
  await until('both scripts ran', 3, () => (existsSync(heard) && left.read('heard').includes('any INSTANCE V1 MASTER 255') && /^master$/m.test(left.read('heard'))) || undefined);
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  assert.match(left.read('heard'), /any INSTANCE V1 STOP 255\n$/);
  await reader.exited;
  assert.deepEqual(reader.lines.map(({ text }) => text).filter((text) => / (MASTER|STOP) /.test(text)), [
    'INSTANCE "V1" MASTER 255',
    'INSTANCE "V1" STOP 255',
  ]);
});

test('a configuration that cannot be used ends the daemon with status 2 and names the place', async (t) => {
  const { left } = network(t);
  const bad = left.daemon(instance().replace('eth0', 'nothere0'));
  assert.equal(await bad.exited, 2);
  assert.match(bad.text(), /keepalived\.conf:\d+:\d+: error: there is no interface nothere0/);
  assert.ok(!existsSync(join(left.folder, 'keepalived.pid')));
});

test('without a configuration file the daemon ends with status 6', async (t) => {
  const { left } = network(t);
  const missing = left.start([...HOLDFAST, '-n', '-l', '-G', '-f', join(left.folder, 'nowhere.conf'), ...pidFiles(left.folder)]);
  assert.equal(await missing.exited, 6);
  assert.match(missing.text(), /nowhere\.conf:1:1: error: there is no configuration file/);
});

test('without the right to open raw sockets the daemon says so and ends with status 4', async (t) => {
  const { left } = network(t);
  const file = left.write('keepalived.conf', instance());
  const weak = ['setpriv', '--bounding-set', '-net_raw', '--inh-caps', '-net_raw'];
  const daemon = left.start([...weak, ...HOLDFAST, '-n', '-l', '-G', '-f', file, ...pidFiles(left.folder)]);
  assert.equal(await daemon.exited, 4);
  assert.match(daemon.text(), /Missing permission: .*EPERM/);
  assert.match(daemon.text(), /pid \d+ exited with permanent error missing permission\. Terminating/);
});
