/** Netlink message headers (linux/netlink.h): framing requests, and reading what ends an answer. No socket, no state. */

import { type NetlinkMessage, padding, parseError, readS32 } from 'netlink/dist/structs.js';
import { cstring, decodeAttributes } from '../../base/attributes.js';
import { littleEndian } from '../../base/host-order.js';

export const TYPE = { error: 2, done: 3 } as const;

export const FLAG = {
  request: 0x1,
  acknowledge: 0x4,
  dumpInterrupted: 0x10,
  dump: 0x300,
  exclusive: 0x200,
  create: 0x400,
  capped: 0x100,
  acknowledgeAttributes: 0x200,
} as const;

/** One message without its header, and what to call it in an error. */
export interface NetlinkRequest {
  readonly type: number;
  /** Beside NLM_F_REQUEST and NLM_F_ACK, which are set as needed. */
  readonly flags: number;
  readonly payload: Uint8Array;
  readonly operation: string;
}

const HEADER = 16;
const NLMSGERR_ATTR_MSG = 1;

/** The requests as one datagram, numbered from `firstSequence`; `last` asks for an acknowledgement of the last. */
export function frameMessages(
  requests: readonly NetlinkRequest[],
  firstSequence: number,
  acknowledge: 'none' | 'last',
): Uint8Array {
  const size = requests.reduce((sum, { payload }) => sum + HEADER + payload.length + padding(payload.length), 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [i, { type, flags, payload }] of requests.entries()) {
    const wanted = acknowledge === 'last' && i === requests.length - 1 ? FLAG.acknowledge : 0;
    view.setUint32(at, HEADER + payload.length, littleEndian);
    view.setUint16(at + 4, type, littleEndian);
    view.setUint16(at + 6, flags | FLAG.request | wanted, littleEndian);
    view.setUint32(at + 8, firstSequence + i, littleEndian);
    bytes.set(payload, at + HEADER);
    at += HEADER + payload.length + padding(payload.length);
  }
  return bytes;
}

/** The errno (0 = success, else positive) and the kernel's words in an NLMSG_ERROR or NLMSG_DONE. */
export function readAnswer(message: NetlinkMessage): [errno: number, detail?: string] {
  const { data, flags, type } = message;
  if (type === TYPE.done) {
    const errno = data.length >= 4 ? -readS32.call(data, 0) : 0;
    return errno === 0 ? [0] : withWords(errno, data.subarray(4), flags);
  }
  if (data.length < 4 + HEADER) return [EBADMSG];
  const { errno, header } = parseError(data, flags);
  if (errno === 0) return [0];
  // An uncapped answer repeats the whole request before the attributes.
  const repeated = (flags & FLAG.capped) !== 0 ? HEADER : Math.max(HEADER, header.length);
  return withWords(-errno, data.subarray(4 + repeated + padding(repeated)), flags);
}

const EBADMSG = 74;

function withWords(errno: number, attributes: Uint8Array, flags: number): [errno: number, detail?: string] {
  if ((flags & FLAG.acknowledgeAttributes) === 0) return [errno];
  const table = decodeAttributes(attributes);
  const words = table.ok ? table.value.get(NLMSGERR_ATTR_MSG) : undefined;
  const detail = words === undefined ? undefined : cstring.decode(words);
  return detail === undefined ? [errno] : [errno, detail];
}
