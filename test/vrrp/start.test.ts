import assert from 'node:assert/strict';
import test from 'node:test';
import { milliseconds, seconds, type Micros } from '../../src/base/time.js';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import { director, instance } from '../support/vrrp-configuration.js';
import { started } from './rig.js';

/** Microseconds from the start to the first MASTER. */
function startToMaster(overrides: Partial<InstanceConfig>): Micros {
  const rig = started(director([instance(overrides)]));
  while (!rig.take().notes.some((note) => note.type === 'stateChanged' && note.to === 'MASTER')) {
    assert.ok(rig.now() < seconds(60), 'never became master');
    const deadline = rig.state().instances[0]?.state;
    assert.equal(deadline?.role, 'backup');
    rig.advance((deadline.masterDownAt - rig.now()) as Micros);
  }
  return rig.now();
}

// The figures were taken from a running keepalived 2.4.3, less its own start of some 30 ms.
const startTimes: readonly (readonly [string, Partial<InstanceConfig>, number])[] = [
  ['v2 priority 150', { priority: 150 }, 3_414_062],
  ['v2 priority 150, state MASTER', { priority: 150, wantsMaster: true }, 3_414_062],
  ['v2 priority 100', { priority: 100 }, 3_609_375],
  ['v2 priority 254', { priority: 254 }, 3_007_812],
  ['v2 priority 1', { priority: 1 }, 3_996_093],
  ['v2 priority 255, state BACKUP', { priority: 255 }, 3_003_906],
  ['v2 priority 255, state MASTER', { priority: 255, wantsMaster: true }, 1],
  ['v2 down_timer_adverts 1', { priority: 150, downTimerAdverts: 1 }, 1_414_062],
  ['v3 0.5 s priority 150', { version: 3, priority: 150, advertInterval: milliseconds(500) }, 1_707_031],
  ['v3 10 ms priority 100', { version: 3, priority: 100, advertInterval: milliseconds(10) }, 36_093],
];

for (const [name, overrides, expected] of startTimes) {
  test(`from start to MASTER: ${name} takes ${expected} us`, () => {
    assert.equal(startToMaster(overrides), expected);
  });
}
