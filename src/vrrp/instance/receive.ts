/**
 * Is an advert acceptable to this instance? The checks of RFC 5798 7.1 and RFC 3768 7.1 against the configuration, in
 * keepalived's order, so that a packet with two faults is reported by the same one. What an accepted advert means is
 * decided in backup.ts and master.ts.
 */

import { isMulticast, type IpAddress } from '../../base/address.js';
import type { Micros } from '../../base/time.js';
import {
  AUTHENTICATION_HEADER,
  AUTHENTICATION_PASSWORD,
  authenticationData,
  authenticationType,
  sameAuthenticationData,
} from '../wire/authentication.js';
import { AH_LENGTH, isIntact } from '../wire/authentication-header.js';
import type { HmacConfig } from '../config/authentication.js';
import type { UnicastConfig } from '../config/unicast.js';
import type { InstanceConfig } from '../config.js';
import type { DirectorEvent } from '../events.js';
import { judgeSignature, remember, type Freshness } from '../wire/freshness.js';
import type { Rejection } from '../notes.js';
import { advertLength, type Advert, type AdvertV2, type ChecksumForm } from '../wire/packet.js';
import { SIGNATURE_LENGTH } from '../wire/signature.js';

const REQUIRED_HOP_LIMIT = 255;
const IPV4_HEADER_LENGTH = 20;
const ADVERTISEMENT = 1;
const SECOND = 1_000_000;

export type ReceivedAdvert = Extract<DirectorEvent, { type: 'advertReceived' }>;
export type MalformedAdvert = Extract<DirectorEvent, { type: 'advertMalformed' }>;
type Heard = Pick<ReceivedAdvert, 'advert' | 'source' | 'hopLimit' | 'arrival'>;

/** What came out: refused and why, or accepted and what the instance remembers from it. */
export type Judgement =
  | { readonly rejection: Rejection }
  | {
      readonly rejection?: undefined;
      readonly freshness: Freshness;
      /** The checksum is that of keepalived before 1.3.6. */
      readonly oldChecksum: boolean;
      /** Seconds by which the clock of the sender is behind, when that is more than half of what is tolerated. */
      readonly skew?: number;
    };

/** A hop limit of -1 (unknown) is refused. Nothing of a refused advert is remembered. */
export function judge(config: InstanceConfig, freshness: Freshness, heard: Heard): Judgement {
  const { advert, arrival } = heard;
  const rejection =
    fragmentRefusal(heard) ?? headerRefusal(config, heard) ?? hopLimitRefusal(config, heard.hopLimit) ?? versionRefusal(config, advert.version);
  if (rejection !== undefined) return { rejection };
  const signed = config.hmac === undefined ? freshness : verify(config, config.hmac, freshness, heard);
  if ('rejection' in signed) return signed;
  const authenticated = advert.version === 2 ? authenticate(config, freshness, heard, advert) : freshness;
  if ('rejection' in authenticated) return authenticated;
  const refused =
    (advert.version === 2 ? intervalRefusal(config, advert) : undefined) ??
    typeRefusal(arrival?.packetType ?? ADVERTISEMENT) ??
    (advert.advertInterval === 0 ? intervalRefusal(config, advert) : undefined) ??
    checksumRefusal(config, heard) ??
    destinationRefusal(config, heard.arrival?.destination) ??
    (config.ownerIgnoreAdverts === true && config.priority === 255 ? { type: 'ownerIgnores' } : undefined) ??
    peerRefusal(config.unicast, heard);
  if (refused !== undefined) return { rejection: refused };
  const { signers } = 'freshness' in signed ? signed.freshness : signed;
  return {
    freshness: { headerSequence: authenticated.headerSequence, headerIsOwn: authenticated.headerIsOwn, signers },
    oldChecksum: arrival?.checksum === 'asMulticast',
    ...('skew' in signed ? { skew: signed.skew } : {}),
  };
}

