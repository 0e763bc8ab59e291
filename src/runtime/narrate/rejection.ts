/** Why an advert was refused, in keepalived's words; the instance's name comes before them. */

import type { IpAddress } from '../../base/address.js';
import { milliseconds, seconds } from '../../base/time.js';
import type { Rejection } from '../../vrrp/notes.js';

/** RFC 5798 5.1.1.3: 255, or the packet crossed a router. */
const EXPECTED_HOP_LIMIT = 255;

type SignatureRejection = Extract<Rejection, { type: `signature${string}` }>;
type HeaderRejection = Extract<Rejection, { type: `header${string}` }>;

export function rejectionText(rejection: Rejection, source: IpAddress): string {
  switch (rejection.type) {
    case 'length': {
      const { received, expected } = rejection;
      const direction = received < expected ? 'short' : 'long';
      return `vrrp packet from ${source} too ${direction}, length ${received} and expect ${expected}`;
    }
    case 'fragmented':
      return `fragmented packet from ${source}`;
    case 'hopLimit':
      return `invalid TTL/HL from ${source}. Received ${rejection.received} and expect ${EXPECTED_HOP_LIMIT}`;
    case 'version':
      return `wrong VRRP version from ${source}. Received ${rejection.received} and expect ${rejection.expected}`;
    case 'authenticationUnknown':
      return `Invalid auth type from ${source}: ${rejection.received}`;
    case 'authenticationMismatch':
      return `received a ${rejection.received} auth from ${source}, expecting ${rejection.expected}!`;
    case 'password':
      return `received an invalid passwd from ${source}!`;
    case 'advertInterval': {
      const unit = rejection.version === 2 ? seconds(1) : milliseconds(10);
      const name = rejection.version === 2 ? 'sec' : 'centi-sec';
      const [own, received] = [rejection.expected / unit, rejection.received / unit];
      return `advertisement interval mismatch with ${source} mine=${own} ${name} rcv'd=${received} ${name}`;
    }
    case 'packetType':
      return `Invalid VRRP packet type from ${source}: ${rejection.received}`;
    case 'checksum':
      return `Invalid VRRPv${rejection.version} checksum from ${source}`;
    case 'destination': {
      const received = rejection.expected === 'uni' ? 'multi' : 'uni';
      return `Expected ${rejection.expected}cast packet but received ${received}cast packet from ${source}`;
    }
    case 'ownerIgnores':
      return `Dropping packet(s) from ${source} since we are address owner`;
    case 'notAPeer':
      return `unicast source address ${source} not a unicast peer`;
    case 'peerHopLimit':
      return `TTL/HL ${rejection.received} from ${source} not in range [${rejection.minimum}, ${rejection.maximum}]`;
    default:
      return rejection.type.startsWith('header')
        ? headerText(rejection as HeaderRejection, source)
        : signatureText(rejection as SignatureRejection, source);
  }
}

function headerText(rejection: HeaderRejection, source: IpAddress): string {
  switch (rejection.type) {
    case 'headerMissing':
      return `No AH header but auth type is AH from ${source}`;
    case 'headerUnexpected':
      return `Received AH header but auth type not AH from ${source}`;
    case 'headerInvalid':
      return 'IPSEC-AH : invalid IPSEC HMAC-MD5 value. Due to fields mutation or bad password !';
    case 'headerReplayed': {
      const { received, last } = rejection;
      return `IPSEC-AH : sequence number ${received} already processed. Packet dropped. Local(${last})`;
    }
  }
}

function signatureText(rejection: SignatureRejection, source: IpAddress): string {
  switch (rejection.type) {
    case 'signatureMissing':
      return `missing authentication trailer from ${source}`;
    case 'signatureMalformed':
      return `malformed authentication trailer from ${source}`;
    case 'signatureKeyUnknown':
      return `unknown authentication key id ${rejection.key} from ${source}`;
    case 'signatureInvalid':
      return `invalid authentication HMAC from ${source}`;
    case 'signatureStale': {
      const { skew, window } = rejection;
      return `stale authentication trailer from ${source}, clock skew ${skew} sec exceeds window ${window} sec`;
    }
    case 'signatureReplayed':
      return `replayed authentication trailer from ${source}`;
  }
}
