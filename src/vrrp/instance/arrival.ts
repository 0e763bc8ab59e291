/** How adverts come in: a packet as a socket received it, and what is known of an advert beside what it says. */

import type { Family, IpAddress } from '../../base/address.js';
import type { Micros } from '../../base/time.js';
import type { ReceivedHeader } from '../wire/authentication-header.js';
import type { ChecksumForm } from '../wire/packet.js';

/** A packet as a socket received it. */
export interface Packet {
  /** Of the socket; empty for one that is bound to an address only. */
  readonly interface: string;
  readonly family: Family;
  /** What the IP header says is inside. */
  readonly protocol: AdvertProtocol;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** -1 when unknown. */
  readonly hopLimit: number;
  /** Of its arrival, since 1970. */
  readonly wallClock: Micros;
  /** It came in pieces. Absent = in one. */
  readonly fragmented?: true;
  /** IPv4 only. */
  readonly ipHeader?: Uint8Array;
  /** What follows the IP headers. */
  readonly payload: Uint8Array;
}

/** VRRP itself, or an authentication header around it. */
export type AdvertProtocol = 'vrrp' | 'ah';

/** How an advert came, beside what it says. */
export interface Arrival {
  readonly destination: IpAddress;
  readonly wallClock: Micros;
  /** In pieces, which no advert needs. Absent = in one. */
  readonly fragmented?: true;
  /** 1 = advertisement; RFC 5798 knows no other. */
  readonly packetType: number;
  /** Undefined: wrong. */
  readonly checksum: ChecksumForm | undefined;
  /** The VRRP message alone. */
  readonly message: Uint8Array;
  readonly header?: ReceivedHeader;
  /** 28 bytes behind the message that may be a signature. */
  readonly signature?: Uint8Array;
}
