/**
 * Is an advert acceptable to this instance? The checks of RFC 5798 7.1 and RFC 3768 7.1 against the configuration, in
 * keepalived's order, so that a packet with two faults is reported by the same one. What an accepted advert means is
 * decided in backup.ts and master.ts.
 */

import type { IpAddress } from '../base/address.js';
import {
  AUTHENTICATION_HEADER,
  AUTHENTICATION_PASSWORD,
  authenticationData,
  authenticationType,
  sameAuthenticationData,
} from './authentication.js';
import type { InstanceConfig } from './config.js';
import type { DirectorEvent } from './events.js';
import type { Rejection } from './notes.js';
import { advertLength, type Advert, type AdvertV2 } from './packet.js';

const REQUIRED_HOP_LIMIT = 255;
const IPV4_HEADER_LENGTH = 20;

export type MalformedAdvert = Extract<DirectorEvent, { type: 'advertMalformed' }>;

/** Why `config` refuses this well-formed advert, or undefined when it does not. A hop limit of -1 (unknown) is refused. */
export function refusal(config: InstanceConfig, advert: Advert, hopLimit: number): Rejection | undefined {
  if (hopLimit !== REQUIRED_HOP_LIMIT) return { type: 'hopLimit', received: hopLimit };
  if (advert.version !== config.version) {
    return { type: 'version', received: advert.version, expected: config.version };
  }
  if (advert.version === 2) return authenticationRefusal(config, advert) ?? intervalRefusal(config, advert);
  return advert.advertInterval === 0 ? intervalRefusal(config, advert) : undefined;
}

/** The same for bytes that were no advert at all. */
export function malformedRefusal(config: InstanceConfig, event: MalformedAdvert): Rejection {
  const { header, error, hopLimit } = event;
  if (header === undefined || error === 'tooShort' || error === 'lengthMismatch') return lengthRefusal(config, event);
  if (hopLimit !== REQUIRED_HOP_LIMIT) return { type: 'hopLimit', received: hopLimit };
  if (header.version !== config.version) {
    return { type: 'version', received: header.version, expected: config.version };
  }
  if (error === 'badType') return { type: 'packetType', received: header.packetType };
  return { type: 'checksum', version: header.version };
}

/** The first of our VIPs that the advert does not name; undefined when it names all of them. */
export function missingAddress(config: InstanceConfig, advert: Advert): IpAddress | undefined {
  const { virtualAddresses } = config;
  // Almost always the same list in the same order.
  if (virtualAddresses.every(({ address }, i) => advert.addresses[i] === address)) return undefined;
  return virtualAddresses.find(({ address }) => !advert.addresses.includes(address))?.address;
}

function authenticationRefusal(config: InstanceConfig, advert: AdvertV2): Rejection | undefined {
  const received = advert.authenticationType;
  const expected = authenticationType(config.authentication);
  if (received > AUTHENTICATION_HEADER) return { type: 'authenticationUnknown', received };
  if (received !== expected) return { type: 'authenticationMismatch', received, expected };
  const intact =
    expected !== AUTHENTICATION_PASSWORD ||
    sameAuthenticationData(advert.authenticationData, authenticationData(config.authentication));
  return intact ? undefined : { type: 'password' };
}

function intervalRefusal(config: InstanceConfig, advert: Advert): Rejection | undefined {
  const { advertInterval: received, version } = advert;
  if (received === config.advertInterval) return undefined;
  return { type: 'advertInterval', version, received, expected: config.advertInterval };
}

function lengthRefusal(config: InstanceConfig, { header, length }: MalformedAdvert): Rejection {
  // What keepalived measures against is the version that the packet claims, where it is one.
  const version = header?.version === 2 || header?.version === 3 ? header.version : config.version;
  const expected = advertLength(version, config.family, header?.addressCount ?? 0);
  const ipHeader = config.family === 'ipv4' ? IPV4_HEADER_LENGTH : 0;
  return { type: 'length', received: ipHeader + length, expected: ipHeader + expected };
}
