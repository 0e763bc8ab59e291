/** VRRP advertisements: RFC 3768 (v2) and RFC 5798/9568 (v3). Placeholder of types; the codec comes with its tests. */

import type { IpAddress } from '../base/address.js';
import type { Micros } from '../base/time.js';

export type Advert =
  | {
      readonly version: 2;
      readonly virtualRouterId: number;
      /** 0 = the master is leaving. */
      readonly priority: number;
      readonly advertInterval: Micros;
      /** Wire value: 0 none, 1 simple password, 2 AH (RFC 2338). */
      readonly authenticationType: number;
      /** 8 bytes as on the wire. */
      readonly authenticationData: Uint8Array;
      readonly addresses: readonly IpAddress[];
    }
  | {
      readonly version: 3;
      readonly virtualRouterId: number;
      readonly priority: number;
      /** Max Advert Int, 12 bits of centiseconds on the wire. */
      readonly advertInterval: Micros;
      readonly addresses: readonly IpAddress[];
    };

/** Every way in which bytes fail to be an advert; doubles as a counter name. */
export type AdvertError = 'tooShort' | 'lengthMismatch' | 'badVersion' | 'badType' | 'badChecksum';
