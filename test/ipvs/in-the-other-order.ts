/**
 * Runs alone, in a process that is told which byte order its machine has: writes and reads IPVS messages and netlink
 * attributes, and prints what it has written.
 */

import assert from 'node:assert/strict';
import fc from 'fast-check';

const [order, seed = '1'] = process.argv.slice(2);
// How src/base/host-order.ts finds out.
if (order === 'big') Uint16Array.of = () => new Uint16Array(Uint8Array.of(0, 1).buffer);

const { littleEndian } = await import('../../src/base/host-order.js');
assert.equal(littleEndian, order !== 'big');
const { toHex } = await import('../../src/base/bytes.js');
const { decodeFields, encodeAttributes, encodeFields, field, nested, u16, u32, u32be } = await import('../../src/base/attributes.js');
const { decodeService, encodeOp } = await import('../../src/ipvs/messages.js');
const { serviceTraffic } = await import('../../src/ipvs/counts.js');
const { service: serviceOf, services } = await import('./samples.js');

const numbers = fc.record({ short: fc.integer({ min: 0, max: 0xffff }), long: fc.integer({ min: 0, max: 0xffff_ffff }) });
const TABLE = { short: field(1, u16), long: field(2, u32), network: field(3, u32be) };
const sample = { numRuns: 200, seed: Number(seed) };

const attributes = fc.sample(numbers, sample).map(({ short, long }) => {
  const bytes = encodeAttributes(encodeFields(TABLE, { short, long, network: long }));
  const read = decodeFields(TABLE, bytes);
  assert.deepEqual(read.ok && read.value, { short, long, network: long });
  return { short, long, hex: toHex(bytes) };
});

for (const service of fc.sample(services, sample)) {
  const { bytes } = encodeOp({ type: 'addService', key: '', service });
  const read = decodeService(bytes);
  assert.deepEqual(read.ok && read.value, structuredClone(service));
}

/** IPVS_SVC_ATTR_STATS64: eight bytes each, written here as the order has it. */
const wide = (value: number): Uint8Array => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), littleEndian);
  return bytes;
};
const flow = Array.from({ length: 10 }, (_, i) => ({ type: i + 1, value: wide(2 ** 40 + i) }));
const counted = serviceTraffic(encodeAttributes([nested(1, [nested(12, flow)])]));
const persistent = toHex(encodeOp({ type: 'addService', key: '', service: serviceOf(80, { persistenceTimeout: 300 }) }).bytes);
process.stdout.write(JSON.stringify({ attributes, counted, persistent }));
