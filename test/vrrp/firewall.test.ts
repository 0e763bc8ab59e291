/** Which rules a configuration needs, and what their sets hold at a moment. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { FirewallConfig, VirtualDevice } from '../../src/vrrp/config/device.js';
import { dropsPackets, elementsOf, firewallOf } from '../../src/vrrp/host/firewall.js';
import type { WantedFirewall } from '../../src/vrrp/host/firewall.js';
import { director, instance, virtual } from '../support/vrrp-configuration.js';

const NFTABLES: FirewallConfig = { table: 'keepalived', priority: -1, matchInterfaceIndex: false, counters: false };
const MACVLAN: VirtualDevice = { type: 'macvlan', name: 'vrrp.51', mac: '00:00:5e:00:01:33', notifyPeers: false };
const ON_MACVLAN = instance({ device: { virtual: MACVLAN, transmitOnBase: false, promoteSecondaries: false } });

function wanted(instances: readonly ReturnType<typeof instance>[], disableLocalIgmp = false): WantedFirewall | undefined {
  return firewallOf({ ...director(instances), firewall: NFTABLES, disableLocalIgmp }, instances);
}

test('an owner drops nothing, whatever it is told', () => {
  assert.equal(dropsPackets(instance({ accept: false })), true);
  assert.equal(dropsPackets(instance({ accept: false, priority: 255 })), false);
  assert.equal(dropsPackets(instance()), false);
});

test('there are no rules without need, and no rules about reports that the kernel does not send', () => {
  assert.equal(wanted([instance()]), undefined);
  assert.deepEqual(wanted([ON_MACVLAN])?.tables.map(({ family }) => family), ['ipv4']);
  assert.equal(wanted([ON_MACVLAN], true), undefined);
});

test('every family that has addresses to drop packets to has its table, excluded addresses included', () => {
  const mixed = instance({ accept: false, excludedAddresses: [virtual('2001:db8::1/64')] });
  assert.deepEqual(wanted([mixed])?.tables.map(({ family, chains }) => [family, ...chains.map(({ name }) => name)].join(' ')), [
    'ipv4 out in',
    'ipv6 out in in_link_local out_link_local',
  ]);
});

test('neighbour discovery is accepted before anything is dropped', () => {
  const [table] = wanted([instance({ family: 'ipv6', accept: false, virtualAddresses: [virtual('fe80::1/128')] })])?.tables ?? [];
  const into = table?.chains.find(({ name }) => name === 'in');
  assert.ok(into !== undefined);
  assert.equal(into.rules[0]?.at(-1)?.type, 'accept');
  assert.equal(into.rules.at(-1)?.at(-1)?.type, 'drop');
});

test('a macvlan is in the sets while it and the interface below it are there; a link-local address counts on its interface only', () => {
  const firewall = wanted([ON_MACVLAN, instance({ family: 'ipv6', accept: false, virtualAddresses: [virtual('fe80::1/128')] })]);
  assert.ok(firewall !== undefined);
  const indexes = new Map([['eth0', 2]]);
  const sets = (dropped: readonly ReturnType<typeof virtual>[]): readonly string[] =>
    elementsOf(firewall, dropped, (name) => indexes.get(name)).map(({ family, set, key, value }) => `${family} ${set} ${key.length}${value === undefined ? '' : ` ${value.join('.')}`}`);
  assert.deepEqual(sets([virtual('fe80::1/128'), virtual('2001:db8::1/64')]), ['ipv6 vips_link_local 32', 'ipv6 vips 16']);
  indexes.set('vrrp.51', 7);
  assert.deepEqual(sets([]), ['ipv4 vmac_map 4 2.0.0.0']);
});
