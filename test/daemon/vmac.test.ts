/** use_vmac as an operator meets it: real processes, macvlans and packets in network namespaces; keepalived on the other side. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { until } from '../lab/process.js';
import type { Host, Network } from './network.js';
import { VIP, instance, openNetwork } from './network.js';
import { untilTold } from './told.js';

const MASTER = /\(V1\) Entering MASTER STATE/;
const VIRTUAL_MAC = '00:00:5e:00:01:33';
const VMAC = instance({ lines: ['use_vmac'] });

function network(t: TestContext): Network {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened;
}

/** What `ip -d link` says of an interface; '' when there is none. */
function device(host: Host, name = 'vrrp.51'): string {
  return host.run('sh', '-c', `ip -d -o link show dev ${name} 2>/dev/null || true`);
}

function indexOf(host: Host): string | undefined {
  return /^\d+/.exec(device(host))?.[0];
}

function holds(host: Host, name = 'vrrp.51'): boolean {
  return host.run('sh', '-c', `ip -o address show dev ${name} 2>/dev/null || true`).includes(`inet ${VIP}/32`);
}

const setting = (host: Host, path: string): string => host.run('cat', `/proc/sys/net/ipv4/conf/${path}`).trim();

test('the macvlan carries the virtual MAC and the address, the wire sees that MAC only, and a stop leaves the host as it was', async (t) => {
  const { left, right } = network(t);
  left.run('sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=2');
  const wire = right.start(['tcpdump', '-l', '-e', '-n', '-i', 'eth0', 'ip proto 112 or arp']);
  await wire.line(/listening on eth0/, 5);
  const daemon = left.daemon(VMAC);
  await daemon.line(/\(V1\): Success creating VMAC interface vrrp\.51/, 5);
  await daemon.line(MASTER, 5);
  await until('the address is set', 5, () => holds(left) || undefined);
  assert.match(device(left), new RegExp(`vrrp\\.51@eth0.*${VIRTUAL_MAC}.*macvlan mode private.*addrgenmode none`, 's'));
  assert.deepEqual(left.addresses(), ['10.9.9.1'], 'nothing was put on the interface below');
  await wire.line(new RegExp(`${VIRTUAL_MAC} > 01:00:5e:00:00:12.*10\\.9\\.9\\.1 > 224\\.0\\.0\\.18.*vrid 51`), 5);
  await wire.line(new RegExp(`${VIRTUAL_MAC} > ff:ff:ff:ff:ff:ff.*${VIP}`), 5);
  assert.deepEqual(
    ['vrrp.51/arp_ignore', 'vrrp.51/accept_local', 'vrrp.51/rp_filter', 'vrrp.51/promote_secondaries', 'eth0/arp_ignore', 'eth0/arp_filter', 'eth0/rp_filter', 'all/rp_filter'].map(
      (path) => `${path}=${setting(left, path)}`,
    ),
    ['vrrp.51/arp_ignore=1', 'vrrp.51/accept_local=1', 'vrrp.51/rp_filter=0', 'vrrp.51/promote_secondaries=1', 'eth0/arp_ignore=1', 'eth0/arp_filter=1', 'eth0/rp_filter=2', 'all/rp_filter=0'],
  );
  right.run('ping', '-c', '1', '-W', '2', VIP);
  assert.match(right.run('ip', 'neighbour', 'show', VIP), new RegExp(VIRTUAL_MAC));
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  assert.match(daemon.text(), /\(V1\) Success removing VMAC interface vrrp\.51/);
  assert.equal(device(left), '');
  assert.deepEqual(['eth0/arp_ignore', 'eth0/arp_filter', 'eth0/rp_filter', 'all/rp_filter'].map((path) => setting(left, path)), ['0', '0', '0', '2']);
});

test('a macvlan outlives a killed VRRP process and a killed daemon, and the next one takes it over with what has to be put back', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(VMAC.replace('advert_int 1', 'advert_int 4'));
  await daemon.line(MASTER, 5);
  await until('the address is set', 5, () => holds(left) || undefined);
  const index = indexOf(left);
  await untilTold(left);
  process.kill(left.pidOf('vrrp'), 'SIGKILL');
  await daemon.line(/adopted in MASTER STATE/, 5);
  assert.equal(indexOf(left), index);
  assert.ok(holds(left));
  daemon.signal('SIGTERM');
  await daemon.exited;
  assert.equal(device(left), '');
  assert.equal(setting(left, 'eth0/arp_ignore'), '0', 'the first process had changed it');

  left.run('ip', 'link', 'add', 'vrrp.51', 'link', 'eth0', 'address', VIRTUAL_MAC, 'type', 'macvlan', 'mode', 'private');
  const stale = indexOf(left);
  const second = left.daemon(VMAC);
  await second.line(/\(V1\) Found matching interface vrrp\.51/, 5);
  await second.line(MASTER, 5);
  await until('the address is set', 5, () => holds(left) || undefined);
  assert.equal(indexOf(left), stale);
  second.signal('SIGTERM');
  await second.exited;
  left.run('ip', 'link', 'add', 'vrrp.51', 'link', 'eth0', 'type', 'macvlan', 'mode', 'bridge');
  const third = left.daemon(VMAC);
  await third.line(/\(V1\) Deleting old VMAC interface vrrp\.51/, 5);
  await until('the address is set', 5, () => holds(left) || undefined);
});

test('a macvlan that somebody removes is back with its address, and comes and goes with a reload', async (t) => {
  const { left } = network(t);
  const daemon = left.daemon(VMAC);
  await daemon.line(MASTER, 5);
  await until('the address is set', 5, () => holds(left) || undefined);
  const index = indexOf(left);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  left.run('ip', 'link', 'delete', 'vrrp.51');
  await until('the macvlan is back', 5, () => (indexOf(left) !== undefined && indexOf(left) !== index) || undefined);
  await until('the address is back', 5, () => holds(left) || undefined);

  writeFileSync(join(left.folder, 'keepalived.conf'), instance());
  daemon.signal('SIGHUP');
  await until('the address is on the interface itself', 8, () => left.addresses().includes(VIP) || undefined);
  await until('the macvlan is gone', 8, () => device(left) === '' || undefined);
  writeFileSync(join(left.folder, 'keepalived.conf'), VMAC);
  daemon.signal('SIGHUP');
  await until('the address is on the macvlan', 8, () => holds(left) || undefined);
  await until('the interface has given it up', 8, () => !left.addresses().includes(VIP) || undefined);
});

for (const [first, second] of [['holdfast', 'keepalived'], ['keepalived', 'holdfast']] as const) {
  test(`${first} on a macvlan leads ${second} on a macvlan, hands over with the same MAC and takes back`, async (t) => {
    const { left, right } = network(t);
    const start = (host: Host, kind: string, priority: number) => {
      const configuration = instance({ priority, lines: ['use_vmac'] });
      return kind === 'holdfast' ? host.daemon(configuration) : host.daemon(configuration, { command: ['keepalived'], options: ['-n', '-l', '-D', '-P'] });
    };
    const low = start(right, second, 100);
    await low.line(MASTER, 10);
    const high = start(left, first, 150);
    await until('the higher priority holds the address alone', 15, () => (holds(left) && !holds(right)) || undefined);
    high.signal('SIGTERM');
    await high.exited;
    await until('the other one holds it', 15, () => (holds(right) && !holds(left)) || undefined);
    for (const { text } of [...low.lines, ...high.lines]) assert.doesNotMatch(text, /[Ii]nvalid|mismatch|too (short|long)/);
  });
}
