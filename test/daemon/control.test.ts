/** The control socket of a running daemon, and the commands that ask it. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { present } from '../../src/base/invariant.js';
import { SCHEMA } from '../../src/control/schema.js';
import type { InstanceStatus, Status } from '../../src/control/status.js';
import { holdfast } from '../cli/command.js';
import { complaints } from '../control/conforms.js';
import { until } from '../lab/process.js';
import { childrenOf, readProcess } from '../support/processes.js';
import type { Host } from './network.js';
import { VIP, instance, openNetwork, pool } from './network.js';

function host(t: TestContext): Host {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened.left;
}

const socketOf = ({ folder }: Host): string => join(folder, 'control.sock');

const globals = (left: Host): string => `global_defs {\ncontrol_socket ${socketOf(left)}\ncontrol_group nogroup\n}\n`;

const POOL = pool({ servers: { 81: ['weight 3', 'TCP_CHECK {', 'connect_timeout 1', 'retry 0', '}'] } });

/** What `holdfast status --json` says, as soon as `found` finds in it what it looks for. */
async function status<T>(left: Host, what: string, found: (status: Status) => T | undefined): Promise<T> {
  return until(what, 10, () => {
    const { status: code, output } = holdfast(['status', '--json', '--socket', socketOf(left)]);
    return code === 0 ? found(JSON.parse(output) as Status) : undefined;
  });
}

const masterIn = ({ vrrp }: Status): InstanceStatus | undefined =>
  vrrp?.instances.find(({ state, addresses }) => state === 'MASTER' && addresses.every(({ held }) => held));

/** The child of the daemon whose command line says so. */
function controlProcess(left: Host): number | undefined {
  const parent = left.pidOf('keepalived');
  return childrenOf(parent).find((pid) => readProcess(pid, 'cmdline').includes('\0control\0'));
}

test('holdfast status shows roles and servers with their reasons, in the published shape', async (t) => {
  const left = host(t);
  const daemon = left.daemon(`${globals(left)}${instance({ priority: 100, lines: ['track_interface {\nlo weight 10\n}'] })}${POOL}`);
  await daemon.line(/Startup complete/, 10);
  const master = await status(left, 'the master with its address', masterIn);
  assert.equal(master.reason, 'no router with a better priority is heard');
  assert.deepEqual(master.priority, { configured: 100, effective: 110, reasons: ['+10 interface lo'] });
  assert.deepEqual(master.addresses, [{ address: VIP, prefixLength: 32, interface: 'eth0', held: true, excluded: false }]);
  const server = await status(left, 'the dead server', ({ lvs }) => lvs?.virtualServers[0]?.realServers.find(({ state }) => state === 'down'));
  assert.equal(server.reason, 'TCP_CHECK: connection refused');
  assert.deepEqual(server.weight, { configured: 3, effective: 3 });
  const { output } = holdfast(['status', '--json', '--socket', socketOf(left)]);
  assert.deepEqual(complaints(JSON.parse(output), SCHEMA.$defs.status), []);
  const text = holdfast(['status', '--socket', socketOf(left)]).output;
  assert.match(text, /V1 {2}MASTER for \d+s: no router with a better priority is heard\n {6}priority 110 = 100 \+10 interface lo, eth0 vrid 51/);
  assert.match(text, /\[10\.9\.9\.1\]:tcp:81 {2}down {2}\d+s {2}weight 3, not in the table {2}[\d.]+ ms {2}TCP_CHECK: connection refused/);
  const why = await until('what happened of late is known', 10, () => {
    const answer = holdfast(['why', '10.9.9.1:81', '--socket', socketOf(left)]);
    return answer.output.includes('Of late:') ? answer : undefined;
  });
  assert.match(why.output, /^ {6}TCP_CHECK {2}down {2}answered \d+s ago {2}[\d.]+ ms {2}connection refused$/m);
  assert.match(why.output, /Of late:\n(.*\n)*.*checkers serverRemoved Removing service \[10\.9\.9\.1\]:tcp:81 from VS \[10\.9\.9\.101\]:tcp:80/);
  await until('that it became master is known', 10, () => holdfast(['why', VIP, '--socket', socketOf(left)]).output.includes('Entering MASTER STATE') || undefined);
  assert.equal(holdfast(['why', 'nothing', '--socket', socketOf(left)]).status, 1);
});

