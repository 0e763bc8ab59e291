/** A restart in place: another program takes over, and neither neighbours nor clients nor scripts see anything of it. */

import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import type { Status } from '../../src/control/status.js';
import { holdfast } from '../cli/command.js';
import type { Program } from '../lab/process.js';
import { until } from '../lab/process.js';
import { childrenOf, readProcess } from '../support/processes.js';
import type { Host, Network } from './network.js';
import { HOLDFAST, VIP, instance, openNetwork, pool } from './network.js';
import { PING, unanswered, watchAddresses } from './witnesses.js';

const MASTER = /\(V1\) Entering MASTER STATE/;
const COMPLETE = /Startup complete/;

function network(t: TestContext): Network {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened;
}

async function master(host: Host, configuration: string, command = HOLDFAST): Promise<Program> {
  const daemon = host.daemon(configuration, { command });
  await daemon.line(MASTER, 15);
  await until('the address is set', 10, () => host.addresses().includes(VIP) || undefined);
  return daemon;
}

/** What `holdfast restart` says and how it ends. */
async function restart(host: Host, command = HOLDFAST): Promise<{ readonly status: unknown; readonly text: string }> {
  const program = host.start([...command, 'restart', '--pid', join(host.folder, 'keepalived.pid')]);
  const status = await program.exited;
  return { status, text: program.text() };
}

/** The program as it is installed, in a folder of its own; `main` is what its entry does instead of the program's own. */
function install(host: Host, main?: string): readonly string[] {
  const folder = join(host.folder, 'program');
  mkdirSync(join(folder, 'dist'), { recursive: true });
  cpSync('package.json', join(folder, 'package.json'));
  for (const part of ['chunks', 'native']) cpSync(join('dist', part), join(folder, 'dist', part), { recursive: true });
  cpSync('dist/main.js', join(folder, 'dist', main === undefined ? 'main.js' : 'real.js'));
  if (main !== undefined) writeFileSync(join(folder, 'dist/main.js'), main);
  return [process.execPath, join(folder, 'dist/main.js')];
}

function zombiesOf(pid: number): readonly number[] {
  return childrenOf(pid).filter((child) => /^State:\s*Z/m.test(readProcess(child, 'status')));
}

test('a neighbour of keepalived, a client and the scripts see nothing of a restart, and the process id stays', async (t) => {
  const { left, right } = network(t);
  left.write('notify.sh', `#!/bin/sh\necho "$3" >>${left.folder}/told\n`);
  left.run('chmod', '755', join(left.folder, 'notify.sh'));
  const daemon = await master(left, instance({ lines: [`notify ${left.folder}/notify.sh`] }));
  const neighbour = right.start(['keepalived', '-n', '-l', '-D', '-G', '-f', right.write('keepalived.conf', instance({ priority: 100 })), '-p', join(right.folder, 'k.pid'), '-r', join(right.folder, 'kv.pid')]);
  await neighbour.line(/Entering BACKUP STATE/, 10);
  const wire = right.start(['tcpdump', '-l', '-n', '-v', '-i', 'eth0', 'ip proto 112']);
  await wire.line(/listening on/, 10);
  const removals = await watchAddresses(left);
  const client = right.start([...PING, VIP]);
  await client.line(/icmp_seq=1 /, 10);
  await until('the script has run', 10, () => (existsSync(join(left.folder, 'told')) && left.read('told').includes('MASTER')) || undefined);
  const heard = neighbour.lines.length;
  const before = { vrrp: left.pidOf('vrrp'), told: left.read('told') };
  const answer = await restart(left);
  assert.deepEqual([answer.status, answer.text.startsWith('restarted in place: Holdfast v')], [0, true], answer.text);
  await daemon.line(/\(V1\) adopted in MASTER STATE from the process before/, 10);
  assert.equal(left.pidOf('keepalived'), daemon.pid);
  await until('another process has the role', 10, () => left.pidOf('vrrp') !== before.vrrp || undefined);
  await wire.line(/10\.9\.9\.1 > 224\.0\.0\.18/, 10, wire.lines.length);
  await until('nobody is left unburied', 10, () => zombiesOf(daemon.pid).length === 0 || undefined);
  assert.deepEqual(await unanswered(client), []);
  assert.doesNotMatch(wire.text(), /prio 0|10\.9\.9\.2 >/);
  assert.doesNotMatch(removals.text(), /Deleted/);
  assert.equal(left.read('told'), before.told);
  assert.deepEqual(neighbour.lines.slice(heard).filter(({ text }) => text.includes('(V1)')), []);
  assert.ok(!existsSync(join(left.folder, 'keepalived.bequest')) && !existsSync(join(left.folder, 'keepalived.estate')));
});

test('restarted twice it ends in order: the address goes, and no process stays', async (t) => {
  const { left } = network(t);
  const daemon = await master(left, instance());
  for (let times = 0; times < 2; times += 1) assert.equal((await restart(left)).status, 0);
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  assert.deepEqual(left.addresses(), ['10.9.9.1']);
  assert.doesNotMatch(daemon.text(), /The daemon is dead|died/);
});

test('a configuration that could not be started with is no reason to stop: the restart is refused with its place', async (t) => {
  const { left } = network(t);
  const daemon = await master(left, instance());
  const vrrp = left.pidOf('vrrp');
  left.write('keepalived.conf', 'vrrp_instance V1 {\n');
  const answer = await restart(left);
  assert.equal(answer.status, 1);
  assert.match(answer.text, /keepalived\.conf:\d+:\d+: .*HF-\d+/);
  await daemon.line(/No restart in place, everything goes on as it was: .*HF-\d+/, 10);
  assert.equal(left.pidOf('vrrp'), vrrp);
  assert.ok(left.addresses().includes(VIP));
});

