/**
 * auth_hmac of keepalived 2.4: a signature behind the message, for both versions and families. Signing and verifying of
 * bytes; whose signature is asked for, and which one is too old, is decided in freshness.ts.
 *
 *      0       1       2       3
 *     +-------+-------+-------+-------+
 *     |   1   |  key  |   reserved    |
 *     +-------+-------+-------+-------+
 *     | seconds                       |  the sequence, 64 bits that only grow: the clock, or more
 *     +---------------+---------------+  when two adverts leave within one tick
 *     | 1/65536 s     | counter       |
 *     +---------------+---------------+
 *     | 16 bytes HMAC-SHA-256         |
 *     +-------------------------------+
 *
 * It covers family, version, VRID, source and message, but no destination: all peers get the same copy. The checksum counts
 * as zero; over IPv4 it does not cover the signature, over IPv6 it does.
 */

import { addressBytes, type Family, type IpAddress } from '../../base/address.js';
import { ByteWriter, viewOf } from '../../base/bytes.js';
import { equalInConstantTime, hmacSha256 } from '../../base/hmac.js';
import type { Micros } from '../../base/time.js';

export const SIGNATURE_LENGTH = 28;
const SIGNATURE_TYPE = 1;
const HEAD_LENGTH = 12;
const CODE_LENGTH = 16;
const PSEUDO_HEADER_LENGTH = 20;
const CHECKSUM_OFFSET = 6;
const SECOND = 1_000_000;
const TWO_TO_32 = 2 ** 32;

/** 64 bits as two unsigned numbers of 32. */
export interface Sequence {
  readonly seconds: number;
  /** Fraction of a second in 1/65536, then 16 bits that count. */
  readonly rest: number;
}

/** What a signature belongs to. */
export interface Signed {
  readonly family: Family;
  readonly source: IpAddress;
  /** The VRRP message; its checksum does not matter. */
  readonly message: Uint8Array;
}

export interface Signature {
  readonly key: number;
  readonly sequence: Sequence;
}

/** The sequence that a clock stands for: microseconds since 1970, or since any other beginning. */
export function sequenceAt(clock: Micros): Sequence {
  const fraction = Math.floor(((clock % SECOND) * 65_536) / SECOND);
  return { seconds: Math.floor(clock / SECOND) % TWO_TO_32, rest: fraction * 65_536 };
}

export function nextSequence({ seconds, rest }: Sequence): Sequence {
  return rest + 1 < TWO_TO_32 ? { seconds, rest: rest + 1 } : { seconds: (seconds + 1) % TWO_TO_32, rest: 0 };
}

/** Serial arithmetic (RFC 1982): true when `a` comes after `b`, even beyond the end of the 64 bits. */
export function isNewer(a: Sequence, b: Sequence): boolean {
  const ahead = (a.seconds - b.seconds) | 0;
  return ahead === 0 ? a.rest > b.rest : ahead > 0;
}

/** The bytes to put behind the message. `key` is 1-255. */
export function sign(secret: Uint8Array, { key, sequence }: Signature, signed: Signed): Uint8Array {
  const signature = new ByteWriter(SIGNATURE_LENGTH).u8(SIGNATURE_TYPE).u8(key).u16(0).u32(sequence.seconds).u32(sequence.rest);
  signature.raw(codeOf(secret, signature.bytes, signed));
  return signature.bytes;
}

/** What 28 bytes behind a message say; undefined when they are no signature. Nothing is verified yet. */
export function readSignature(bytes: Uint8Array): Signature | undefined {
  const view = viewOf(bytes);
  const key = view.getUint8(1);
  if (view.getUint8(0) !== SIGNATURE_TYPE || key === 0 || view.getUint16(2) !== 0) return undefined;
  return { key, sequence: { seconds: view.getUint32(4), rest: view.getUint32(8) } };
}

/** True when who knows the secret has signed exactly this. */
export function isSignedWith(secret: Uint8Array, bytes: Uint8Array, signed: Signed): boolean {
  return equalInConstantTime(bytes.subarray(HEAD_LENGTH), codeOf(secret, bytes, signed));
}

function codeOf(secret: Uint8Array, signature: Uint8Array, { family, source, message }: Signed): Uint8Array {
  const covered = new ByteWriter(PSEUDO_HEADER_LENGTH + message.length + SIGNATURE_LENGTH);
  const address = addressBytes(source);
  covered.u8(family === 'ipv4' ? 4 : 6).u8((message[0] ?? 0) >> 4).u8(message[1] ?? 0).u8(0);
  covered.raw(address).raw(new Uint8Array(16 - address.length)).raw(message).raw(signature.subarray(0, HEAD_LENGTH));
  covered.bytes.fill(0, PSEUDO_HEADER_LENGTH + CHECKSUM_OFFSET, PSEUDO_HEADER_LENGTH + CHECKSUM_OFFSET + 2);
  return hmacSha256(secret, covered.bytes).slice(0, CODE_LENGTH);
}
