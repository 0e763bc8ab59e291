/** HMAC (RFC 2104) over MD5 and SHA-256, and the comparison that goes with it. */

import { MD5_BLOCK, md5 } from './md5.js';
import { SHA256_BLOCK, sha256 } from './sha256.js';

/** 16 bytes. */
export function hmacMd5(key: Uint8Array, message: Uint8Array): Uint8Array {
  return hmac(md5, MD5_BLOCK, key, message);
}

/** 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return hmac(sha256, SHA256_BLOCK, key, message);
}

/** Takes the same time wherever the bytes differ. Different lengths are never equal. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

function hmac(hash: (message: Uint8Array) => Uint8Array, block: number, key: Uint8Array, message: Uint8Array): Uint8Array {
  const short = key.length > block ? hash(key) : key;
  return hash(padded(short, block, 0x5c, hash(padded(short, block, 0x36, message))));
}

function padded(key: Uint8Array, block: number, pad: number, message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(block + message.length).fill(pad, 0, block);
  for (let i = 0; i < key.length; i += 1) bytes[i] = pad ^ (key[i] ?? 0);
  bytes.set(message, block);
  return bytes;
}
