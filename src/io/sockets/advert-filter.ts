/**
 * The kernel's filter before a VRRP socket: adverts of other virtual routers never wake the process. Instructions only; socket-options.ts attaches them.
 */

import type { Family } from '../../base/address.js';
import { CODE, encodeProgram, WHOLE_PACKET, type Instruction } from './filter-program.js';

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
          { code: CODE.loadHeaderLength, value: 0 },
          { code: CODE.loadByteAfterX, value: ahead + VIRTUAL_ROUTER_ID_OFFSET },
        ]
      : [{ code: CODE.loadByte, value: ahead + VIRTUAL_ROUTER_ID_OFFSET }];
  // From each comparison over the remaining ones and the refusal to the last instruction: 255 at most, which fits.
  const comparisons = ids.map((id, i) => ({ code: CODE.jumpIfEqual, value: id, jumpTrue: ids.length - i }));
  return encodeProgram([...load, ...comparisons, { code: CODE.return, value: 0 }, { code: CODE.return, value: WHOLE_PACKET }]);
}

/** Passes everything: replaces a narrower filter. */
export function openFilter(): Uint8Array {
  return encodeProgram([{ code: CODE.return, value: WHOLE_PACKET }]);
}
