/** Adverts to named routers instead of a multicast group. */

import type { IpAddress } from '../../base/address.js';

export interface UnicastPeer {
  readonly address: IpAddress;
  /** Hop limits of its adverts that are accepted, 0-255; defaults 0 and 255. */
  readonly minimumHopLimit: number;
  readonly maximumHopLimit: number;
}

export interface UnicastConfig {
  /** Each gets its own copy of every advert. Empty only with unicast_fault_no_peer: a fault that does not end. */
  readonly peers: readonly UnicastPeer[];
  /** TTL or hop limit of own adverts, 0-255; default 255. */
  readonly hopLimit: number;
  /** Adverts of others than the peers are refused (check_unicast_src, vrrp_check_unicast_src). */
  readonly checkSource: boolean;
  /**
   * Version 3 over IPv4: whether the checksum's pseudo header names the multicast group, as keepalived before 1.3.6 did.
   * `detect`: as soon as a peer is heard doing so. Default `detect`.
   */
  readonly oldChecksum: 'detect' | 'always' | 'never';
}
