import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { toHex } from '../../src/base/bytes.js';
import { openAnnouncer } from '../../src/io/sockets/announcer.js';
import type { KernelError } from '../../src/io/kernel-error.js';
import { LinkMonitor } from '../../src/io/netlink/links.js';
import { awaitCarrier } from '../support/carrier.js';
import { virtual } from '../support/vrrp-configuration.js';
import { FRAME, captureOn } from './capture.js';
import { createWire } from './namespaces.js';

const wire = createWire();
const links = wire.left.inside(() => new LinkMonitor());
links.start();
const faults: KernelError[] = [];
const announcer = wire.left.inside(() => openAnnouncer(links, (error) => faults.push(error)));
const capture = captureOn(wire.right);
after(() => {
  announcer.close();
  capture.close();
  links.close();
  wire.remove();
});

const mac = toHex(links.find('eth0')?.hardwareAddress ?? new Uint8Array(0));

const arp = (address: string): string => `ffffffffffff${mac}0806 0001080006040001 ${mac}${address} ffffffffffff${address}`.replaceAll(' ', '');

test('gratuitous ARP goes out in rounds over all addresses, sender and target being the address', () => {
  announcer.announce([virtual('192.0.2.100'), virtual('192.0.2.101')], 3);
  const round = [arp('c0000264'), arp('c0000265')];
  assert.deepEqual(capture.take(FRAME.arp, 6), [...round, ...round, ...round]);
});

test('an unsolicited neighbour advertisement comes from the address itself with hop limit 255', () => {
  announcer.announce([virtual('2001:db8::100')], 1);
  const vip = '20010db8000000000000000000000100';
  const [frame, ...more] = capture.take(FRAME.neighbourAdvert, 1);
  const header = `333300000001${mac}86dd 60000000 0020 3a ff ${vip} ff020000000000000000000000000001 8800`;
  assert.match(frame ?? '', new RegExp(`^${header.replaceAll(' ', '')}.{4}20000000${vip}0201${mac}$`));
  assert.deepEqual(more, []);
});

test('nothing is announced on interfaces that are absent, down or without ARP', async () => {
  announcer.announce([virtual('192.0.2.100', { interface: 'absent0' }), virtual('192.0.2.100', { interface: 'lo' })], 1);
  for (const [change, undo] of [
    ['link set eth0 arp off', 'link set eth0 arp on'],
    ['link set eth0 down', 'link set eth0 up'],
  ] as const) {
    const flags = links.find('eth0')?.flags;
    wire.left.ip(change);
    while (links.find('eth0')?.flags === flags) await new Promise((resolve) => links.once('event', resolve));
    announcer.announce([virtual('192.0.2.100')], 1);
    wire.left.ip(undo);
    while (links.find('eth0')?.flags !== flags) await new Promise((resolve) => links.once('event', resolve));
  }
  awaitCarrier(wire.left.namespace, 'eth0');
  announcer.announce([virtual('192.0.2.102')], 1);
  assert.deepEqual(capture.take(FRAME.arp, 1), [arp('c0000266')]);
  assert.deepEqual(faults, []);
});
