/** Programs that manage the same interface and take away what is not theirs: a real systemd-networkd, and what DHCP clients do. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { until } from '../lab/process.js';
import { VIP, instance, openNetwork } from './network.js';

const VIP6 = '2001:db8::64';
const SIX = `vrrp_instance V6 {\ninterface eth0\nstate MASTER\nvirtual_router_id 52\npriority 255\nadvert_int 1\nvirtual_ipaddress {\nfe80::64\n${VIP6}/64\n}\n}\n`;

/** Without udev, which it takes for a container by /sys, and with files of its own. */
const NETWORKD = [
  'sh',
  '-c',
  'mount -o remount,ro /sys && mount -t tmpfs own /run && mkdir -p /run/systemd/network && printf "[Match]\\nName=eth0\\n[Network]\\nLinkLocalAddressing=no\\nIPv6AcceptRA=no\\n" >/run/systemd/network/10-all.network && exec env SYSTEMD_LOG_TARGET=console /lib/systemd/systemd-networkd',
];

test('a systemd-networkd that wants no link-local addresses takes the one that VRRP speaks from: that instance says so, the other goes on, and it is master again', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const daemon = left.daemon(instance() + SIX);
  await daemon.line(/\(V6\) Entering MASTER STATE/, 10);
  const six = (): boolean => left.run('ip', '-6', '-o', 'address', 'show', 'dev', 'eth0').includes(`${VIP6}/`);
  await until('the addresses are set', 10, () => (six() && left.addresses().includes(VIP)) || undefined);
  for (let start = 1; start <= 2; start += 1) {
    const before = daemon.lines.length;
    const networkd = left.start(NETWORKD);
    await daemon.line(/\(V6\) Entering FAULT STATE/, 20, before);
    assert.ok(left.addresses().includes(VIP));
    networkd.signal('SIGTERM');
    await networkd.exited;
    left.run('ip', 'link', 'set', 'eth0', 'addrgenmode', 'eui64');
    left.run('ip', 'link', 'set', 'eth0', 'down');
    left.run('ip', 'link', 'set', 'eth0', 'up');
    await daemon.line(/\(V6\) Entering MASTER STATE/, 20, before);
    await until('both are there', 20, () => (six() && left.addresses().includes(VIP)) || undefined);
  }
});

test('a DHCP client that renews its lease takes our own address and the virtual one: the master has both again before its neighbour takes over; without a lease the neighbour does', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left, right } = network;
  // The neighbour waits 2 s after a goodbye.
  const daemon = left.daemon(instance({ priority: 150, advertInterval: 2, lines: ['version 3'] }));
  await daemon.line(/\(V1\) Entering MASTER STATE/, 20);
  const neighbour = right.daemon(instance({ priority: 1, advertInterval: 2, lines: ['version 3'] }));
  await neighbour.line(/\(V1\) Entering BACKUP STATE/, 20);
  await until('the address is set', 10, () => left.addresses().includes(VIP) || undefined);
  for (let renewal = 1; renewal <= 3; renewal += 1) {
    const before = daemon.lines.length;
    // As dhclient-script does when a lease begins.
    left.run('sh', '-c', 'ip -4 address flush dev eth0; ip -4 address add 10.9.9.1/24 broadcast 10.9.9.255 dev eth0');
    await daemon.line(/\(V1\) setting VIPs/, 20, before);
    await until('both are there', 15, () => (left.addresses().includes(VIP) && left.addresses().includes('10.9.9.1')) || undefined);
  }
  assert.ok(neighbour.lines.every(({ text }) => !text.includes('Entering MASTER STATE')));
  const before = daemon.lines.length;
  left.run('ip', '-4', 'address', 'flush', 'dev', 'eth0');
  await daemon.line(/\(V1\) Entering FAULT STATE/, 20, before);
  await neighbour.line(/\(V1\) Entering MASTER STATE/, 20);
  await until('the neighbour has the address', 20, () => right.addresses().includes(VIP) || undefined);
  left.run('ip', 'address', 'add', '10.9.9.1/24', 'dev', 'eth0');
  await daemon.line(/\(V1\) Entering MASTER STATE/, 30, before);
  await neighbour.line(/\(V1\) Entering BACKUP STATE/, 20, neighbour.lines.findIndex(({ text }) => text.includes('Entering MASTER STATE')));
});
