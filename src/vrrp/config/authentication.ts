/** How adverts are authenticated: the two ways of version 2, and the HMAC trailer for both versions. */

import type { Micros } from '../../base/time.js';

export type Authentication =
  | { readonly type: 'none' }
  /** VRRPv2 simple password, at most 8 bytes. */
  | { readonly type: 'pass'; readonly password: string }
  /** VRRPv2 over IPv4: IPsec authentication header (RFC 2402), HMAC-MD5-96 keyed with the password, at most 8 bytes. */
  | { readonly type: 'ah'; readonly password: string };

/** One key of auth_hmac. */
export interface HmacKey {
  /** 1-255, as it stands in the trailer. */
  readonly id: number;
  /** 32 to 64 bytes. */
  readonly secret: Uint8Array;
}

/** auth_hmac: HMAC-SHA-256 (cut to 16 bytes) and a sequence behind every advert. */
export interface HmacConfig {
  /** All that adverts of others are verified with, each id once. */
  readonly keys: readonly HmacKey[];
  /** The id of the key own adverts are signed with; one of `keys`. */
  readonly activeKey: number;
  /**
   * `enforce`: only signed adverts count. `permissive`: sign, accept unsigned. `receiveOnly`: do not sign, accept
   * unsigned. A trailer that does not verify is refused in all of them.
   */
  readonly mode: 'enforce' | 'permissive' | 'receiveOnly';
  /** `time`: the sequence is the wall clock and must be near ours. `monotonic`: it must only grow. */
  readonly antiReplay: 'time' | 'monotonic';
  /** Difference of clocks that is tolerated; default max(3 x advertInterval, 5 s), at most 300 s. */
  readonly timeWindow: Micros;
}
