/** The alphabet of BFD: everything that can happen to it and everything it can ask for. */

import type { IpAddress } from '../base/address.js';
import type { BfdConfig } from './config.js';
import type { BfdPacket, BfdPacketError } from './packet.js';

/** Where a datagram came from. */
export interface Arrival {
  readonly source: IpAddress;
  readonly sourcePort: number;
  /** TTL or hop limit as received. */
  readonly hopLimit: number;
  /** It came to port 4784. */
  readonly multihop: boolean;
}

export type BfdEvent =
  /** First event, and every reload: unchanged sessions go on, removed ones end, new ones start. */
  | { readonly type: 'reconfigured'; readonly config: BfdConfig }
  | ({ readonly type: 'packetReceived'; readonly packet: BfdPacket } & Arrival)
  /** Bytes that were no packet. */
  | ({ readonly type: 'packetMalformed'; readonly error: BfdPacketError } & Arrival)
  /** The socket that a session sends from could not be opened; the port tries again by itself. */
  | { readonly type: 'channelFailed'; readonly session: string; readonly reason: string }
  /** It is open after it had failed. */
  | { readonly type: 'channelOpened'; readonly session: string }
  /** Carries no identity: sessions compare `now` with their own deadlines. */
  | { readonly type: 'timeout' }
  /** Orderly stop: peers are told that it is on purpose. */
  | { readonly type: 'stopRequested' };

export type BfdEffect =
  /** Immediate. */
  | { readonly type: 'sendPacket'; readonly session: string; readonly packet: BfdPacket }
  /** Those who follow the session are to know: in the order of the changes, and once for each new session. */
  | { readonly type: 'tellState'; readonly session: string; readonly up: boolean }
  /** Of an orderly stop: nothing more will be asked or sent. */
  | { readonly type: 'stopped' };
