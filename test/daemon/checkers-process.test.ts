/** The daemon as an operator meets it, checkers side: everything that does not need ip_vs in the kernel. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import type { Program } from '../lab/process.js';
import { pause, until } from '../lab/process.js';
import type { Host, Network } from './network.js';
import { instance, openNetwork } from './network.js';

function network(t: TestContext): Network {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened;
}

const MASTER = /\(V1\) Entering MASTER STATE/;
/** It announces its address once: a second time would be said while something else is looked at. */
const QUIET = instance({ lines: ['garp_master_delay 600'] });
/** The last that it says of itself before it is left alone. */
const ANNOUNCED = /\(V1\) Sending\/queueing gratuitous ARPs/;
const REAL_SERVER = '[10.9.9.2]:tcp:8080';

/** One service with one real server on the right host, checked every second. */
const SERVICE = [
  'virtual_server 10.9.9.200 80 {',
  'delay_loop 1',
  'lb_algo rr',
  'lb_kind NAT',
  'protocol TCP',
  'real_server 10.9.9.2 8080 {',
  'TCP_CHECK {',
  'connect_timeout 5',
  'retry 0',
  '}',
  '}',
  '}',
  '',
].join('\n');

async function startServer(host: Host): Promise<Program> {
  const source = "require('node:net').createServer((s) => s.destroy()).listen(8080, () => console.log('listening'))";
  const server = host.start([process.execPath, '-e', source]);
  await server.line(/listening/, 5);
  return server;
}

test('a real server that dies is removed, and added when it returns', async (t) => {
  const { left, right } = network(t);
  const server = await startServer(right);
  const daemon = left.daemon(SERVICE);
  await daemon.line(/Activating healthchecker for service/, 5);
  server.signal('SIGKILL');
  await daemon.line(/TCP_CHECK on service \[10\.9\.9\.2\]:tcp:8080 failed\./, 5);
  await daemon.line(/Removing service \[10\.9\.9\.2\]:tcp:8080 from VS \[10\.9\.9\.200\]:tcp:80/, 1);
  await startServer(right);
  await daemon.line(/TCP connection to \[10\.9\.9\.2\]:tcp:8080 success\./, 5);
  await daemon.line(/Adding service \[10\.9\.9\.2\]:tcp:8080 to VS \[10\.9\.9\.200\]:tcp:80/, 1);
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  assert.ok(daemon.text().includes(`Shutting down service ${REAL_SERVER} from VS [10.9.9.200]:tcp:80`));
});

test('the LVS FIFO hears of servers and quorums, at the stop those of omega', async (t) => {
  const { left, right } = network(t);
  const server = await startServer(right);
  const fifo = join(left.folder, 'fifo');
  const reader = left.start(['sh', '-c', `mkfifo ${fifo}; exec cat ${fifo}`]);
  await until('the FIFO is there', 2, () => existsSync(fifo) || undefined);
  const daemon = left.daemon(`global_defs {\nlvs_notify_fifo ${fifo}\n}\n${SERVICE.replace('delay_loop 1', 'delay_loop 1\nomega')}`);
  await reader.line(/^VS \[10\.9\.9\.200\]:tcp:80 UP$/, 5);
  server.signal('SIGKILL');
  await reader.line(/^VS \[10\.9\.9\.200\]:tcp:80 DOWN$/, 5);
  await startServer(right);
  await reader.line(/^RS \S+ \S+ UP$/, 5);
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  await reader.exited;
  const changes = ['UP', 'DOWN', 'UP', 'DOWN'].map((state) => [`RS ${REAL_SERVER} [10.9.9.200]:tcp:80 ${state}`, `VS [10.9.9.200]:tcp:80 ${state}`]);
  // A server without alpha is up from the start and no change.
  assert.deepEqual(reader.lines.map(({ text }) => text), changes.flat().slice(1));
});

test('a kernel without ip_vs is told once, VRRP and checks go on', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance() + SERVICE);
  await daemon.line(MASTER, 5);
  await daemon.line(/TCP_CHECK on service/, 5);
  const hasIpvs = left.run('sh', '-c', 'test -e /proc/net/ip_vs && echo yes || echo no').trim() === 'yes';
  if (!hasIpvs) await daemon.line(/IPVS: Can't initialize ipvs/, 5);
  await pause(1.5);
  const complaints = daemon.lines.filter(({ text }) => text.includes("IPVS: Can't initialize ipvs"));
  assert.equal(complaints.length, hasIpvs ? 0 : 1, daemon.text());
  assert.doesNotMatch(daemon.text(), /died|permanent/);
  assert.equal(daemon.ended, false);
});

test('a killed checkers process is respawned, and VRRP does not notice', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(QUIET + SERVICE);
  await daemon.line(/Startup complete/, 5);
  await daemon.line(ANNOUNCED, 5);
  const vrrp = left.pidOf('vrrp');
  const before = daemon.lines.length;
  const checkers = left.pidOf('checkers');
  process.kill(checkers, 'SIGKILL');
  await daemon.line(new RegExp(`Healthcheck child process\\(${checkers}\\) died: Respawning`), 5, before);
  await daemon.line(/Activating healthchecker for service/, 5, before);
  assert.equal(left.pidOf('vrrp'), vrrp);
  assert.doesNotMatch(daemon.lines.slice(before).map(({ text }) => text).join('\n'), /\(V1\)/);
});

