/** From a datagram to the event that the adapter would make of it. */

import type { InstanceConfig } from '../../src/vrrp/config.js';
import type { DirectorEvent } from '../../src/vrrp/events.js';
import { decodeAdvert, readAdvertHeader } from '../../src/vrrp/packet.js';
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
export function advertEvent(datagram: Datagram): DirectorEvent {
  const { segment, family, source, destination, hopLimit, payload } = datagram;
  const decoded = decodeAdvert(payload, { family, source, destination });
  const common = { interface: segment, family, source, hopLimit };
  if (decoded.ok) return { type: 'advertReceived', ...common, advert: decoded.value };
  const header = readAdvertHeader(payload);
  return {
    type: 'advertMalformed',
    ...common,
    error: decoded.error,
    length: payload.length,
    ...(header === undefined ? {} : { header }),
  };
}

/** Nothing that comes from here is acceptable to anybody. */
export const STRANGER = { ipv4: address('192.0.2.77'), ipv6: address('fe80::77') } as const;

/** Damaged on the way, or sent by the stranger. */
export function isRubbish(event: DirectorEvent): boolean {
  if (event.type === 'advertMalformed') return true;
  return event.type === 'advertReceived' && event.source === STRANGER[event.family];
}
