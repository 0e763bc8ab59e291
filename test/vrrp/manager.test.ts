/** What a manager sets over SNMP while an instance runs. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { seconds } from '../../src/base/time.js';
import { withSettings } from '../../src/vrrp/instance/manager.js';
import { withYielded } from '../../src/vrrp/instance/yielding.js';
import { describeDirector } from '../../src/vrrp/describe.js';
import { address } from '../support/address.js';
import { advertV2, director, instance } from '../support/vrrp-configuration.js';
import { started } from './rig.js';
import type { Rig } from './rig.js';

const PEER = address('192.0.2.2');

function hear(run: Rig, priority: number): void {
  run.send({ type: 'advertReceived', interface: 'eth0', family: 'ipv4', advert: advertV2(priority), source: PEER, hopLimit: 255 });
}

const stateOf = (run: Rig): string | undefined => describeDirector(run.state()).instances[0]?.state;

test('a master whose base priority is lowered says so in its next advert, and gives way', () => {
  const run = started(director([instance({ priority: 150 })]));
  run.advance(seconds(5));
  assert.equal(stateOf(run), 'MASTER');
  run.take();
  run.send({ type: 'instanceSet', instance: 'V1', priority: 90 });
  assert.deepEqual(run.take().notes, [
    { type: 'basePrioritySet', instance: 'V1', from: 150, to: 90 },
    { type: 'effectivePriorityChanged', instance: 'V1', from: 150, to: 90 },
  ]);
  run.advance(seconds(1));
  assert.deepEqual(run.take().effects.flatMap((effect) => (effect.type === 'sendAdvert' ? [effect.advert.priority] : [])), [90]);
  hear(run, 100);
  assert.equal(stateOf(run), 'BACKUP');
});

test('a backup that is raised above the master takes over when it may preempt, and waits when a manager forbids that', () => {
  for (const preempt of [true, false]) {
    const run = started(director([instance({ priority: 50 })]));
    hear(run, 100);
    run.send({ type: 'instanceSet', instance: 'V1', priority: 200 });
    run.send({ type: 'instanceSet', instance: 'V1', preempt });
    assert.deepEqual(run.take().notes.slice(-1), [{ type: 'preemptSet', instance: 'V1', preempt }]);
    for (let i = 0; i < 10; i += 1) {
      if (stateOf(run) === 'BACKUP') hear(run, 100);
      run.advance(seconds(1));
    }
    assert.equal(stateOf(run), preempt ? 'MASTER' : 'BACKUP');
  }
});

test('trackers move the new base as they moved the old one, and a reload puts the file in force again', () => {
  const tracked = { scripts: [], files: [{ name: 'load', path: '/run/load', weight: 0, reverse: false }], processes: [] };
  const config = { ...director([instance({ tracks: { files: [{ name: 'load', weight: 1, reverse: false }] } })]), tracked };
  const run = started(config);
  run.send({ type: 'fileRead', file: 'load', value: 10 });
  run.send({ type: 'instanceSet', instance: 'V1', priority: 90 });
  run.take();
  run.send({ type: 'fileRead', file: 'load', value: 20 });
  assert.deepEqual(run.take().notes.filter(({ type }) => type === 'effectivePriorityChanged'), [{ type: 'effectivePriorityChanged', instance: 'V1', from: 100, to: 110 }]);
  run.send({ type: 'reconfigured', config });
  const [shown] = describeDirector(run.state()).instances;
  assert.deepEqual([shown?.basePriority, shown?.priority], [150, 170]);
});

test('what is set while an operator makes the instance yield counts afterwards', () => {
  const config = director([instance({ priority: 150 })]);
  const run = started(withYielded(config, new Set(['V1'])));
  run.send({ type: 'instanceSet', instance: 'V1', priority: 120 });
  const [yielding] = describeDirector(run.state()).instances;
  assert.deepEqual([yielding?.basePriority, yielding?.priority], [120, 1]);
  run.send({ type: 'reconfigured', config: withSettings(config, [{ instance: 'V1', priority: 120 }]) });
  assert.equal(describeDirector(run.state()).instances[0]?.priority, 120);
});

test('what is set of an instance that is not there changes nothing', () => {
  const run = started(director([instance()]));
  const before = run.state();
  run.take();
  run.send({ type: 'instanceSet', instance: 'V2', priority: 7 });
  assert.deepEqual(run.take().notes, []);
  assert.deepEqual(run.state().instances, before.instances);
});
