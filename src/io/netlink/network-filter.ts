/**
 * The kernel's filter before the socket that follows routes and rules: on a router with a full table thousands of routes
 * change in a second, and none of them may wake the process. Instructions only; network-monitor.ts attaches them.
 */

import { CODE, encodeProgram, hostHalf, WHOLE_PACKET, type Instruction } from '../sockets/filter-program.js';
import { RTM } from './rtnetlink.js';

/** nlmsg_type of struct nlmsghdr. */
const TYPE_OFFSET = 4;
/** rtm_protocol of struct rtmsg, behind struct nlmsghdr. */
const PROTOCOL_OFFSET = 16 + 5;
/** A jump skips no more instructions. */
const MOST_PROTOCOLS = 255;

/** Passes everything but events of routes whose protocol (RTPROT_*) is none of these. */
export function networkFilter(protocols: readonly number[]): Uint8Array {
  const wanted = [...new Set(protocols)];
  const whole: Instruction = { code: CODE.return, value: WHOLE_PACKET };
  if (wanted.length > MOST_PROTOCOLS) return encodeProgram([whole]);
  return encodeProgram([
    { code: CODE.loadHalf, value: TYPE_OFFSET },
    { code: CODE.jumpIfEqual, value: hostHalf(RTM.newRoute), jumpTrue: 2 },
    { code: CODE.jumpIfEqual, value: hostHalf(RTM.deleteRoute), jumpTrue: 1 },
    whole,
    { code: CODE.loadByte, value: PROTOCOL_OFFSET },
    ...wanted.map((value, i): Instruction => ({ code: CODE.jumpIfEqual, value, jumpTrue: wanted.length - i })),
    { code: CODE.return, value: 0 },
    whole,
  ]);
}
