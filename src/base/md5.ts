/** MD5 (RFC 1321). Broken as a signature of documents; here only inside HMAC, where the AH of VRRPv2 demands it. */

import { viewOf } from './bytes.js';

export const MD5_BLOCK = 64;

const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21] as const;
/** floor(2^32 x |sin(i + 1)|), RFC 1321 3.4. */
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);
const ROTATIONS = Int32Array.from({ length: 64 }, (_, i) => SHIFTS[(i >> 4) * 4 + (i & 3)] ?? 0);
const WORDS = Int32Array.from({ length: 64 }, (_, i) => [i, 5 * i + 1, 3 * i + 5, 7 * i].map((word) => word & 15)[i >> 4] ?? 0);

/** The digest of a message, 16 bytes. */
export function md5(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array(((message.length + 8) >> 6) * MD5_BLOCK + MD5_BLOCK);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = viewOf(padded);
  view.setUint32(padded.length - 8, message.length << 3, true);
  view.setUint32(padded.length - 4, message.length >>> 29, true);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let at = 0; at < padded.length; at += MD5_BLOCK) compress(state, view, at);
  const digest = new Uint8Array(16);
  for (const [i, word] of state.entries()) viewOf(digest).setInt32(i * 4, word, true);
  return digest;
}

function compress(state: Int32Array, block: DataView, at: number): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let i = 0; i < 64; i += 1) {
    const word = block.getInt32(at + (WORDS[i] ?? 0) * 4, true);
    const sum = (a + mix(i >> 4, b, c, d) + (SINES[i] ?? 0) + word) | 0;
    const rotation = ROTATIONS[i] ?? 0;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << rotation) | (sum >>> (32 - rotation)))) | 0;
  }
  for (const [i, word] of [a, b, c, d].entries()) state[i] = (state[i] ?? 0) + word;
}

function mix(round: number, b: number, c: number, d: number): number {
  if (round === 0) return (b & c) | (~b & d);
  if (round === 1) return (d & b) | (~d & c);
  if (round === 2) return b ^ c ^ d;
  return c ^ (b | ~d);
}
