/** VRRPv2 simple password (RFC 2338 5.3.6): eight bytes in clear. It guards against mistakes, not against attackers. */

import { equalInConstantTime } from '../../base/hmac.js';
import type { Authentication } from '../config/authentication.js';

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

/** The eight bytes at the end of a v2 advert: the password, or zeros without one. */
export function authenticationData(authentication: Authentication): Uint8Array {
  return authentication.type === 'pass' ? passwordBytes(authentication.password) : new Uint8Array(DATA_LENGTH);
}

/** The password as eight bytes: UTF-8, cut or padded with zeros. */
export function passwordBytes(password: string): Uint8Array {
  const data = new Uint8Array(DATA_LENGTH);
  data.set(utf8(password).slice(0, DATA_LENGTH));
  return data;
}

/** True when both have eight equal bytes. Takes the same time wherever they differ. */
export function sameAuthenticationData(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === DATA_LENGTH && equalInConstantTime(a, b);
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
