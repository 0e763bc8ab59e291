/** UDP_CHECK: sends its bytes; silence is health unless an answer is required. */

import type { UdpCheck, UdpReply } from '../../health/config-check.js';
import type { ProbeFailure } from '../../health/events.js';
import type { DatagramQuestion } from './datagram.js';

const OTHER_REPLY: ProbeFailure = { type: 'otherReply' };

export function udpQuestion({ connection, payload, reply }: Omit<UdpCheck, 'type'>): DatagramQuestion {
  return {
    connection,
    protocol: 'udp',
    payload: Buffer.from(payload, 'hex'),
    longest: reply?.maxLength ?? 8,
    judge: (answer, truncated) => (reply === undefined || (!truncated && isWanted(answer, reply)) ? 'passed' : OTHER_REPLY),
    silence: reply === undefined ? 'passed' : { type: 'readTimeout' },
  };
}

function isWanted(answer: Uint8Array, { minLength, maxLength, pattern = '' }: UdpReply): boolean {
  if (answer.length < minLength || answer.length > maxLength || answer.length * 2 < pattern.length) return false;
  const digits = Buffer.from(answer.subarray(0, pattern.length / 2)).toString('hex');
  return Array.from(pattern).every((digit, index) => digit === 'x' || digit === digits[index]);
}
