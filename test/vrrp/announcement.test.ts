import assert from 'node:assert/strict';
import test from 'node:test';
import { addressBytes } from '../../src/base/address.js';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { internetChecksum } from '../../src/base/checksum.js';
import { ALL_NODES, encodeGratuitousArp, encodeUnsolicitedNeighbourAdvert } from '../../src/vrrp/wire/announcement.js';
import { address } from '../support/address.js';

const mac = fromHex('02000000000a');

test('a gratuitous ARP is a broadcast request of the address for itself', () => {
  assert.equal(
    toHex(encodeGratuitousArp(address('192.0.2.100'), mac)),
    `ffffffffffff02000000000a0806${toHex(fromHex('0001 0800 06 04 0001 02000000000a c0000264 ffffffffffff c0000264'))}`,
  );
});

test('an unsolicited neighbour advertisement overrides what the neighbours remember', () => {
  const vip = address('2001:db8::100');
  const message = encodeUnsolicitedNeighbourAdvert(vip, mac);
  assert.equal(toHex(message.subarray(0, 2)), '8800');
  assert.equal(toHex(message.subarray(4)), '2000000020010db8000000000000000000000100020102000000000a');
  const pseudoHeader = fromHex('00000020 0000003a');
  assert.equal(internetChecksum(addressBytes(vip), addressBytes(ALL_NODES), pseudoHeader, message), 0);
});

test('neither is made for the other family', () => {
  assert.throws(() => encodeGratuitousArp(address('2001:db8::1'), mac));
  assert.throws(() => encodeUnsolicitedNeighbourAdvert(address('192.0.2.1'), mac));
});