test('a frozen checkers process is noticed within three seconds, killed and replaced, and VRRP does not notice', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(QUIET + SERVICE);
  await daemon.line(/Startup complete/, 5);
  await daemon.line(ANNOUNCED, 5);
  const vrrp = left.pidOf('vrrp');
  const before = daemon.lines.length;
  const checkers = left.pidOf('checkers');
  process.kill(checkers, 'SIGSTOP');
  await daemon.line(/Healthcheck process silent for 3.000000 seconds/, 10, before);
  await daemon.line(/Activating healthchecker for service/, 5, before);
  await until('the next process serves', 5, () => left.pidOf('checkers') !== checkers || undefined);
  assert.equal(left.pidOf('vrrp'), vrrp);
  assert.doesNotMatch(daemon.lines.slice(before).map(({ text }) => text).join('\n'), /\(V1\)/);
});

/** Stops one thread and no other until it is ended. */
const FREEZE = `
import ctypes, os, sys
thread, libc = int(sys.argv[1]), ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
for request in (0x4206, 0x4207):  # PTRACE_SEIZE, PTRACE_INTERRUPT
    if libc.ptrace(request, thread, None, None) < 0:
        sys.exit(os.strerror(ctypes.get_errno()))
status = os.waitpid(thread, 0x40000000)[1]  # __WALL
print('frozen', flush=True)
while os.WIFSTOPPED(status):
    status = os.waitpid(thread, 0x40000000)[1]
`;

/** The thread of this name in a process. */
function threadOf(pid: number, name: string): string | undefined {
  const folder = `/proc/${pid}/task`;
  // Others may end while they are looked at.
  return readdirSync(folder).find((thread) => existsSync(`${folder}/${thread}/comm`) && readFileSync(`${folder}/${thread}/comm`, 'utf8').trim() === name);
}

test('a connecting thread that goes silent is noticed as a frozen process is, and the checkers are replaced', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance() + SERVICE);
  await daemon.line(/Startup complete/, 5);
  await daemon.line(MASTER, 5);
  const vrrp = left.pidOf('vrrp');
  const checkers = left.pidOf('checkers');
  const thread = await until('the thread is there', 8, () => threadOf(checkers, 'connector'));
  const before = daemon.lines.length;
  const freezer = left.start(['python3', '-c', FREEZE, thread]);
  await freezer.line(/frozen/, 10);
  await daemon.line(/A thread has been silent for 1000 ms/, 10, before);
  await daemon.line(/Healthcheck process silent for 3/, 10, before);
  await daemon.line(/Activating healthchecker for service/, 10, before);
  await until('the next process serves', 10, () => left.pidOf('checkers') !== checkers || undefined);
  assert.equal(left.pidOf('vrrp'), vrrp);
  await until('it checks', 10, () => threadOf(left.pidOf('checkers'), 'connector'));
});

test('-C runs checkers only, -P VRRP only', async (t) => {
  const { left } = network(t);
  const onlyCheckers = left.daemon(instance() + SERVICE, { options: ['-n', '-l', '-D', '-C'] });
  await onlyCheckers.line(/Startup complete/, 5);
  assert.match(onlyCheckers.text(), /Starting Healthcheck child process/);
  assert.doesNotMatch(onlyCheckers.text(), /Starting VRRP child process/);
  onlyCheckers.signal('SIGTERM');
  await onlyCheckers.exited;
  const onlyVrrp = left.daemon(instance() + SERVICE, { options: ['-n', '-l', '-D', '-P'] });
  await onlyVrrp.line(/Startup complete/, 5);
  assert.match(onlyVrrp.text(), /Starting VRRP child process/);
  assert.doesNotMatch(onlyVrrp.text(), /Starting Healthcheck child process/);
});

test('a reload that takes the last service away ends the checkers process, one that brings it back starts it', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(instance() + SERVICE);
  await daemon.line(/Startup complete/, 5);
  await daemon.line(MASTER, 5);
  const checkersFile = join(left.folder, 'checkers.pid');
  left.write('keepalived.conf', instance());
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 5);
  await daemon.line(/Shutting down service/, 5);
  await until('its pid file is gone', 5, () => !existsSync(checkersFile) || undefined);
  const before = daemon.lines.length;
  left.write('keepalived.conf', instance() + SERVICE);
  daemon.signal('SIGHUP');
  await daemon.line(/Starting Healthcheck child process/, 5, before);
  await daemon.line(/Reload complete/, 5, before);
  assert.doesNotMatch(daemon.text(), /died/);
});

test('a file with nothing to run leaves an idle daemon that a reload wakes', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon('global_defs {\nrouter_id A\n}\n');
  await daemon.line(/Warning - keepalived has no configuration to run/, 5);
  left.write('keepalived.conf', instance());
  daemon.signal('SIGHUP');
  await daemon.line(MASTER, 5);
});

test('SIGUSR1 makes the checkers process write what it knows', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(SERVICE);
  await daemon.line(/Startup complete/, 5);
  daemon.signal('SIGUSR1');
  await daemon.line(/Printing checker data for process\(\d+\) on signal/, 5);
  const file = join(left.folder, 'keepalived_check.data');
  const data = await until('the dump is there', 5, () => (existsSync(file) ? left.read('keepalived_check.data') : undefined));
  assert.match(data, /^------< LVS Topology >------\n/m);
  assert.match(data, /\n------< Health checkers >------\n/);
  assert.ok(data.includes('10.9.9.2'));
});
