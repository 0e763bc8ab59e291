/** Commands to a running daemon: what they change, that it holds, and who may give them. */

import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import type { InstanceStatus, RealServerStatus, Status } from '../../src/control/status.js';
import { SCHEMA } from '../../src/control/schema.js';
import { holdfast } from '../cli/command.js';
import { complaints } from '../control/conforms.js';
import { until } from '../lab/process.js';
import type { Host, Network } from './network.js';
import { VIP, instance, openNetwork, pool } from './network.js';

function network(t: TestContext): Network {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened;
}

const socketOf = ({ folder }: Host): string => join(folder, 'keepalived.control.sock');

/** Two servers that answer nobody but are up, since nothing checks them. */
const POOL = pool({ servers: { 81: ['weight 3'], 82: [] } });

const give = (left: Host, ...words: readonly string[]) => holdfast([...words, '--socket', socketOf(left)]);

async function status<T>(left: Host, what: string, found: (status: Status) => T | undefined): Promise<T> {
  return until(what, 10, () => {
    const { status: code, output } = give(left, 'status', '--json');
    return code === 0 ? found(JSON.parse(output) as Status) : undefined;
  });
}

const server = (name: string, fits: (server: RealServerStatus) => boolean) => ({ lvs }: Status): RealServerStatus | undefined =>
  lvs?.virtualServers[0]?.realServers.find((each) => each.name.endsWith(name) && fits(each));

const inState = (state: InstanceStatus['state']) => ({ vrrp }: Status): InstanceStatus | undefined => vrrp?.instances.find((each) => each.state === state);

test('a server is drained, weighed, disabled and enabled by hand, reloads or not, and the status says so', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(POOL);
  await status(left, 'the pool', server(':81', () => true));
  const drained = give(left, 'rs', 'drain', '10.9.9.1:81', '--for', '1h');
  assert.deepEqual([drained.status, drained.output], [0, 'drain [10.9.9.1]:tcp:81 in [10.9.9.101]:tcp:80\n']);
  const { weight, reason, byHand } = await status(left, 'the drained server', server(':81', (each) => each.byHand === 'drain'));
  assert.deepEqual([weight.configured, weight.effective, reason, byHand], [3, 0, 'drained by hand', 'drain']);
  const before = daemon.lines.length;
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 10, before);
  const whole = await status(left, 'the server, still drained', (found) => (server(':81', (each) => each.weight.effective === 0)(found) === undefined ? undefined : found));
  assert.deepEqual(complaints(whole, SCHEMA.$defs.status), []);
  assert.deepEqual(whole.byHand?.map(({ action, server: name, kept, until: end }) => [action, name, kept, end !== undefined]), [['drain', '[10.9.9.1]:tcp:81', false, true]]);
  assert.equal(give(left, 'rs', 'weight', '10.9.9.1:81', '7').status, 0);
  await status(left, 'the new weight', server(':81', (each) => each.weight.effective === 7));
  assert.equal(give(left, 'rs', 'disable', '[10.9.9.1]:tcp:82').status, 0);
  await status(left, 'the disabled server', server(':82', ({ state }) => state === 'disabled'));
  await daemon.line(/Removing service \[10\.9\.9\.1\]:tcp:82 from VS \[10\.9\.9\.101\]:tcp:80/, 5);
  // Both, since the address alone names both.
  assert.equal(give(left, 'rs', 'enable', '10.9.9.1').status, 0);
  await status(left, 'the configured weight', server(':81', (each) => each.weight.effective === 3 && each.byHand === undefined));
  await status(left, 'the enabled server', server(':82', ({ state }) => state === 'unchecked'));
  await daemon.line(/By hand: enable \[10\.9\.9\.1\]:tcp:81 in /, 5);
});

test('what is said for a time ends by itself', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(POOL);
  await status(left, 'the pool', server(':81', () => true));
  assert.equal(give(left, 'rs', 'disable', '10.9.9.1:81', '--for', '2s').status, 0);
  await status(left, 'the disabled server', server(':81', ({ state }) => state === 'disabled'));
  await daemon.line(/By hand, and over now: disable \[10\.9\.9\.1\]:tcp:81/, 10);
  await status(left, 'the server again', server(':81', ({ state }) => state === 'unchecked'));
});

