/** From a datagram to the event that the adapter would make of it. */

import { addressBytes } from '../../src/base/address.js';
import { ByteWriter } from '../../src/base/bytes.js';
import type { Micros } from '../../src/base/time.js';
import { AH_LENGTH, AH_PROTOCOL } from '../../src/vrrp/wire/authentication-header.js';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import type { DirectorEvent } from '../../src/vrrp/events.js';
import { VRRP_PROTOCOL } from '../../src/vrrp/wire/packet.js';
import { unpackAdvert } from '../../src/vrrp/wire/unpack.js';
import { address } from '../support/address.js';
import type { Datagram } from './lan.js';

/** True when the advert is meant for this virtual router. */
export function concerns(
  event: Extract<DirectorEvent, { readonly family: unknown }>,
  instance: InstanceConfig,
): boolean {
  const id = event.type === 'advertReceived' ? event.advert.virtualRouterId : event.header?.virtualRouterId;
  return instance.interface === event.interface && instance.family === event.family && instance.virtualRouterId === id;
}

/** What the adapter makes of a datagram, with production's codec. */
export function advertEvent(datagram: Datagram, wallClock: Micros): DirectorEvent {
  const { segment, family, protocol, source, destination, hopLimit, payload } = datagram;
  const ipHeader = family === 'ipv4' ? { ipHeader: ipHeaderOf(datagram) } : {};
  return unpackAdvert({ interface: segment, family, protocol, source, destination, hopLimit, wallClock, payload, ...ipHeader });
}

/** The virtual router that it is meant for, as the filter of a socket finds it. */
export function virtualRouterIdIn({ protocol, payload }: Datagram): number | undefined {
  return payload[protocol === 'ah' ? AH_LENGTH + 1 : 1];
}

/** The checksum is zero: nobody counts it. */
function ipHeaderOf({ protocol, source, destination, hopLimit, identification, payload }: Datagram): Uint8Array {
  const writer = new ByteWriter(20).u8(0x45).u8(0xc0).u16(20 + payload.length).u16(identification).u16(0);
  writer.u8(hopLimit).u8(protocol === 'ah' ? AH_PROTOCOL : VRRP_PROTOCOL).u16(0);
  return writer.raw(addressBytes(source)).raw(addressBytes(destination)).bytes;
}

/** Nothing that comes from here is acceptable to anybody. */
export const STRANGER = { ipv4: address('192.0.2.77'), ipv6: address('fe80::77') } as const;

/** Damaged on the way, or sent by the stranger: it may be told, and nothing else. */
export function isRubbish(event: DirectorEvent): boolean {
  if (event.type === 'advertMalformed' || event.type === 'addressClaimed') return true;
  if (event.type !== 'advertReceived') return false;
  return event.arrival?.checksum !== 'right' || event.arrival.packetType !== 1 || event.source === STRANGER[event.family];
}
