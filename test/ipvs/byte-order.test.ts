/** Netlink and IPVS are written and read in the order of the machine, whichever that is. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { toHex } from '../../src/base/bytes.js';

interface Written {
  readonly attributes: readonly { readonly short: number; readonly long: number; readonly hex: string }[];
  readonly counted: unknown;
  readonly persistent: string;
}

const script = join(dirname(fileURLToPath(import.meta.url)), 'in-the-other-order.js');

function written(order: 'little' | 'big'): Written {
  const seed = String(Date.now() % 1_000_000);
  return JSON.parse(execFileSync(process.execPath, [script, order, seed], { encoding: 'utf8' })) as Written;
}

/** Type 1 with two bytes, 2 with four, 3 with four of the network. */
function expected(short: number, long: number, isLittle: boolean): string {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  for (const [at, length, type] of [[0, 6, 1], [8, 8, 2], [16, 8, 3]] as const) {
    view.setUint16(at, length, isLittle);
    view.setUint16(at + 2, type, isLittle);
  }
  view.setUint16(4, short, isLittle);
  view.setUint32(12, long, isLittle);
  view.setUint32(20, long);
  return toHex(bytes);
}

for (const order of ['little', 'big'] as const) {
  test(`on a machine whose order is ${order} endian, attributes, services and counters are the kernel's`, () => {
    const { attributes, counted, persistent } = written(order);
    assert.ok(attributes.length >= 200);
    for (const { short, long, hex } of attributes) assert.equal(hex, expected(short, long, order === 'little'));
    const amount = (i: number): number => 2 ** 40 + i;
    assert.deepEqual(counted, {
      connections: amount(0), packetsIn: amount(1), packetsOut: amount(2), bytesIn: amount(3), bytesOut: amount(4),
      perSecond: { connections: amount(5), packetsIn: amount(6), packetsOut: amount(7), bytesIn: amount(8), bytesOut: amount(9) },
    });
    // IPVS_SVC_ATTR_FLAGS: persistent, all flags count. IPVS_SVC_ATTR_TIMEOUT: 300.
    const [flags, timeout] = order === 'little' ? ['0c00070001000000ffffffff', '080008002c010000'] : ['000c000700000001ffffffff', '000800080000012c'];
    assert.ok(persistent.includes(flags) && persistent.includes(timeout), persistent);
  });
}
