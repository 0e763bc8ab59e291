import assert from 'node:assert/strict';
import test from 'node:test';
import { readTrackedNumber } from '../../src/base/tracked-number.js';

test('a tracked number is read as C reads it, and is 0 where there is none', () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ['', 0],
    ['\n', 0],
    ['up', 0],
    ['-', 0],
    ['0', 0],
    ['-0', 0],
    [' \t12\n', 12],
    ['+12abc', 12],
    ['-12 13', -12],
    ['0x1fz', 31],
    ['0x', 0],
    ['010', 8],
    ['09', 0],
    ['2147483647', 2_147_483_647],
    ['2147483648', undefined],
    ['-2147483648', -2_147_483_648],
    ['-2147483649', undefined],
    ['99999999999999999999', undefined],
  ];
  for (const [text, expected] of cases) assert.ok(Object.is(readTrackedNumber(text), expected), JSON.stringify(text));
});
