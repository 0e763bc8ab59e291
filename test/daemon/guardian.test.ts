/** What becomes of addresses when processes are killed: real processes in network namespaces. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import type { Program } from '../lab/process.js';
import { pause, until } from '../lab/process.js';
import type { Host, Network } from './network.js';
import { HOLDFAST, VIP, instance, openNetwork } from './network.js';
import { untilTold } from './told.js';
import { instantOf, watchAddresses } from './witnesses.js';

const MASTER = /\(V1\) Entering MASTER STATE/;
const VIP6 = '2001:db8::64';


function network(t: TestContext): Network {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened;
}

async function master(host: Host, configuration: string, options?: readonly string[]): Promise<Program> {
  const daemon = host.daemon(configuration, options === undefined ? {} : { options });
  await daemon.line(MASTER, 8);
  await until('the address is set', 3, () => host.addresses().includes(VIP) || undefined);
  await untilTold(host);
  return daemon;
}

/** Every process of the daemon, at once, but not the guardian. */
function killAll(host: Host): void {
  // Both are read first: without its supervisor the other one ends at once and takes its file along.
  for (const pid of (['keepalived', 'vrrp'] as const).map(host.pidOf)) process.kill(pid, 'SIGKILL');
}

/** The child of this supervisor that runs the guardian. */
function guardianOf(supervisor: number): number | undefined {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found = pids.find((pid) => {
    try {
      const [, name, parent] = /^\d+ \((.*)\) . (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
      return name === 'holdfast-guardi' && Number(parent) === supervisor;
    } catch {
      // It has just ended.
      return false;
    }
  });
  return found === undefined ? undefined : Number(found);
}

test('when every process of a master is killed its neighbours are told and its address is removed', async (t) => {
  const { left, right } = network(t);
  const other = right.daemon(instance({ priority: 100, lines: ['version 3'] }));
  await other.line(/Entering BACKUP STATE/, 5);
  const daemon = await master(left, instance({ lines: ['version 3'] }));
  const wire = right.start(['tcpdump', '-l', '-n', '-v', '-i', 'eth0', 'ip proto 112']);
  await wire.line(/listening on eth0/, 5);
  const heard = other.lines.length;
  killAll(left);
  await wire.line(/10\.9\.9\.1 > 224\.0\.0\.18: .*prio 0/, 3);
  await daemon.line(/The daemon is dead: its virtual addresses are given up in its place/, 3);
  await other.line(MASTER, 3, heard);
  await until('the dead one has it no more', 3, () => !left.addresses().includes(VIP) || undefined);
  assert.deepEqual(left.addresses(), ['10.9.9.1']);
});

test('it keeps the address while no successor can have it, and says goodbye over IPv6 as well', async (t) => {
  const { left, right } = network(t);
  right.run('ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:02');
  const daemon = await master(left, instance() + instance6());
  await daemon.line(/\(V6\) Entering MASTER STATE/, 8);
  await untilTold(left);
  const wire = right.start(['tcpdump', '-l', '-n', '-v', '-tt', '-i', 'eth0', 'proto 112']);
  await wire.line(/listening on eth0/, 5);
  const monitor = await watchAddresses(left);
  killAll(left);
  const goodbye = await wire.line(/10\.9\.9\.1 > 224\.0\.0\.18: .*prio 0/, 3);
  await wire.line(/> ff02::12: .*prio 0/, 3);
  const removed = await monitor.line(/Deleted.*10\.9\.9\.100/, 3);
  await monitor.line(/Deleted.*2001:db8::64/, 3);
  const kept = instantOf(monitor, removed) - instantOf(wire, goodbye);
  assert.ok(kept > 500, `removed ${kept} ms after the goodbye`);
});

test('a signed goodbye is written anew in time, and believed', async (t) => {
  const { left, right } = network(t);
  const signed = ['version 3', `auth_hmac {\nkey 1 hex:${'ab'.repeat(32)}\nactive_key 1\n}`];
  const other = right.daemon(instance({ priority: 100, lines: signed }));
  await other.line(/Entering BACKUP STATE/, 5);
  await master(left, instance({ lines: signed }));
  // Longer than what was written first may be used.
  await pause(6);
  const heard = other.lines.length;
  killAll(left);
  await other.line(/\(V1\) Backup received priority 0 advertisement/, 2, heard);
  await other.line(MASTER, 3, heard);
  assert.doesNotMatch(other.text(), /authentication (trailer|HMAC|key)/);
});

test('what a killed daemon has made of the host is undone: devices, settings, static objects, packet filter', async (t) => {
  const { left } = network(t);
  const setting = (): string => left.run('sysctl', '-n', 'net.ipv4.conf.eth0.arp_ignore').trim();
  const before = setting();
  const statics = 'static_ipaddress {\n10.9.9.55/32 dev eth0\n}\nstatic_routes {\n10.66.0.0/16 dev eth0\n}\n';
  const daemon = left.daemon(statics + instance({ priority: 200, lines: ['use_vmac', 'no_accept'] }));
  await daemon.line(MASTER, 10);
  await daemon.line(/no firewall configured - using nftables/, 1, 0);
  await until('the address is there, and filtered', 5, () => left.run('nft', 'list', 'ruleset').includes(VIP) || undefined);
  await until('the static address is there', 3, () => left.addresses().includes('10.9.9.55') || undefined);
  assert.notEqual(setting(), before, 'nothing was changed: this test shows nothing');
  await untilTold(left);
  killAll(left);
  await until('the device is gone', 4, () => !left.run('ip', '-o', 'link').includes('vrrp.51') || undefined);
  await until('the packet filter is gone', 2, () => left.run('nft', 'list', 'ruleset') === '' || undefined);
  await until('the settings are as before', 2, () => setting() === before || undefined);
  await until('its addresses are gone', 2, () => left.addresses().join() === '10.9.9.1' || undefined);
  await until('the static route is gone', 2, () => left.run('ip', 'route', 'show', '10.66.0.0/16') === '' || undefined);
});

test('a guardian that is killed is replaced, and the next one knows what to do', async (t) => {
  const { left } = network(t);
  const daemon = await master(left, instance());
  const first = guardianOf(daemon.pid);
  assert.ok(first !== undefined);
  process.kill(first, 'SIGKILL');
  await daemon.line(/Guardian process ended \(signal SIGKILL\): starting it again/, 3);
  await until('there is another', 4, () => guardianOf(daemon.pid));
  await untilTold(left);
  killAll(left);
  await until('the address is removed', 4, () => !left.addresses().includes(VIP) || undefined);
});

test('a daemon that starts right after the death keeps what it sets', async (t) => {
  const { left } = network(t);
  await master(left, instance());
  killAll(left);
  const next = left.daemon(instance());
  await next.line(MASTER, 8);
  await until('the address is set', 3, () => left.addresses().includes(VIP) || undefined);
  const monitor = await watchAddresses(left);
  await pause(1.5);
  assert.doesNotMatch(monitor.text(), /Deleted/);
  assert.ok(left.addresses().includes(VIP));
});

test('an orderly stop leaves no guardian behind, and none that speaks', async (t) => {
  const { left } = network(t);
  const daemon = await master(left, instance());
  const guardian = guardianOf(daemon.pid);
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  await until('the guardian has ended', 3, () => !isAlive(guardian ?? 0) || undefined);
  assert.doesNotMatch(daemon.text(), /The daemon is dead/);
});

test('with -V the address of a killed daemon stays as well', async (t) => {
  const { left } = network(t);
  const daemon = await master(left, instance(), ['-n', '-l', '-V']);
  const guardian = guardianOf(daemon.pid);
  killAll(left);
  await until('the guardian has ended', 3, () => !isAlive(guardian ?? 0) || undefined);
  assert.ok(left.addresses().includes(VIP));
});

test('a VRRP process that nobody replaces in time is said goodbye for, and the other director takes over', async (t) => {
  const { left, right } = network(t);
  const short = { advertInterval: 0.4, lines: ['version 3'] };
  const other = right.daemon(instance({ ...short, priority: 100 }));
  await other.line(/Entering BACKUP STATE/, 5);
  const daemon = await master(left, instance({ ...short, priority: 150 }));
  // The second end within a minute delays the restart by a second.
  const first = left.pidOf('vrrp');
  process.kill(first, 'SIGKILL');
  await until('the next one serves', 5, () => left.pidOf('vrrp') !== first || undefined);
  await until('the address is there', 5, () => left.addresses().includes(VIP) || undefined);
  await untilTold(left);
  const before = daemon.lines.length;
  const otherBefore = other.lines.length;
  process.kill(left.pidOf('vrrp'), 'SIGKILL');
  await daemon.line(/VRRP process cannot be replaced in time: priority 0 is sent in its place/, 3, before);
  await other.line(MASTER, 3, otherBefore);
  await daemon.line(/\(V1\) Entering BACKUP STATE/, 5, before);
  await daemon.line(MASTER, 5, before);
});

test('holdfast release removes what nobody is left to remove, but nothing of a daemon that runs', async (t) => {
  const { left } = network(t);
  const daemon = await master(left, instance());
  const release = [...HOLDFAST, 'release', '-p', join(left.folder, 'keepalived.pid'), join(left.folder, 'keepalived.conf')];
  const refused = left.start(release);
  assert.equal(await refused.exited, 1);
  assert.match(refused.text(), /a daemon runs/);
  assert.ok(left.addresses().includes(VIP));
  // Nor does the daemon start another one in between.
  process.kill(daemon.pid, 'SIGSTOP');
  process.kill(guardianOf(daemon.pid) ?? 0, 'SIGKILL');
  killAll(left);
  await pause(0.5);
  assert.ok(left.addresses().includes(VIP), 'there was nobody to remove it');
  const idle = left.start(release, { SERVICE_RESULT: 'success' });
  assert.equal(await idle.exited, 0);
  assert.ok(left.addresses().includes(VIP), 'an orderly end is not meddled with');
  const released = left.start(release);
  assert.equal(await released.exited, 0);
  assert.match(released.text(), /removing 10\.9\.9\.100 from eth0/);
  assert.deepEqual(left.addresses(), ['10.9.9.1']);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function instance6(): string {
  return `vrrp_instance V6 {\n  interface eth0\n  state MASTER\n  virtual_router_id 52\n  priority 255\n  advert_int 1\n  virtual_ipaddress {\n    fe80::64\n    ${VIP6}\n  }\n}\n`;
}
