/** Ethernet addresses as text. */

import { invariant } from './invariant.js';

/** Octets of an Ethernet address. */
export const ETHERNET_ADDRESS = 6;

/** `aa:bb:cc:dd:ee:ff`, lower case. */
export function formatMac(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join(':');
}

/** The octets of `aa:bb:cc:dd:ee:ff`. Other text is a bug: the configuration reader has looked at it. */
export function parseMac(text: string): Uint8Array {
  const octets = text.split(':').map((octet) => Number.parseInt(octet, 16));
  invariant(octets.length === ETHERNET_ADDRESS && octets.every((octet) => octet >= 0 && octet <= 0xff), `${text} is no MAC address`);
  return Uint8Array.from(octets);
}

/** The last 64 bits of an IPv6 address made from a MAC (RFC 4291, appendix A). */
export function interfaceIdentifier(mac: Uint8Array): Uint8Array {
  const [first = 0, second = 0, third = 0, ...rest] = mac;
  return Uint8Array.of(first ^ 2, second, third, 0xff, 0xfe, ...rest);
}
