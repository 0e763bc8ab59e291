import assert from 'node:assert/strict';
import test from 'node:test';
import { endpointsOf } from '../../src/runtime/advert-endpoints.js';
import type { AdvertBufferPolicy } from '../../src/vrrp/config.js';
import { director, instance, virtual } from '../support/vrrp-configuration.js';

const ONE = instance({ name: 'V1', virtualRouterId: 51, version: 2, virtualAddresses: [virtual('192.0.2.100/24')] });
const TWO = instance({ name: 'V2', virtualRouterId: 52, version: 2, virtualAddresses: [virtual('192.0.2.101/24'), virtual('192.0.2.102/24')] });

function buffer(advertBuffers: AdvertBufferPolicy | undefined, ...instances: Parameters<typeof director>[0]): unknown {
  const endpoints = endpointsOf(director(instances, advertBuffers === undefined ? {} : { advertBuffers }));
  assert.equal(endpoints.length, 1);
  return endpoints[0]?.receiveBuffer;
}

test('instances on one socket add up: bytes, frames, or adverts of their own size', () => {
  assert.equal(buffer(undefined, ONE, TWO), undefined);
  assert.deepEqual(buffer({ bytes: 500 }, ONE, TWO), { bytes: 1_000, frames: 0 });
  assert.deepEqual(buffer({ policy: 'MTU', multiplier: 3 }, ONE, TWO), { bytes: 0, frames: 6 });
  // 20 bytes of IP header, 8 before and 8 behind the addresses.
  assert.deepEqual(buffer({ policy: 'ADVERT', multiplier: 3 }, ONE, TWO), { bytes: 3 * (40 + 44), frames: 0 });
});

test('what an instance says of itself goes before the policy of all', () => {
  const own = { ...ONE, receiveBuffer: 7_000 };
  assert.deepEqual(buffer({ policy: 'MTU', multiplier: 2 }, own, TWO), { bytes: 7_000, frames: 2 });
  assert.deepEqual(buffer(undefined, own, TWO), { bytes: 7_000, frames: 0 });
  assert.equal(buffer(undefined, { ...ONE, receiveBuffer: 0 }), undefined);
});