test('a program that is broken on disk is refused, and taken when it is whole again', async (t) => {
  const { left } = network(t);
  const command = install(left);
  await master(left, instance(), command);
  const main = join(left.folder, 'program/dist/main.js');
  const whole = readFileSync(main, 'utf8');
  writeFileSync(main, 'syntax error');
  const refused = await restart(left);
  assert.equal(refused.status, 1);
  assert.match(refused.text, /the program on disk does not answer: .*SyntaxError/s);
  writeFileSync(main, whole);
  assert.equal((await restart(left)).status, 0);
  assert.ok(left.addresses().includes(VIP));
});

test('when the next program ends at once the process before says goodbye and takes its address away', async (t) => {
  const { left, right } = network(t);
  // It promises what it does not keep.
  const command = install(left, `import { existsSync } from 'node:fs';
const broken = existsSync(new URL('../broken', import.meta.url)) && process.argv.length > 4 && process.argv[2] !== 'rehearsal';
if (broken) process.exit(3);
await import('./real.js');
`);
  const daemon = await master(left, instance({ lines: ['version 3'] }), command);
  const other = right.daemon(instance({ priority: 100, lines: ['version 3'] }));
  await other.line(/Entering BACKUP STATE/, 10);
  left.write('program/broken', '');
  const heard = other.lines.length;
  left.run('kill', '-38', String(daemon.pid));
  assert.equal(await daemon.exited, 3);
  await other.line(/\(V1\) Backup received priority 0 advertisement/, 15, heard);
  await other.line(MASTER, 15, heard);
  await until('the address is gone', 15, () => !left.addresses().includes(VIP) || undefined);
});

test('what the new configuration gives to nobody is removed, another virtual router begins as any other, and the rest stays', async (t) => {
  const { left } = network(t);
  const second = (address: string, id: number): string => instance().replace('V1', 'V2').replace('_id 51', `_id ${id}`).replace(VIP, `${address}\n10.9.9.120`);
  const daemon = await master(left, `${instance().replace(VIP, `${VIP}\n10.9.9.101`)}${second('10.9.9.110', 52)}`);
  await until('all are set', 10, () => left.addresses().length === 5 || undefined);
  left.write('keepalived.conf', `${instance()}${second('10.9.9.111', 53)}`);
  const before = daemon.lines.length;
  const removals = await watchAddresses(left);
  assert.equal((await restart(left)).status, 0);
  await daemon.line(/\(V1\) adopted in MASTER STATE/, 10, before);
  await daemon.line(/\(V2\) Entering MASTER STATE/, 15, before);
  await until('the addresses are those of the file', 15, () => [...left.addresses()].sort().join() === `10.9.9.1,${VIP},10.9.9.111,10.9.9.120` || undefined);
  assert.doesNotMatch(removals.text(), /Deleted.*10\.9\.9\.100/);
  await daemon.line(COMPLETE, 10, before);
});

test('a virtual router that the new configuration does not have says goodbye before the other program takes over', async (t) => {
  const { left, right } = network(t);
  const second = instance().replace('V1', 'V2').replace('_id 51', '_id 52').replace(VIP, '10.9.9.110');
  const daemon = await master(left, `${instance()}${second}`);
  await until('both addresses are set', 10, () => left.addresses().length === 3 || undefined);
  const wire = right.start(['tcpdump', '-l', '-n', '-v', '-i', 'eth0', 'ip proto 112']);
  await wire.line(/listening on/, 10);
  left.write('keepalived.conf', instance());
  assert.equal((await restart(left)).status, 0);
  await daemon.line(/\(V1\) adopted in MASTER STATE/, 10);
  await wire.line(/vrid 52, prio 0/, 10);
  assert.doesNotMatch(wire.text(), /vrid 51, prio 0/);
  await until('its address is gone', 10, () => left.addresses().join() === `10.9.9.1,${VIP}` || undefined);
});

test('what operators have said holds through a restart in place, and ends when it was to end', async (t) => {
  const { left } = network(t);
  const socket = ['--socket', join(left.folder, 'keepalived.control.sock')];
  const daemon = await master(left, `${instance()}${pool({ servers: { 81: [], 82: [] } })}`);
  const words = (): readonly (readonly unknown[])[] => {
    const { status, output } = holdfast(['status', '--json', ...socket]);
    const { byHand = [] } = status === 0 ? (JSON.parse(output) as Status) : {};
    return byHand.map(({ action, server, kept, until: end }) => [action, server, kept, end !== undefined]);
  };
  const said = [['drain', '[10.9.9.1]:tcp:81', false, true], ['disable', '[10.9.9.1]:tcp:82', true, false]];
  await until('it can be told', 20, () => holdfast(['rs', 'drain', '10.9.9.1:81', '--for', '1h', ...socket]).status === 0 || undefined);
  await until('the pool is shown', 20, () => /\[10\.9\.9\.1\]:tcp:81 .* drained by hand/.test(holdfast(['status', ...socket]).output));
  const last = holdfast(['rs', 'disable', '10.9.9.1:82', '--keep', ...socket]);
  assert.deepEqual([last.status, last.errors], [0, 'Warning: 10.9.9.101:80 has no other server for new connections, and nobody stands behind; holdfast rs enable 10.9.9.1:82 takes it back.\n']);
  await until('both are in force', 20, () => JSON.stringify(words()) === JSON.stringify(said) || undefined);
  const before = daemon.lines.length;
  assert.equal((await restart(left)).status, 0);
  await daemon.line(COMPLETE, 20, before);
  await until('both hold still', 20, () => JSON.stringify(words()) === JSON.stringify(said) || undefined);
  await until('the pool shows it', 20, () => /\[10\.9\.9\.1\]:tcp:81 .* drained by hand/.test(holdfast(['status', ...socket]).output));
});
