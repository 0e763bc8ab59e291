/** What BFD is told: one session for each bfd_instance. conf builds it; nothing here reads a file or sends a packet. */

import type { Family, IpAddress } from '../base/address.js';
import type { Micros } from '../base/time.js';

export interface BfdSession {
  /** At most 31 characters; trackers and checkers name it. */
  readonly name: string;
  readonly family: Family;
  /** The peer; no two sessions share one. */
  readonly neighbour: IpAddress;
  /** Own address; without it the kernel chooses one, and a source port outside RFC 5881's range with it. */
  readonly source?: IpAddress;
  /** RFC 5880 RequiredMinRxInterval. Default 10 ms. */
  readonly minReceive: Micros;
  /** RFC 5880 DesiredMinTxInterval while Up. Default 10 ms. */
  readonly minTransmit: Micros;
  /** DesiredMinTxInterval while not Up, at least 1 s. Default 1 s. */
  readonly idleTransmit: Micros;
  /** RFC 5880 DetectMult, 1-255. Default 5. */
  readonly multiplier: number;
  /** Sends nothing before the peer has spoken. */
  readonly passive: boolean;
  /** What the peer's packets start with, 1-255. Default 255 for IPv4, 64 for IPv6. */
  readonly hopLimit: number;
  /** Of what is sent, 1-255. Default 255: RFC 5881 has no other, and peers that ask for 64 take it too. */
  readonly sentHopLimit: number;
  /** Hops that a received packet may have travelled, 0-255; undefined = not checked. Default 0. */
  readonly maxHops: number | undefined;
  /** UDP 4784 (RFC 5883) in place of 3784 (RFC 5881). */
  readonly multihop: boolean;
  /** Priority change, -253..253, of instances that track it without a weight of their own; 0 = fault while down. */
  readonly weight: number;
  /** The weight counts while the session is up the other way round. */
  readonly reverse: boolean;
  /** Whether VRRP hears of its changes. */
  readonly tellsVrrp: boolean;
  /** Whether the checkers hear of its changes. */
  readonly tellsCheckers: boolean;
}

export interface BfdConfig {
  readonly sessions: readonly BfdSession[];
}
