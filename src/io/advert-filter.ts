/**
 * The kernel's filter before a VRRP socket (classic BPF, linux/filter.h): adverts of other virtual routers never wake the
 * process. Instructions only; socket-options.ts attaches them.
 */

import type { Family } from '../base/address.js';
import { littleEndian } from './host-bytes.js';

interface Instruction {
  readonly code: number;
  readonly value: number;
  /** Instructions to skip when a comparison holds. */
  readonly jumpTrue?: number;
}

/** X = 4 * (P[0] & 0xf): the length of an IPv4 header. */
const LOAD_HEADER_LENGTH = 0xb1;
const LOAD_BYTE_AFTER_X = 0x50;
const LOAD_BYTE = 0x30;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
const WHOLE_PACKET = 0x40000;
const VIRTUAL_ROUTER_ID_OFFSET = 1;

/**
 * Passes messages whose virtual router id is one of these, and nothing when there are none. An IPv4 raw socket sees the IP
 * header first, an IPv6 one the VRRP message; `ahead`: bytes of another header before the message. Too short a packet is
 * dropped.
 */
export function virtualRouterFilter(family: Family, virtualRouterIds: readonly number[], ahead = 0): Uint8Array {
  const ids = [...new Set(virtualRouterIds)];
  const load: Instruction[] =
    family === 'ipv4'
      ? [
          { code: LOAD_HEADER_LENGTH, value: 0 },
          { code: LOAD_BYTE_AFTER_X, value: ahead + VIRTUAL_ROUTER_ID_OFFSET },
        ]
      : [{ code: LOAD_BYTE, value: ahead + VIRTUAL_ROUTER_ID_OFFSET }];
  // From each comparison over the remaining ones and the refusal to the last instruction: 255 at most, which fits.
  const comparisons = ids.map((id, i) => ({ code: JUMP_IF_EQUAL, value: id, jumpTrue: ids.length - i }));
  return encode([...load, ...comparisons, { code: RETURN, value: 0 }, { code: RETURN, value: WHOLE_PACKET }]);
}

/** Passes everything: replaces a narrower filter. */
export function openFilter(): Uint8Array {
  return encode([{ code: RETURN, value: WHOLE_PACKET }]);
}

function encode(instructions: readonly Instruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(instructions.length * 8));
  for (const [i, { code, value, jumpTrue }] of instructions.entries()) {
    view.setUint16(i * 8, code, littleEndian);
    view.setUint8(i * 8 + 2, jumpTrue ?? 0);
    view.setUint32(i * 8 + 4, value, littleEndian);
  }
  return new Uint8Array(view.buffer);
}