/** The same for bytes that were no advert at all. */
export function malformedRefusal(config: InstanceConfig, event: MalformedAdvert): Rejection {
  const { header, error, hopLimit } = event;
  if (header === undefined || error === 'tooShort' || error === 'lengthMismatch') return lengthRefusal(config, event);
  const refused = hopLimitRefusal(config, hopLimit) ?? versionRefusal(config, header.version);
  return refused ?? typeRefusal(header.packetType) ?? { type: 'checksum', version: header.version };
}

/** The first of our VIPs that the advert does not name; undefined when it names all of them. */
export function missingAddress(config: InstanceConfig, advert: Advert): IpAddress | undefined {
  const { virtualAddresses } = config;
  // Almost always the same list in the same order.
  if (virtualAddresses.every(({ address }, i) => advert.addresses[i] === address)) return undefined;
  return virtualAddresses.find(({ address }) => !advert.addresses.includes(address))?.address;
}

/** What fits into every frame is sent in pieces only by somebody who wants to get past a filter. */
function fragmentRefusal({ arrival }: Heard): Rejection | undefined {
  return arrival?.fragmented === true ? { type: 'fragmented' } : undefined;
}

/** Presence of AH, and the length that depends on what is configured. */
function headerRefusal(config: InstanceConfig, { advert, arrival }: Heard): Rejection | undefined {
  if (config.authentication.type === 'ah' && arrival?.header === undefined) return { type: 'headerMissing' };
  if (config.authentication.type !== 'ah' && arrival?.header !== undefined) return { type: 'headerUnexpected' };
  if (arrival?.signature === undefined || config.hmac !== undefined) return undefined;
  const expected = expectedLength(config, advert.version, advert.addresses.length);
  return { type: 'length', received: expected + SIGNATURE_LENGTH, expected };
}

/** Between routers a hop limit proves nothing: peers have limits of their own. */
function hopLimitRefusal({ unicast }: InstanceConfig, hopLimit: number): Rejection | undefined {
  return unicast === undefined && hopLimit !== REQUIRED_HOP_LIMIT ? { type: 'hopLimit', received: hopLimit } : undefined;
}

function versionRefusal({ version: expected }: InstanceConfig, received: number): Rejection | undefined {
  return received === expected ? undefined : { type: 'version', received, expected };
}

function verify(
  { family, unicast }: InstanceConfig,
  hmac: HmacConfig,
  freshness: Freshness,
  { source, arrival }: Heard,
): { readonly rejection: Rejection } | { readonly freshness: Freshness; readonly skew?: number } {
  // Every peer has a place for its sequence; for strangers there is none.
  if (unicast !== undefined && !isPeer(unicast, source)) return { rejection: { type: 'notAPeer' } };
  if (arrival?.signature === undefined) {
    return hmac.mode === 'enforce' ? { rejection: { type: 'signatureMissing' } } : { freshness };
  }
  const { message, signature, wallClock } = arrival;
  const verdict = judgeSignature(hmac, freshness, { family, source, message }, signature, wallClock);
  if (verdict.type === 'fresh') {
    const { skew, signer } = verdict;
    const isConsiderable = Math.abs(skew) > hmac.timeWindow / SECOND / 2;
    return { freshness: remember(freshness, signer, unicast === undefined), ...(isConsiderable ? { skew } : {}) };
  }
  return { rejection: signatureRejection(verdict, hmac.timeWindow) };
}

function signatureRejection(
  verdict: Exclude<ReturnType<typeof judgeSignature>, { type: 'fresh' }>,
  window: Micros,
): Rejection {
  switch (verdict.type) {
    case 'malformed':
      return { type: 'signatureMalformed' };
    case 'unknownKey':
      return { type: 'signatureKeyUnknown', key: verdict.key };
    case 'invalid':
      return { type: 'signatureInvalid' };
    case 'stale':
      return { type: 'signatureStale', skew: verdict.skew, window: window / SECOND };
    case 'replayed':
      return { type: 'signatureReplayed' };
  }
}

