/** BFD sessions and packets for tests: sensible everywhere, changed where a test says so. */

import { parseAddress, type IpAddress } from '../../src/base/address.js';
import { micros, milliseconds, seconds } from '../../src/base/time.js';
import type { BfdSession } from '../../src/bfd/config.js';
import type { BfdPacket } from '../../src/bfd/packet.js';

export function address(text: string): IpAddress {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new TypeError(text);
  return parsed;
}

export function session(changes: Partial<BfdSession> = {}): BfdSession {
  return {
    name: 'router',
    family: 'ipv4',
    neighbour: address('192.0.2.2'),
    source: address('192.0.2.1'),
    minReceive: milliseconds(100),
    minTransmit: milliseconds(100),
    idleTransmit: seconds(1),
    multiplier: 3,
    passive: false,
    hopLimit: 255,
    sentHopLimit: 255,
    maxHops: 0,
    multihop: false,
    weight: 0,
    reverse: false,
    tellsVrrp: true,
    tellsCheckers: true,
    ...changes,
  };
}

/** From a peer that is down and has heard nothing. */
export function packet(changes: Partial<BfdPacket> = {}): BfdPacket {
  return {
    phase: 'down',
    diagnostic: 'none',
    poll: false,
    final: false,
    demand: false,
    independent: false,
    multiplier: 3,
    myDiscriminator: 7,
    yourDiscriminator: 0,
    minTransmit: seconds(1),
    minReceive: milliseconds(100),
    minEchoReceive: micros(0),
    ...changes,
  };
}