test('status --watch shows what happens when it happens, and ends with the daemon', async (t) => {
  const left = host(t);
  const daemon = left.daemon(`${globals(left)}${instance({ priority: 100, lines: ['track_interface {\nlo weight 10\n}'] })}`);
  await status(left, 'the master', masterIn);
  const watcher = left.start([process.execPath, join(process.cwd(), 'dist', 'main.js'), 'status', '--watch', '--socket', socketOf(left)]);
  await watcher.line(/V1 {2}MASTER for /, 20);
  left.run('ip', 'link', 'set', 'eth0', 'down');
  await watcher.line(/V1 {2}FAULT for \d+s: interface eth0 down/, 20);
  daemon.signal('SIGTERM');
  await watcher.line(/^There is no .*control\.sock|Nobody listens on .*control\.sock|cannot be asked/, 30);
  await watcher.exited;
});

test('the control process has no privilege, comes back when it dies and takes its socket with it at the end', async (t) => {
  const left = host(t);
  const daemon = left.daemon(`${globals(left)}${instance()}`);
  await status(left, 'the master', masterIn);
  const { mode, gid } = statSync(socketOf(left));
  assert.deepEqual([mode & 0o777, gid], [0o660, 65_534]);
  const pid = present(controlProcess(left), 'it has answered');
  const facts = readFileSync(`/proc/${pid}/status`, 'utf8');
  assert.match(facts, /^Uid:\t65534\t65534\t65534\t65534\nGid:\t65534\t65534\t65534\t65534$/m);
  assert.match(facts, /^CapPrm:\t0+\nCapEff:\t0+$/m);
  process.kill(pid, 'SIGKILL');
  await daemon.line(/Control process ended \(signal SIGKILL\): starting it again/, 5);
  await status(left, 'the master, from the next process', masterIn);
  assert.notEqual(controlProcess(left), pid);
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  assert.ok(!existsSync(socketOf(left)));
});

test('a control process that does not listen disturbs nobody, and a reload takes the socket away', async (t) => {
  const left = host(t);
  const daemon = left.daemon(`${globals(left)}${instance()}`);
  await status(left, 'the master', masterIn);
  const pid = present(controlProcess(left), 'it has answered');
  process.kill(pid, 'SIGSTOP');
  t.after(() => existsSync(`/proc/${pid}`) && process.kill(pid, 'SIGKILL'));
  const before = daemon.lines.length;
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 5, before);
  left.write('keepalived.conf', instance());
  const later = daemon.lines.length;
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 5, later);
  await until('the socket is gone', 5, () => !existsSync(socketOf(left)) || undefined);
  assert.ok(left.addresses().includes(VIP));
  await until('its process has ended', 5, () => !existsSync(`/proc/${pid}`) || undefined);
  const { status: code, errors } = holdfast(['status', '--socket', socketOf(left)]);
  assert.deepEqual([code, errors], [1, `There is no ${socketOf(left)}: the daemon does not run, or has its socket elsewhere (control_socket, or beside its own pid file).\n`]);
});

test('holdfast events prints what happens, as it happens', async (t) => {
  const left = host(t);
  const daemon = left.daemon(`${globals(left)}${instance()}`);
  await status(left, 'the master', masterIn);
  await until('what happened before is told', 10, () => holdfast(['events', '--recent', '500', '--socket', socketOf(left)]).output.includes(' vrrp stateChanged (V1) Entering MASTER STATE') || undefined);
  const watcher = left.start([process.execPath, join(process.cwd(), 'dist', 'main.js'), 'events', '--socket', socketOf(left)]);
  await until('the watcher is connected', 5, () => {
    daemon.signal('SIGUSR1');
    return / vrrp dumping Printing VRRP data/.test(watcher.text()) || undefined;
  });
  left.run('ip', 'link', 'set', 'eth0', 'down');
  await watcher.line(/Z vrrp stateChanged \(V1\) Entering FAULT STATE/, 5);
});

test('without a word about it the socket is beside the pid file, and off means that no process is there', async (t) => {
  const left = host(t);
  const path = join(left.folder, 'keepalived.control.sock');
  const daemon = left.daemon(instance());
  await until('the socket is there', 10, () => existsSync(path) || undefined);
  await until('it answers', 10, () => holdfast(['status', '--socket', path]).output.includes('V1  MASTER') || undefined);
  // Before any client came.
  await until('it tells of the start as well', 10, () => / supervisor starting .*(\n.*)* supervisor configurationComplete Startup complete/.test(holdfast(['events', '--recent', '500', '--socket', path]).output) || undefined);
  left.write('keepalived.conf', `global_defs {\ncontrol_socket off\n}\n${instance()}`);
  daemon.signal('SIGHUP');
  await until('the socket is gone', 5, () => !existsSync(path) || undefined);
  await daemon.line(/Reload complete/, 5);
  await until('its process has ended', 5, () => controlProcess(left) === undefined || undefined);
});
