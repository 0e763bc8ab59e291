import assert from 'node:assert/strict';
import test from 'node:test';
import type { TrackedVirtualServer } from '../../src/vrrp/config/track.js';
import { priorityWithDeadPool } from '../../src/vrrp/tracking/track.js';
import { NO_TRACKERS } from '../../src/vrrp/tracking/tracker-state.js';
import { readTrackers } from '../../src/vrrp/tracking/trackers.js';

/** What the trackers make of a base priority, as an instance does. */
function priority(base: number, virtualServers: readonly TrackedVirtualServer[], up: Readonly<Record<string, boolean>>): number {
  const { moves, deadPools, faults } = readTrackers({ virtualServers }, { ...NO_TRACKERS, virtualServers: new Map(Object.entries(up)) });
  assert.deepEqual(faults, [], 'never FAULT');
  const weighted = moves.reduce((sum, { change }) => sum + change, base);
  return deadPools.reduce((left) => priorityWithDeadPool(left), weighted);
}

const WEB = [{ name: 'web' }];
const BOTH = [{ name: 'web' }, { name: 'mail' }];

test('a director with a dead pool is below any ordinary peer whose pool lives, whatever both are configured with', () => {
  for (const base of [50, 100, 101, 150, 254]) {
    for (const peer of [30, 50, 100, 150]) {
      assert.ok(priority(base, WEB, { web: false }) < priority(peer, WEB, { web: true }), `${base} against ${peer}`);
    }
  }
});

test('of two directors whose pools are dead the better one is not below the other; one dead pool is above two', () => {
  for (const [better, worse] of [[150, 100], [101, 100], [255 - 1, 1]] as const) {
    assert.ok(priority(better, WEB, { web: false }) >= priority(worse, WEB, { web: false }));
  }
  assert.ok(priority(150, WEB, { web: false }) > priority(100, WEB, { web: false }));
  assert.ok(priority(100, BOTH, { web: false }) > priority(150, BOTH, { web: false, mail: false }));
});

test('what nobody has told anything of counts as alive', () => {
  assert.equal(priority(100, BOTH, {}), 100);
});

test('with a weight it moves the priority as other trackers do: up while it lives, or down while it is dead', () => {
  assert.equal(priority(100, [{ name: 'web', weight: -30 }], { web: false }), 70);
  assert.equal(priority(100, [{ name: 'web', weight: -30 }], { web: true }), 100);
  assert.equal(priority(100, [{ name: 'web', weight: 20 }], { web: true }), 120);
  assert.equal(priority(100, [{ name: 'web', weight: 20 }], { web: false }), 100);
});

test('an address owner cannot be lowered', () => {
  assert.equal(priorityWithDeadPool(255), 255);
});
