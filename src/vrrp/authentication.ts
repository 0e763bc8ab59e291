/** VRRPv2 simple password (RFC 2338 5.3.6): eight bytes in clear. It guards against mistakes, not against attackers. */

import type { Authentication } from './config-authentication.js';

/** Wire values of the authentication type field. */
const AUTHENTICATION_NONE = 0;
export const AUTHENTICATION_PASSWORD = 1;
export const AUTHENTICATION_HEADER = 2;

const DATA_LENGTH = 8;

const TYPES: Readonly<Record<Authentication['type'], number>> = {
  none: AUTHENTICATION_NONE,
  pass: AUTHENTICATION_PASSWORD,
  ah: AUTHENTICATION_HEADER,
};

export function authenticationType(authentication: Authentication): number {
  return TYPES[authentication.type];
}

/** The eight bytes at the end of a v2 advert: the password in UTF-8, cut or padded with zeros; all zero without one. */
export function authenticationData(authentication: Authentication): Uint8Array {
  const data = new Uint8Array(DATA_LENGTH);
  if (authentication.type === 'pass') data.set(utf8(authentication.password).slice(0, DATA_LENGTH));
  return data;
}

/** True when both have eight equal bytes. Takes the same time wherever they differ. */
export function sameAuthenticationData(a: Uint8Array, b: Uint8Array): boolean {
  let difference = (a.length ^ DATA_LENGTH) | (b.length ^ DATA_LENGTH);
  for (let i = 0; i < DATA_LENGTH; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Pure rooms have no TextEncoder. */
function utf8(text: string): number[] {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), trailing(code, 0));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), trailing(code, 6), trailing(code, 0));
    else bytes.push(0xf0 | (code >> 18), trailing(code, 12), trailing(code, 6), trailing(code, 0));
  }
  return bytes;
}

function trailing(code: number, shift: number): number {
  return 0x80 | ((code >> shift) & 0x3f);
}
