/**
 * A model that may be shown: every password and key is replaced by a short seal. Equal seals under one key mean equal secrets,
 * up to one chance in 65,536; sixteen bits tell too little to find a secret by trying.
 */

import { hmacSha256 } from '../base/hmac.js';
import type { Model } from './model.js';

/** Fields of a model that hold passwords and keys, or may. */
export const SECRET_FIELDS: ReadonlySet<string> = new Set(['password', 'secret', 'secretUrl']);

/** A Model as JSON makes it, with seals in the place of secrets: plain data that equals another one when the files say the same. */
export type SealedModel = Model;

/** `key`: any bytes, the same for all models that are to be compared. */
export function sealed(model: Model, key: Uint8Array): SealedModel {
  const text = JSON.stringify(model, (name, value: unknown) => (SECRET_FIELDS.has(name) ? seal(value, key) : value));
  return JSON.parse(text) as SealedModel;
}

function seal(secret: unknown, key: Uint8Array): string {
  const numbers = typeof secret === 'string' ? unitsOf(secret) : Object.values(secret as Uint8Array);
  const [high = 0, low = 0] = hmacSha256(key, Uint8Array.from(numbers));
  return `sealed ${(high * 256 + low).toString(16).padStart(4, '0')}`;
}

/** UTF-16, high byte first: pure rooms have no TextEncoder. */
function unitsOf(text: string): readonly number[] {
  return Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)).flatMap((unit) => [unit >> 8, unit & 0xff]);
}
