/** Keys of sets of the packet filter in the words of nft: `tcp . 192.0.2.1 . 80`. */

import { littleEndian } from '../../base/host-order.js';
import { addressFromBytes } from '../../base/address.js';
import { cstring } from '../../base/attributes.js';
import { toHex, viewOf } from '../../base/bytes.js';

/** Bits that each type takes in the number of a joined one (datatype.h of nftables). */
const TYPE_BITS = 6;
const PROTOCOLS: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' };

interface KeyPart {
  readonly length: number;
  readonly text: (bytes: Uint8Array) => string;
}

const PARTS: Readonly<Record<number, KeyPart>> = {
  7: { length: 4, text: addressFromBytes },
  8: { length: 16, text: addressFromBytes },
  12: { length: 1, text: ([protocol = 0]) => PROTOCOLS[protocol] ?? String(protocol) },
  13: { length: 2, text: (bytes) => String(viewOf(bytes).getUint16(0)) },
  20: { length: 4, text: (bytes) => `interface ${viewOf(bytes).getUint32(0, littleEndian)}` },
  29: { length: 1, text: ([type = 0]) => `icmpv6 type ${type}` },
  41: { length: 16, text: (bytes) => cstring.decode(bytes) ?? '' },
};

/** In hexadecimal where the type is none of ours. */
export function setElementText(keyType: number, key: Uint8Array): string {
  const types: number[] = [];
  for (let rest = keyType; rest > 0; rest >>= TYPE_BITS) types.unshift(rest & ((1 << TYPE_BITS) - 1));
  const texts: string[] = [];
  let at = 0;
  for (const type of types) {
    const part = PARTS[type];
    if (part === undefined || at + part.length > key.length) return toHex(key);
    texts.push(part.text(key.subarray(at, at + part.length)));
    at += (part.length + 3) & ~3;
  }
  return texts.length === 0 ? toHex(key) : texts.join(' . ');
}