/** Version 2. The sequence counts only after the check: a forged one must not shut out the true ones. */
function authenticate(
  { authentication, unicast }: InstanceConfig,
  freshness: Freshness,
  { source, arrival }: Heard,
  advert: AdvertV2,
): { readonly rejection: Rejection } | Freshness {
  const received = advert.authenticationType;
  const expected = authenticationType(authentication);
  if (received > AUTHENTICATION_HEADER) return { rejection: { type: 'authenticationUnknown', received } };
  if (received !== expected) return { rejection: { type: 'authenticationMismatch', received, expected } };
  if (expected === AUTHENTICATION_PASSWORD) {
    const isRight = sameAuthenticationData(advert.authenticationData, authenticationData(authentication));
    return isRight ? freshness : { rejection: { type: 'password' } };
  }
  const header = arrival?.header;
  if (authentication.type !== 'ah' || header === undefined) return freshness;
  if (!isIntact(header, source, authentication.password, unicast !== undefined)) return { rejection: { type: 'headerInvalid' } };
  const { headerSequence: last, headerIsOwn } = freshness;
  const isNew = header.sequence > last || (header.sequence === last && headerIsOwn);
  if (!isNew) return { rejection: { type: 'headerReplayed', received: header.sequence, last } };
  return { ...freshness, headerSequence: header.sequence, headerIsOwn: false };
}

function intervalRefusal(config: InstanceConfig, advert: Advert): Rejection | undefined {
  const { advertInterval: received, version } = advert;
  if (received === config.advertInterval) return undefined;
  return { type: 'advertInterval', version, received, expected: config.advertInterval };
}

function typeRefusal(received: number): Rejection | undefined {
  return received === ADVERTISEMENT ? undefined : { type: 'packetType', received };
}

function checksumRefusal(config: InstanceConfig, { advert, arrival }: Heard): Rejection | undefined {
  if (arrival === undefined || isAcceptable(config, arrival.checksum)) return undefined;
  return { type: 'checksum', version: advert.version };
}

function isAcceptable({ checksumAsV2, unicast }: InstanceConfig, form: ChecksumForm | undefined): boolean {
  // keepalived looks at no checksum then; the wrong ones are accepted too.
  if (form === 'right' || checksumAsV2 === true) return true;
  return form === 'asMulticast' && unicast !== undefined && unicast.oldChecksum !== 'never';
}

function destinationRefusal({ unicast }: InstanceConfig, destination: IpAddress | undefined): Rejection | undefined {
  const isToGroup = destination === undefined || isMulticast(destination);
  if (isToGroup === (unicast === undefined)) return undefined;
  return { type: 'destination', expected: isToGroup ? 'uni' : 'multi' };
}

function peerRefusal(unicast: UnicastConfig | undefined, { source, hopLimit }: Heard): Rejection | undefined {
  if (unicast === undefined) return undefined;
  const peer = unicast.peers.find(({ address }) => address === source);
  if (peer === undefined) return unicast.checkSource ? { type: 'notAPeer' } : undefined;
  const { minimumHopLimit: minimum, maximumHopLimit: maximum } = peer;
  if (hopLimit >= minimum && hopLimit <= maximum) return undefined;
  return { type: 'peerHopLimit', received: hopLimit, minimum, maximum };
}

function isPeer({ peers }: UnicastConfig, source: IpAddress): boolean {
  return peers.some(({ address }) => address === source);
}

function lengthRefusal(config: InstanceConfig, { header, length }: MalformedAdvert): Rejection {
  // What keepalived measures against is the version that the packet claims, where it is one.
  const version = header?.version === 2 || header?.version === 3 ? header.version : config.version;
  const received = (config.family === 'ipv4' ? IPV4_HEADER_LENGTH : 0) + length;
  return { type: 'length', received, expected: expectedLength(config, version, header?.addressCount ?? 0) };
}

/** In bytes as keepalived counts them: with the IP header for IPv4, without it for IPv6. */
function expectedLength({ family, authentication }: InstanceConfig, version: 2 | 3, addressCount: number): number {
  const before = (family === 'ipv4' ? IPV4_HEADER_LENGTH : 0) + (authentication.type === 'ah' ? AH_LENGTH : 0);
  return before + advertLength(version, family, addressCount);
}