test('a server is added and removed by hand, and what shall be kept outlives the daemon', async (t) => {
  const { left } = network(t);
  const first = left.daemon(POOL);
  await status(left, 'the pool', server(':81', () => true));
  assert.equal(give(left, 'rs', 'add', '10.9.9.2:83', '5', '--in', '10.9.9.101:80', '--keep').status, 0);
  assert.equal(give(left, 'rs', 'remove', '10.9.9.1:82').status, 0);
  await status(left, 'the new server', server('[10.9.9.2]:tcp:83', (each) => each.weight.effective === 5 && each.byHand === 'add'));
  await until('the removed one is gone, and said to be', 20, () => {
    const { output } = give(left, 'status');
    return (!/^ {6}\[10\.9\.9\.1\]:tcp:82/m.test(output) && /^ {2}remove \[10\.9\.9\.1\]:tcp:82 of /m.test(output)) || undefined;
  });
  assert.equal(statSync(join(left.folder, 'keepalived.overrides.json')).mode & 0o777, 0o600);
  first.signal('SIGTERM');
  await first.exited;
  const second = left.daemon(POOL);
  await second.line(/By hand, still: add \[10\.9\.9\.2\]:tcp:83 in \[10\.9\.9\.101\]:tcp:80 5/, 10);
  await status(left, 'the new server, still', server('[10.9.9.2]:tcp:83', (each) => each.weight.effective === 5));
  await status(left, 'the removed one, back', server(':82', () => true));
  assert.equal(give(left, 'rs', 'remove', '10.9.9.2:83').status, 0);
  await until('nothing is said any more', 5, () => !give(left, 'status').output.includes(':83') || undefined);
  await until('nor kept', 5, () => left.read('keepalived.overrides.json') === '[]\n' || undefined);
});

test('a server that waits for its operator waits through a restart of the daemon', async (t) => {
  const { left, right } = network(t);
  const source = "require('node:net').createServer((s) => s.destroy()).listen(8080, () => console.log('listening'))";
  const text = `virtual_server 10.9.9.101 80 {
delay_loop 1
lb_algo rr
lb_kind NAT
protocol TCP
real_server 10.9.9.2 8080 {
manual_resume
TCP_CHECK {
connect_timeout 1
retry 0
}
}
}
`;
  const first = left.daemon(text);
  await first.line(/Removing service \[10\.9\.9\.2\]:tcp:8080 from VS/, 20);
  const server8080 = right.start([process.execPath, '-e', source]);
  await server8080.line(/listening/, 10);
  await first.line(/\[10\.9\.9\.2\]:tcp:8080 of VS \S+ passes its checks and waits to be resumed/, 20);
  first.signal('SIGTERM');
  await first.exited;
  const second = left.daemon(text);
  await second.line(/\[10\.9\.9\.2\]:tcp:8080 of VS \S+ still waits to be resumed/, 20);
  await second.line(/Startup complete/, 20);
  const { state } = await status(left, 'the server, checked', server(':8080', ({ checks }) => checks.every(({ up, hasRun }) => up && hasRun)));
  assert.equal(state, 'down');
  assert.equal(give(left, 'rs', 'resume', '10.9.9.2').status, 0);
  await second.line(/Adding service \[10\.9\.9\.2\]:tcp:8080 to VS/, 10);
  assert.match(await until('nobody is remembered', 5, () => (left.read('keepalived.pools.json').includes('8080') ? undefined : left.read('keepalived.pools.json'))), /"holds":\[\]/);
});

