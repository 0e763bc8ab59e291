import assert from 'node:assert/strict';
import test from 'node:test';
import { milliseconds, seconds } from '../../src/base/time.js';
import { masterDownInterval, skewTime } from '../../src/vrrp/instance/timers.js';

test('the v2 skew is a share of one second, whatever the interval', () => {
  assert.equal(skewTime(2, 100, seconds(1)), 609_375);
  assert.equal(skewTime(2, 100, seconds(10)), 609_375);
  assert.equal(skewTime(2, 150, seconds(1)), 414_062);
  assert.equal(skewTime(2, 255, seconds(1)), 3_906);
});

test('the v3 skew is a share of the interval, in whole centiseconds', () => {
  assert.equal(skewTime(3, 100, seconds(1)), 609_375);
  assert.equal(skewTime(3, 150, milliseconds(500)), 207_031);
  assert.equal(skewTime(3, 255, milliseconds(10)), 39);
  assert.equal(skewTime(3, 1, milliseconds(40_950)), 40_790_039);
});

test('a backup waits for as many adverts as configured, and the skew', () => {
  assert.equal(masterDownInterval(2, 100, seconds(1), 3), 3_609_375);
  assert.equal(masterDownInterval(3, 150, milliseconds(500), 5), 2_707_031);
});
