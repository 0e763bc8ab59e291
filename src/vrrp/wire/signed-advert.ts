/** An advert with its signature behind it as it goes out, and the ones that are signed in advance for somebody else to send. */

import { present } from '../../base/invariant.js';
import { micros, type Micros } from '../../base/time.js';
import type { HmacConfig } from '../config/authentication.js';
import { writeChecksum, type AdvertPath } from './packet.js';
import { sequenceAt, sign, SIGNATURE_LENGTH, type Sequence, type Signed } from './signature.js';

/** With the key that is in use. */
export function signWith(hmac: HmacConfig, sequence: Sequence, signed: Signed): Uint8Array {
  const { secret } = present(hmac.keys.find(({ id }) => id === hmac.activeKey), 'the active key is one of the keys');
  return sign(secret, { key: hmac.activeKey, sequence }, signed);
}

/** Over IPv6 the kernel sums up whatever follows the header, so the checksum covers the signature. */
export function withSignature(message: Uint8Array, signature: Uint8Array, path: AdvertPath, version: 2 | 3): Uint8Array {
  const payload = new Uint8Array(message.length + SIGNATURE_LENGTH);
  payload.set(message);
  payload.set(signature, message.length);
  if (path.family === 'ipv6') writeChecksum(version, payload, path);
  return payload;
}

/** Of what is signed in advance: the window leaves room for clocks that differ by three fifths of it. */
const LIFETIMES_A_WINDOW = 5;
/** Without a clock nothing is too far ahead, but who starts again must not have to wait long until it counts. */
const LIFETIME_WITHOUT_CLOCK = micros(1_000_000);

/** How long an advert that was signed in advance is newer than all that is signed by the clock meanwhile. */
export function advanceLifetime({ antiReplay, timeWindow }: HmacConfig): Micros {
  return antiReplay === 'time' ? micros(timeWindow / LIFETIMES_A_WINDOW) : LIFETIME_WITHOUT_CLOCK;
}

/**
 * For an advert to be sent within `advanceLifetime`, and still newer than the others for as long after that: between a death
 * and the sending some time may pass. Until the clock has caught up, nothing that is signed by it counts with who has heard.
 */
export function sequenceInAdvance(hmac: HmacConfig, clock: Micros): Sequence {
  return sequenceAt(micros(clock + 2 * advanceLifetime(hmac)));
}
