import assert from 'node:assert/strict';
import test from 'node:test';
import { viewOf } from '../../src/base/bytes.js';
import { openFilter, virtualRouterFilter } from '../../src/io/sockets/advert-filter.js';
import { littleEndian } from '../../src/base/host-order.js';

/** Runs the few instructions in use, as linux/filter.h defines them: the number of bytes that pass. */
function run(program: Uint8Array, packet: Uint8Array): number {
  const view = viewOf(program);
  let accumulator = 0;
  let index = 0;
  for (let pc = 0; ; pc++) {
    const value = view.getUint32(pc * 8 + 4, littleEndian);
    const at = (offset: number): number | undefined => packet[offset];
    switch (view.getUint16(pc * 8, littleEndian)) {
      case 0xb1:
        if (at(value) === undefined) return 0;
        index = ((at(value) ?? 0) & 0xf) * 4;
        break;
      case 0x50:
      case 0x30: {
        const byte = at(value + (view.getUint16(pc * 8, littleEndian) === 0x50 ? index : 0));
        if (byte === undefined) return 0;
        accumulator = byte;
        break;
      }
      case 0x15:
        pc += view.getUint8(pc * 8 + (accumulator === value ? 2 : 3));
        break;
      case 0x06:
        return value;
      default:
        throw new Error('unknown instruction');
    }
  }
}

function ipv4Packet(headerWords: number, virtualRouterId: number): Uint8Array {
  const packet = new Uint8Array(headerWords * 4 + 8);
  packet[0] = 0x40 | headerWords;
  packet[headerWords * 4 + 1] = virtualRouterId;
  return packet;
}

test('exactly the routers asked for pass, whatever the length of the IPv4 header', () => {
  const everyId = Array.from({ length: 255 }, (_, i) => i + 1);
  for (const ids of [[], [1], [255], [7, 51, 200], everyId]) {
    const program = virtualRouterFilter('ipv4', ids);
    for (const words of [5, 6, 15]) {
      const passed = everyId.filter((id) => run(program, ipv4Packet(words, id)) > 0);
      assert.deepEqual(passed, ids);
    }
    const passed6 = everyId.filter((id) => run(virtualRouterFilter('ipv6', ids), Uint8Array.of(0x31, id, 0)) > 0);
    assert.deepEqual(passed6, ids);
  }
});

test('a packet that ends before the router id is dropped, and the open filter passes everything', () => {
  assert.equal(run(virtualRouterFilter('ipv4', [51]), ipv4Packet(5, 51).subarray(0, 21)), 0);
  assert.equal(run(virtualRouterFilter('ipv6', [51]), Uint8Array.of(0x31)), 0);
  assert.ok(run(openFilter(), new Uint8Array(0)) > 0xffff);
});
