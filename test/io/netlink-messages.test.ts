import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseMessages } from 'netlink/dist/structs.js';
import { cstring, encodeAttributes, u32 } from '../../src/base/attributes.js';
import { hostInt32 } from '../../src/io/host-bytes.js';
import { FLAG, TYPE, frameMessages, readAnswer } from '../../src/io/netlink/netlink-messages.js';
import { decodeAddress, decodeLink } from '../../src/io/netlink/rtnetlink.js';

function answer(type: number, flags: number, ...parts: readonly Uint8Array[]): Parameters<typeof readAnswer>[0] {
  return { type, flags, seq: 1, port: 0, data: Buffer.concat(parts) };
}

/** The header of the refused request: length, type, flags, sequence, port. */
const request = (length: number): Uint8Array => hostInt32(length, 16, 1, 0);
const words = encodeAttributes([
  { type: 1, value: cstring.encode('no such thing') },
  { type: 2, value: u32.encode(16) },
]);

test('requests become one datagram, numbered in order, aligned, acknowledged by the last only', () => {
  const requests = [1, 2, 3].map((length) => ({ type: 20, flags: FLAG.create, payload: new Uint8Array(length), operation: '' }));
  const messages = parseMessages(Buffer.from(frameMessages(requests, 7, 'last')));
  assert.deepEqual(
    messages.map(({ seq, flags, data }) => [seq, flags, data.length]),
    [
      [7, FLAG.create | FLAG.request, 1],
      [8, FLAG.create | FLAG.request, 2],
      [9, FLAG.create | FLAG.request | FLAG.acknowledge, 3],
    ],
  );
  const [dump] = parseMessages(Buffer.from(frameMessages(requests.slice(0, 1), 7, 'none')));
  assert.equal(dump?.flags, FLAG.create | FLAG.request);
});

test('an acknowledgement is errno 0, a refusal a positive errno with the words of the kernel', () => {
  assert.deepEqual(readAnswer(answer(TYPE.error, FLAG.capped, hostInt32(0), request(28))), [0]);
  assert.deepEqual(readAnswer(answer(TYPE.error, FLAG.capped, hostInt32(-17), request(28))), [17]);
  const capped = FLAG.capped | FLAG.acknowledgeAttributes;
  assert.deepEqual(readAnswer(answer(TYPE.error, capped, hostInt32(-22), request(28), words)), [22, 'no such thing']);
});

test('words are found behind an uncapped request, and in the end of a dump', () => {
  const whole = [hostInt32(-22), request(28), new Uint8Array(12), words];
  assert.deepEqual(readAnswer(answer(TYPE.error, FLAG.acknowledgeAttributes, ...whole)), [22, 'no such thing']);
  assert.deepEqual(readAnswer(answer(TYPE.done, 0, hostInt32(0))), [0]);
  assert.deepEqual(readAnswer(answer(TYPE.done, 0)), [0]);
  assert.deepEqual(readAnswer(answer(TYPE.done, FLAG.acknowledgeAttributes, hostInt32(-22), words)), [22, 'no such thing']);
});

test('an answer too short to hold an errno is unreadable', () => {
  assert.deepEqual(readAnswer(answer(TYPE.error, 0, hostInt32(0))), [74]);
});

test('whatever bytes arrive, reading them never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(0xffff), fc.constantFrom(TYPE.error, TYPE.done), (data, flags, type) => {
      readAnswer(answer(type, flags, data));
      decodeLink(data);
      decodeAddress(data);
    }),
    { numRuns: 2000 },
  );
});
