/** What hangs on what in the dashboard. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { ageText, topologyOf, totalsOf } from '../../src/dashboard/topology.js';
import { farmStatus } from './farm.js';

test('a virtual server hangs on the address that an instance moves, any other stands by itself', () => {
  const status = farmStatus({ services: 2, serversEach: 2 });
  const { instances, others } = topologyOf(status);
  assert.deepEqual(
    instances.map(({ instance, addresses }) => [instance.name, addresses.map(({ address, virtualServers }) => [address.address, virtualServers.map(({ name }) => name)])]),
    [['VI_1', [['192.0.2.100', ['[192.0.2.100]:tcp:80', '[192.0.2.100]:tcp:81']]]]],
  );
  assert.deepEqual(others.map(({ name }) => name), ['FWM 1']);
});

test('the filter keeps real servers by name, state and reason, and whole virtual servers by name', () => {
  const status = farmStatus({ services: 2, serversEach: 3 });
  const kept = (filter: string): readonly (readonly [string, number])[] =>
    topologyOf(status, filter).instances.flatMap(({ addresses }) => addresses.flatMap(({ virtualServers }) => virtualServers.map(({ name, realServers }) => [name, realServers.length] as const)));
  assert.deepEqual(kept(':81'), [['[192.0.2.100]:tcp:81', 3]]);
  assert.deepEqual(kept('Connection REFUSED'), [['[192.0.2.100]:tcp:80', 1], ['[192.0.2.100]:tcp:81', 1]]);
  assert.deepEqual(kept('nothing like it'), []);
});

test('totals count masters, servers and what is wrong', () => {
  assert.deepEqual(totalsOf(farmStatus({ services: 2, serversEach: 3 })), {
    masters: 1,
    faults: 0,
    instances: 1,
    realServersUp: 5,
    realServers: 7,
    virtualServersDown: 0,
  });
  assert.equal(totalsOf({ version: 1 }).realServers, 0);
});

test('ages are told in the unit that fits', () => {
  const ages = [0, 119, 120, 7_199, 7_200, 172_799, 172_800].map((age) => ageText(new Date(0).toISOString(), age * 1_000));
  assert.deepEqual(ages, ['0 s', '119 s', '2 min', '119 min', '2 h', '47 h', '2 d']);
  assert.equal(ageText(new Date(5_000).toISOString(), 0), '0 s', 'a clock that runs ahead');
});
