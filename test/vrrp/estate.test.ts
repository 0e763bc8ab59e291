import assert from 'node:assert/strict';
import test from 'node:test';
import { milliseconds, seconds } from '../../src/base/time.js';
import { estatesOf } from '../../src/vrrp/estate.js';
import { director, instance, virtual } from '../support/vrrp-configuration.js';
import { started } from './rig.js';
import type { Rig } from './rig.js';

const V1 = instance({ name: 'V1' });
const SLOW = instance({ name: 'SLOW', virtualRouterId: 52, advertInterval: seconds(10), virtualAddresses: [virtual('192.0.2.110/24')] });
const FAST = instance({ name: 'FAST', version: 3, advertInterval: milliseconds(100) });

function master(...instances: readonly (typeof V1)[]): Rig {
  const made = started(director(instances));
  made.advance(seconds(45));
  made.settle();
  return made;
}

test('a master leaves a goodbye and its addresses, which are kept until a successor must have them', () => {
  const [estate, ...others] = estatesOf(master(FAST).state());
  assert.equal(others.length, 0);
  assert.equal(estate?.goodbye?.advert.priority, 0);
  assert.deepEqual(estate.addresses, FAST.virtualAddresses);
  assert.ok(estate.keptFor > milliseconds(250) && estate.keptFor < milliseconds(350), `${estate.keptFor}`);
});

test('addresses are kept for a second at most, however long a successor takes', () => {
  assert.deepEqual(estatesOf(master(V1, SLOW).state()).map(({ keptFor }) => keptFor), [seconds(1), seconds(1)]);
});

test('a backup leaves nothing once the kernel has removed what was there', () => {
  assert.deepEqual(estatesOf(started(director([V1])).state()), []);
});

test('a master that is leaving leaves its addresses all the same', () => {
  const made = master(V1);
  made.send({ type: 'stopRequested', keepAddresses: false, patience: seconds(4) });
  const left = estatesOf(made.state()).flatMap(({ addresses }) => addresses);
  assert.deepEqual(new Set(left), new Set(V1.virtualAddresses));
});
