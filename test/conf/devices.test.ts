/** use_vmac of instances and of addresses: which devices there will be, and what goes on them. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './support.js';

/** `ADDRESS on DEVICE` of all addresses, and `DEVICE on INTERFACE MAC` of the macvlans made for them. */
function placed(lines: readonly string[], addresses: readonly string[], excluded: readonly string[] = []) {
  const text = [
    'vrrp_instance V1 {',
    'interface eth0',
    'virtual_router_id 51',
    ...lines,
    'virtual_ipaddress {',
    ...addresses,
    '}',
    'virtual_ipaddress_excluded {',
    ...excluded,
    '}',
    '}',
    '',
  ].join('\n');
  const [instance] = load(text).model?.director.instances ?? [];
  assert.ok(instance !== undefined);
  const { virtualAddresses, excludedAddresses, device } = instance;
  return {
    addresses: [...virtualAddresses, ...excludedAddresses].map(({ address, interface: name }) => `${address} on ${name}`),
    devices: (device?.addressDevices ?? []).map(({ base, device: { name, mac } }) => `${name} on ${base} ${mac}`),
  };
}

test('the addresses of the interface go on its macvlan, named with dev or not; those of other interfaces stay', () => {
  const { addresses, devices } = placed(['use_vmac'], ['192.0.2.1', '192.0.2.2 dev eth0', '192.0.2.3 dev eth1']);
  assert.deepEqual(addresses, ['192.0.2.1 on vrrp.51', '192.0.2.2 on vrrp.51', '192.0.2.3 on eth1']);
  assert.deepEqual(devices, []);
});

test('with use_vmac_addr every other interface and family has a macvlan, with the names keepalived gives them', () => {
  const { addresses, devices } = placed(['use_vmac', 'use_vmac_addr'], ['192.0.2.1', '198.51.100.1 dev eth1', '198.51.100.2 dev eth1'], ['2001:db8::1 dev eth1', '2001:db8:1::1']);
  assert.deepEqual(addresses, ['192.0.2.1 on vrrp.51', '198.51.100.1 on vrrp1.51', '198.51.100.2 on vrrp1.51', '2001:db8::1 on vrrp6.51', '2001:db8:1::1 on vrrp2.51']);
  assert.deepEqual(devices, ['vrrp1.51 on eth1 00:00:5e:00:01:33', 'vrrp6.51 on eth1 00:00:5e:00:02:33', 'vrrp2.51 on eth0 00:00:5e:00:02:33']);
});

test('use_vmac of an address is about that address alone, and needs no macvlan of the instance', () => {
  const { addresses, devices } = placed([], ['192.0.2.1 use_vmac', '192.0.2.2', '198.51.100.1 dev eth1 use_vmac']);
  assert.deepEqual(addresses, ['192.0.2.1 on vrrp.51', '192.0.2.2 on eth0', '198.51.100.1 on vrrp1.51']);
  assert.deepEqual(devices, ['vrrp.51 on eth0 00:00:5e:00:01:33', 'vrrp1.51 on eth1 00:00:5e:00:01:33']);
});

test('use_vmac behind an address that goes on the macvlan of its instance anyway is told', () => {
  const text = 'vrrp_instance V1 {\ninterface eth0\nvirtual_router_id 51\nuse_vmac\nvirtual_ipaddress {\n192.0.2.1 use_vmac\n192.0.2.2 dev eth1 use_vmac\n}\n}\n';
  const told = load(text).diagnostics.filter(({ code }) => code === 'HF-410').map(({ message }) => message);
  assert.deepEqual(told, ['(V1) use_vmac stands behind 192.0.2.1 and in the instance: the address goes to the device of the instance']);
});
