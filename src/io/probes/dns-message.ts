/** The query of DNS_CHECK and what its answer says (RFC 1035 4.1). Bytes in, bytes out; answers are not looked into. */

import type { DnsQueryType } from '../../health/config-check.js';

/** RFC 1035 3.2.2, RFC 3596 2.1, RFC 4034 2 and 3. */
const TYPES: Readonly<Record<DnsQueryType, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  RRSIG: 46,
  DNSKEY: 48,
};
const CLASS_INTERNET = 1;
const HEADER = 12;
const RECURSION_DESIRED = 0x01;
const RESPONSE = 0x80;

/** One question with recursion desired. `id` 0-65535; `name` without its final dot, empty for the root. */
export function encodeDnsQuery(id: number, name: string, type: DnsQueryType): Uint8Array {
  const labels = name === '' ? [] : name.split('.').map((label) => new TextEncoder().encode(label));
  const length = labels.reduce((sum, label) => sum + 1 + label.length, 1);
  const bytes = new Uint8Array(HEADER + length + 4);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, id);
  view.setUint8(2, RECURSION_DESIRED);
  view.setUint16(4, 1);
  let at = HEADER;
  for (const label of labels) {
    view.setUint8(at, label.length);
    bytes.set(label, at + 1);
    at += 1 + label.length;
  }
  view.setUint16(at + 1, TYPES[type]);
  view.setUint16(at + 3, CLASS_INTERNET);
  return bytes;
}

/** RCODE of the answer to `id`; undefined when this is no answer to it (too short, another id, a query). */
export function dnsResponseCode(message: Uint8Array, id: number): number | undefined {
  const [high = 0, low = 0, flags = 0, code = 0] = message;
  if (message.length < HEADER || high * 256 + low !== id || (flags & RESPONSE) === 0) return undefined;
  return code & 0x0f;
}
