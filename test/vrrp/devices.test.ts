/** What a configuration wants of the host's devices, and what is done about one that is there already. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { DeviceConfig, VirtualDevice } from '../../src/vrrp/config/device.js';
import { advertInterface, deviceSettings, devicesOf, planDevice } from '../../src/vrrp/host/devices.js';
import { assess } from '../../src/vrrp/links/links.js';
import { instance, link, virtual } from '../support/vrrp-configuration.js';

const MACVLAN: VirtualDevice = { type: 'macvlan', name: 'vrrp.51', mac: '00:00:5e:00:01:33', notifyPeers: false };

function withDevice(device: Partial<DeviceConfig> = {}, own: VirtualDevice = MACVLAN) {
  return instance({
    virtualAddresses: [virtual('192.0.2.100/32', { interface: own.name })],
    device: { virtual: own, transmitOnBase: false, promoteSecondaries: false, ...device },
  });
}

test('adverts go through the macvlan, and through the interface below it with vmac_xmit_base', () => {
  assert.equal(advertInterface(withDevice()), 'vrrp.51');
  assert.equal(advertInterface(withDevice({ transmitOnBase: true })), 'eth0');
  assert.equal(advertInterface(instance()), 'eth0');
});

test('the interface below an IPv4 macvlan answers no ARP for it, and settings shared by instances are wanted once', () => {
  const second = { ...withDevice({}, { ...MACVLAN, name: 'vrrp.52' }), name: 'V2' };
  const { devices, settings, ownReversePath } = devicesOf({}, [withDevice(), second]);
  assert.deepEqual(devices.map(({ device, base }) => `${device.name} on ${base}`), ['vrrp.51 on eth0', 'vrrp.52 on eth0']);
  assert.deepEqual(settings.map(({ path, value }) => `${path}=${value}`), ['ipv4/conf/eth0/arp_announce=2', 'ipv4/conf/eth0/arp_ignore=1', 'ipv4/conf/eth0/arp_filter=1']);
  assert.equal(ownReversePath, true);
  assert.deepEqual(devicesOf({ disableLocalIgmp: true }, []).settings, [{ path: 'ipv4/igmp_link_local_mcast_reports', value: '0' }]);
  assert.deepEqual(devicesOf({}, [instance()]), { devices: [], settings: [], ownReversePath: false });
});

test('promote_secondaries is a setting of the interface, and of every macvlan by itself', () => {
  const plain = instance({ device: { transmitOnBase: false, promoteSecondaries: true } });
  assert.deepEqual(devicesOf({}, [plain]).settings, [{ path: 'ipv4/conf/eth0/promote_secondaries', value: '1', interface: 'eth0' }]);
  const [wanted] = devicesOf({}, [withDevice()]).devices;
  assert.ok(wanted !== undefined);
  assert.ok(deviceSettings(wanted).some(({ path }) => path === 'ipv4/conf/vrrp.51/promote_secondaries'));
});

test('a macvlan of a former run is kept when it fits, replaced when it does not, and nothing else is touched', () => {
  const [wanted] = devicesOf({}, [withDevice()]).devices;
  assert.ok(wanted !== undefined);
  const fitting = { kind: 'macvlan', mac: '00:00:5e:00:01:33', lowerIndex: 2, mode: 1 };
  assert.equal(planDevice(wanted, 2, undefined), 'make');
  assert.equal(planDevice(wanted, 2, fitting), 'keep');
  assert.equal(planDevice(wanted, 3, fitting), 'replace', 'the interface below is another one');
  assert.equal(planDevice(wanted, 2, { ...fitting, mode: 4 }), 'replace', 'it lets macvlans of the host talk to each other');
  assert.equal(planDevice(wanted, 2, { ...fitting, mac: '02:00:00:00:00:01' }), 'replace');
  assert.equal(planDevice(wanted, 2, { kind: 'dummy' }), 'occupied');
});

test('an instance on a macvlan speaks from the address of the interface below, and is in fault while the macvlan is missing', () => {
  const config = withDevice();
  const below = link('eth0');
  const device = link('vrrp.51', { addresses: [] });
  const complete = assess(config, new Set(), new Map([['eth0', below], ['vrrp.51', device]]), undefined);
  assert.deepEqual(complete.faults, []);
  assert.equal(complete.source, below.addresses[0]?.address);
  const without = assess(config, new Set(), new Map([['eth0', below], ['vrrp.51', undefined]]), undefined);
  assert.deepEqual(without.faults, [{ type: 'interfaceMissing', interface: 'vrrp.51' }]);
  const down = assess(config, new Set(), new Map([['eth0', { ...below, up: false }], ['vrrp.51', { ...device, up: false }]]), undefined);
  assert.deepEqual(down.faults, [{ type: 'interfaceDown', interface: 'eth0' }], 'told is the one that is to blame');
});
