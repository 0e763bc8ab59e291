import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, milliseconds, seconds, type Micros } from '../../src/base/time.js';
import type { DirectorEvent } from '../../src/vrrp/events.js';
import { address } from '../support/address.js';
import { advertV3, director, instance } from '../support/vrrp-configuration.js';
import { started, type Rig } from './rig.js';

function heard(priority: number, advertInterval: Micros): DirectorEvent {
  const advert = advertV3(priority, { advertInterval });
  return { type: 'advertReceived', interface: 'eth0', family: 'ipv4', source: address('192.0.2.9'), hopLimit: 255, advert };
}

/** Seconds from now until it is master, at most 200. */
function takesOverAfter(rig: Rig): number {
  const begin = rig.now();
  while (rig.state().instances[0]?.state.role !== 'master' && rig.now() < begin + seconds(200)) rig.advance(milliseconds(100));
  return (rig.now() - begin) / seconds(1);
}

function backup(learntIntervalLimit?: number): Rig {
  const limit = learntIntervalLimit === undefined ? {} : { learntIntervalLimit };
  return started(director([instance({ version: 3, priority: 100, ...limit })]));
}

test('one forged advert of 40.95 s keeps a backup waiting for ten own intervals three times, and is told loudly', () => {
  const rig = backup();
  rig.take();
  rig.send(heard(200, seconds(40.95)));
  assert.equal(rig.take().notes.filter(({ type }) => type === 'advertIntervalCapped').length, 1);
  assert.ok(takesOverAfter(rig) < 3 * 10 + 10);
});

test('the limit is as configured, and without one the interval is what the master says', () => {
  const tight = backup(2);
  tight.send(heard(200, seconds(40.95)));
  assert.ok(takesOverAfter(tight) < 3 * 2 + 2);
  const none = backup(0);
  none.send(heard(200, seconds(40.95)));
  assert.ok(takesOverAfter(none) > 120);
});

test('an interval within the limit is followed', () => {
  const rig = backup();
  rig.take();
  rig.send(heard(200, seconds(5)));
  assert.deepEqual(rig.take().notes.filter(({ type }) => type === 'advertIntervalCapped'), []);
  assert.ok(takesOverAfter(rig) > 15);
});

test('goodbyes without end do not put off the takeover', () => {
  const rig = backup();
  rig.send(heard(200, seconds(1)));
  for (let i = 0; i < 100; i += 1) {
    rig.send(heard(0, seconds(1)));
    rig.advance(milliseconds(50));
  }
  assert.equal(rig.state().instances[0]?.state.role, 'master');
});

test('a master answers goodbyes and lower priorities ten times a second at most', () => {
  for (const priority of [0, 1]) {
    const rig = started(director([instance({ version: 3 })]));
    rig.advance(seconds(5));
    rig.take();
    for (let i = 0; i < 1_000; i += 1) {
      rig.send(heard(priority, seconds(1)));
      rig.advance(micros(1_000));
    }
    const sent = rig.take().effects.filter(({ type }) => type === 'sendAdvert').length;
    assert.ok(sent >= 1 && sent <= 21, `${sent} adverts in a second`);
  }
});
