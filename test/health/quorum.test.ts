import assert from 'node:assert/strict';
import test from 'node:test';
import { judgeQuorum } from '../../src/health/quorum.js';

const ROWS: readonly (readonly [boolean, number, number, number, string])[] = [
  // up, quorum, hysteresis, weight → change
  [false, 1, 0, 0, 'unchanged'],
  [false, 1, 0, 1, 'gained'],
  [true, 1, 0, 1, 'unchanged'],
  [true, 1, 0, 0, 'lost'],
  [false, 10, 2, 11, 'unchanged'],
  [false, 10, 2, 12, 'gained'],
  [true, 10, 2, 8, 'unchanged'],
  [true, 10, 2, 7, 'lost'],
  [true, 2, 2, 0, 'lost'],
  [true, 1, 5, 0, 'lost'],
  [false, 0, 0, 0, 'unchanged'],
  [false, 0, 0, 1, 'gained'],
  [true, 0, 0, 0, 'lost'],
];

for (const [up, quorum, hysteresis, weight, change] of ROWS) {
  test(`quorum ${quorum} hysteresis ${hysteresis}, ${up ? 'up' : 'down'} with weight ${weight}: ${change}`, () => {
    assert.equal(judgeQuorum(up, { quorum, hysteresis, weight }), change);
  });
}
