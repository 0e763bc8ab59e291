/** From a datagram to the event that the adapter would make of it. */

import type { Micros } from '../../src/base/time.js';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import type { DirectorEvent } from '../../src/vrrp/events.js';
import { unpackAdvert } from '../../src/vrrp/unpack.js';
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
export function advertEvent({ segment, ...packet }: Datagram, wallClock: Micros): DirectorEvent {
  return unpackAdvert({ interface: segment, protocol: 'vrrp', wallClock, ...packet });
}

/** Nothing that comes from here is acceptable to anybody. */
export const STRANGER = { ipv4: address('192.0.2.77'), ipv6: address('fe80::77') } as const;

/** Damaged on the way, or sent by the stranger. */
export function isRubbish(event: DirectorEvent): boolean {
  if (event.type === 'advertMalformed') return true;
  if (event.type !== 'advertReceived') return false;
  return event.arrival?.checksum !== 'right' || event.arrival.packetType !== 1 || event.source === STRANGER[event.family];
}
