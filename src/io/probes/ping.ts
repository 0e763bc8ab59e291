/** PING_CHECK: one echo request; its echo reply is health. */

import { familyOf } from '../../base/address.js';
import type { ConnectionOptions } from '../../health/config-check.js';
import type { DatagramQuestion } from './datagram.js';

/** RFC 792, RFC 4443 4. */
const ECHO = { ipv4: { request: 8, reply: 0 }, ipv6: { request: 128, reply: 129 } } as const;
const HEADER = 8;
/** Of a request: as long as what ping(8) sends. */
const LENGTH = 64;

/** `sequence`: any whole number, of which 16 bits count. Identifier and checksum are the kernel's. */
export function pingQuestion(connection: ConnectionOptions, sequence: number): DatagramQuestion {
  const { request, reply } = ECHO[familyOf(connection.address)];
  const payload = new Uint8Array(LENGTH);
  const number = sequence & 0xffff;
  payload[0] = request;
  new DataView(payload.buffer).setUint16(6, number);
  return {
    connection,
    protocol: 'icmp',
    payload,
    longest: LENGTH,
    judge: (answer) => {
      const [type, , , , , , high = 0, low = 0] = answer;
      return answer.length >= HEADER && type === reply && high * 256 + low === number ? 'passed' : undefined;
    },
    silence: { type: 'readTimeout' },
  };
}
