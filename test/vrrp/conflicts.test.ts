import assert from 'node:assert/strict';
import test from 'node:test';
import { seconds } from '../../src/base/time.js';
import type { VrrpNote } from '../../src/vrrp/notes.js';
import { address } from '../support/address.js';
import { advertV2, director, instance, virtual } from '../support/vrrp-configuration.js';
import { started } from './rig.js';
import type { Rig } from './rig.js';

const V1 = instance({ name: 'V1', priority: 150 });

function master(): Rig {
  const made = started(director([V1]));
  made.advance(seconds(5));
  made.settle();
  made.advance(seconds(5));
  made.take();
  return made;
}

function hear(rig: Rig, priority: number, overrides: Parameters<typeof advertV2>[1] = {}, source = '192.0.2.9'): void {
  rig.send({ type: 'advertReceived', interface: 'eth0', family: 'ipv4', advert: advertV2(priority, overrides), source: address(source), hopLimit: 255 });
}

function conflicts(rig: Rig): readonly Extract<VrrpNote, { type: 'conflictFound' }>[] {
  return rig.take().notes.filter((note) => note.type === 'conflictFound');
}

test('one that goes on as a second master is named at the third advert, and again after ten minutes', () => {
  const rig = master();
  for (let second = 0; second < 2; second += 1) {
    hear(rig, 100);
    rig.advance(seconds(1));
  }
  assert.deepEqual(conflicts(rig), []);
  for (let second = 0; second < 599; second += 1) {
    hear(rig, 100);
    rig.advance(seconds(1));
  }
  assert.deepEqual(conflicts(rig), [{ type: 'conflictFound', instance: 'V1', kind: 'twoMasters', by: '192.0.2.9', count: 3 }]);
  for (let second = 0; second < 60; second += 1) {
    hear(rig, 100);
    rig.advance(seconds(1));
  }
  assert.equal(conflicts(rig).length, 1);
  assert.equal(rig.state().instances[0]?.statistics.secondMasterAdverts, 661);
});

test('two adverts of a loser long apart are no conflict', () => {
  const rig = master();
  for (let time = 0; time < 5; time += 1) {
    hear(rig, 100);
    rig.advance(seconds(60));
  }
  assert.deepEqual(conflicts(rig), []);
});

test('a stranger on the virtual router id is named with what is different', () => {
  const rig = master();
  for (let time = 0; time < 4; time += 1) hear(rig, 200, { advertInterval: seconds(2) });
  assert.deepEqual(
    conflicts(rig).map(({ kind, by, detail }) => [kind, by, detail]),
    [['stranger', '192.0.2.9', 'advertInterval']],
  );
});

test('senders without number fill neither memory nor log', () => {
  const rig = master();
  for (let round = 0; round < 3; round += 1) {
    for (let last = 1; last < 250; last += 1) hear(rig, 200, { advertInterval: seconds(2) }, `198.51.100.${last}`);
  }
  assert.ok(conflicts(rig).length <= 8);
  assert.ok((rig.state().instances[0]?.conflicts.length ?? 0) <= 8);
});

test('a master that advertises other addresses is named by the backup', () => {
  const rig = started(director([instance({ name: 'V1', virtualAddresses: [virtual('192.0.2.100'), virtual('192.0.2.101')] })]));
  for (let time = 0; time < 4; time += 1) {
    hear(rig, 200);
    rig.advance(seconds(1));
  }
  assert.deepEqual(conflicts(rig).map(({ kind }) => kind), ['addressList']);
});

test('another MAC with an address we hold is named, our own and one for an address we do not hold are not', () => {
  const rig = master();
  const claim = (ip: string, mac: string): void =>
    rig.send({ type: 'addressClaimed', interface: 'eth0', address: address(ip), mac });
  claim('192.0.2.200', '02:00:00:00:00:99');
  claim('192.0.2.100', rig.state().links.get('eth0')?.mac ?? '');
  assert.deepEqual(conflicts(rig), []);
  claim('192.0.2.100', '02:00:00:00:00:99');
  assert.deepEqual(conflicts(rig).map(({ kind, by }) => [kind, by]), [['addressTaken', '192.0.2.100 by 02:00:00:00:00:99 on eth0']]);
});
