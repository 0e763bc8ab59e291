/** DNS_CHECK: one query over UDP; any answer of ours without error is health. */

import { randomInt } from 'node:crypto';

import type { DnsCheck } from '../../health/config-check.js';
import { dnsResponseCode, encodeDnsQuery } from './dns-message.js';
import type { DatagramQuestion } from './datagram.js';

/** Answers without EDNS are no longer than this (RFC 1035 4.2.1). */
const LONGEST_ANSWER = 512;

export function dnsQuestion({ connection, name, queryType }: Omit<DnsCheck, 'type'>): DatagramQuestion {
  const id = randomInt(0x10000);
  return {
    connection,
    protocol: 'udp',
    payload: encodeDnsQuery(id, name, queryType),
    longest: LONGEST_ANSWER,
    judge: (answer) => {
      const responseCode = dnsResponseCode(answer, id);
      return responseCode === undefined ? undefined : responseCode === 0 ? 'passed' : { type: 'dnsError', responseCode };
    },
    silence: { type: 'readTimeout' },
  };
}
