/**
 * From bytes of a socket to the event that the director hears. Everything that a packet says and carries is laid open, and
 * nothing is judged: what an instance demands of it stands in its configuration (receive.ts).
 */

import type { Arrival, Packet } from '../instance/arrival.js';
import { AH_LENGTH, readHeader } from './authentication-header.js';
import type { DirectorEvent } from '../events.js';
import { advertLength, checksumForm, fits, readAdvert, readAdvertHeader, type AdvertError, type AdvertPath } from './packet.js';
import { SIGNATURE_LENGTH } from './signature.js';

export type AdvertEvent = Extract<DirectorEvent, { type: 'advertReceived' | 'advertMalformed' }>;

/** Never throws, whatever the bytes. */
export function unpackAdvert(packet: Packet): AdvertEvent {
  const { interface: name, family, protocol, source, destination, hopLimit, wallClock, payload } = packet;
  const header = protocol === 'ah' ? readHeader(packet.ipHeader ?? NOTHING, payload) : undefined;
  const rest = protocol === 'ah' ? payload.subarray(Math.min(AH_LENGTH, payload.length)) : payload;
  const fields = readAdvertHeader(rest);
  const malformed = (error: AdvertError): AdvertEvent => {
    const common = { interface: name, family, source, destination, hopLimit, protocol, length: payload.length };
    return { type: 'advertMalformed', error, ...common, ...(fields === undefined ? {} : { header: fields }) };
  };
  if (fields === undefined || (protocol === 'ah' && header === undefined)) return malformed('tooShort');
  const { version } = fields;
  if (version !== 3 && !(version === 2 && family === 'ipv4')) return malformed('badVersion');
  const length = advertLength(version, family, fields.addressCount);
  const signed = rest.length === length + SIGNATURE_LENGTH;
  if (!signed && !fits(rest.length, length, family)) return malformed('lengthMismatch');
  const message = rest.subarray(0, length);
  const path: AdvertPath = { family, source, destination };
  const arrival: Arrival = {
    destination,
    wallClock,
    packetType: fields.packetType,
    checksum: checksumForm(version, signed && family === 'ipv6' ? rest : message, path),
    message,
    ...(packet.fragmented === true ? { fragmented: true } : {}),
    ...(header === undefined ? {} : { header }),
    ...(signed ? { signature: rest.subarray(length) } : {}),
  };
  const advert = readAdvert(version, message, family);
  return { type: 'advertReceived', interface: name, family, advert, source, hopLimit, arrival };
}

const NOTHING = new Uint8Array(0);