test('an instance that yields lets the other be master without a moment in which nobody is, and resumes', async (t) => {
  const { left, right } = network(t);
  left.daemon(instance({ priority: 150 }));
  await status(left, 'the master', inState('MASTER'));
  const other = right.daemon(instance({ priority: 100, lines: ['nopreempt'] }));
  await other.line(/Entering BACKUP STATE/, 10);
  const yielded = give(left, 'vrrp', 'yield', 'V1', '--wait');
  assert.deepEqual([yielded.status, yielded.errors], [0, '']);
  const backup = await status(left, 'the backup', inState('BACKUP'));
  assert.deepEqual(backup.priority, { configured: 150, effective: 1, reasons: ['-149 it yields by hand'] });
  await until('the other has the address', 5, () => right.addresses().includes(VIP) || undefined);
  await until('it has let go of the address', 5, () => !left.addresses().includes(VIP) || undefined);
  assert.equal(give(left, 'vrrp', 'resume', 'V1').status, 0);
  await status(left, 'the master again', inState('MASTER'));
  await until('the other has let go of the address', 5, () => !right.addresses().includes(VIP) || undefined);
});

test('a member of a sync group that yields takes the others along, for a time if that is said', async (t) => {
  const { left, right } = network(t);
  const second = (text: string): string => text.replace('V1', 'V2').replace('virtual_router_id 51', 'virtual_router_id 52').replace(VIP, '10.9.9.98');
  const pair = (priority: number): string => `vrrp_sync_group G {\ngroup {\nV1\nV2\n}\n}\n${instance({ priority })}${second(instance({ priority }))}`;
  left.daemon(pair(150));
  const other = right.daemon(pair(100));
  const both = (host: Host): boolean => [VIP, '10.9.9.98'].every((address) => host.addresses().includes(address));
  const neither = (host: Host): boolean => ![VIP, '10.9.9.98'].some((address) => host.addresses().includes(address));
  await other.line(/\(V2\) Entering BACKUP STATE/, 20);
  await until('the group is master', 20, () => both(left) || undefined);
  const yielded = give(left, 'vrrp', 'yield', 'V2', '--wait', '--for', '1h');
  assert.deepEqual([yielded.status, yielded.output, yielded.errors], [0, 'V2 is in a sync group: all of its members go together\nyield V1\nyield V2\n', '']);
  await until('all of it has moved', 20, () => (both(right) && neither(left)) || undefined);
  const words = await status(left, 'both words', ({ byHand }) => byHand);
  assert.deepEqual(words.map(({ action, instance: name, until: end }) => [action, name, end !== undefined]), [['yield', 'V1', true], ['yield', 'V2', true]]);
  assert.equal(give(left, 'vrrp', 'yield', 'V1', '--for', '2s').status, 0);
  await until('all of it is back when the time is over', 40, () => (both(left) && neither(right)) || undefined);
});

test('nobody but root gives commands, and what is no command is refused', async (t) => {
  const { left } = network(t);
  left.daemon(`${POOL}${instance()}`);
  await status(left, 'the pool', server(':81', () => true));
  const admin = join(left.folder, 'keepalived.control.admin.sock');
  await until('it listens for commands, too', 10, () => existsSync(admin));
  const { mode, uid, gid } = statSync(admin);
  assert.deepEqual([mode & 0o777, uid, gid], [0o660, 0, 0]);
  const refused = give(left, 'rs', 'drain', '10.9.9.77');
  assert.deepEqual([refused.status, refused.errors], [1, 'Refused: there is no real server 10.9.9.77.\n']);
  assert.equal(give(left, 'vrrp', 'yield', 'V2').status, 1);
  assert.equal(give(left, 'vrrp', 'resume', 'V1').errors, 'Refused: V1 has not been made to yield.\n');
  assert.equal(give(left, 'rs', 'weight', '10.9.9.1', 'much').status, 2);
  assert.equal(give(left, 'rs', 'add', '10.9.9.9:80', '--in', '10.9.9.200').status, 1);
  // The socket for reading takes no commands.
  assert.match(await post(socketOf(left), '{}'), /^HTTP\/1\.1 404 /);
  assert.match(await post(admin, '{"action":"drain"}'), /^HTTP\/1\.1 400 [^]*"error":"server must name a real server"/);
  assert.match(await post(admin, 'x'.repeat(100_000)), /^HTTP\/1\.1 400 [^]*"error":"the body is no JSON, or too long"/);
});

function post(path: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect(path, () => socket.write(`POST /v1/command HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
    socket.setEncoding('utf8').on('data', (part: string) => (heard += part));
    socket.on('error', reject);
    socket.on('close', () => resolve(heard));
  });
}
