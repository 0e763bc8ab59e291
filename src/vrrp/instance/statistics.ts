/** Counters of one instance, named as its operators know them from keepalived's statistics. They only ever grow. */

import type { RejectionType } from '../notes.js';

export interface Statistics {
  readonly advertsReceived: number;
  readonly advertsSent: number;
  readonly becameMaster: number;
  readonly releasedMaster: number;
  readonly priorityZeroReceived: number;
  readonly priorityZeroSent: number;
  readonly lengthErrors: number;
  readonly hopLimitErrors: number;
  readonly versionErrors: number;
  readonly authenticationTypeErrors: number;
  readonly authenticationMismatches: number;
  readonly authenticationFailures: number;
  readonly advertIntervalErrors: number;
  readonly packetTypeErrors: number;
  readonly checksumErrors: number;
  readonly addressListErrors: number;
  readonly signaturesMissing: number;
  readonly signaturesMalformed: number;
  readonly signatureKeysUnknown: number;
  readonly signaturesInvalid: number;
  readonly signaturesStale: number;
  readonly signaturesReplayed: number;
  /** Unicast where multicast is configured, or the other way round; keepalived does not count these and the next two. */
  readonly destinationErrors: number;
  /** From others than the peers, or from further away than a peer may be. */
  readonly sourceErrors: number;
  readonly ignoredAsOwner: number;
  /** Adverts of others that a master hears although it should be the only one. */
  readonly secondMasterAdverts: number;
  /** Adverts of our virtual router with settings that are not ours. */
  readonly strangerAdverts: number;
  /** Adverts with other addresses than ours. */
  readonly driftedAdverts: number;
  /** ARP packets and neighbour advertisements of others that claim an address we hold. */
  readonly addressClaims: number;
}

export type Counter = keyof Statistics;

export const emptyStatistics: Statistics = {
  advertsReceived: 0,
  advertsSent: 0,
  becameMaster: 0,
  releasedMaster: 0,
  priorityZeroReceived: 0,
  priorityZeroSent: 0,
  lengthErrors: 0,
  hopLimitErrors: 0,
  versionErrors: 0,
  authenticationTypeErrors: 0,
  authenticationMismatches: 0,
  authenticationFailures: 0,
  advertIntervalErrors: 0,
  packetTypeErrors: 0,
  checksumErrors: 0,
  addressListErrors: 0,
  signaturesMissing: 0,
  signaturesMalformed: 0,
  signatureKeysUnknown: 0,
  signaturesInvalid: 0,
  signaturesStale: 0,
  signaturesReplayed: 0,
  destinationErrors: 0,
  sourceErrors: 0,
  ignoredAsOwner: 0,
  secondMasterAdverts: 0,
  strangerAdverts: 0,
  driftedAdverts: 0,
  addressClaims: 0,
};

export const rejectionCounter: Readonly<Record<RejectionType, Counter>> = {
  length: 'lengthErrors',
  fragmented: 'lengthErrors',
  hopLimit: 'hopLimitErrors',
  version: 'versionErrors',
  authenticationUnknown: 'authenticationTypeErrors',
  authenticationMismatch: 'authenticationMismatches',
  password: 'authenticationFailures',
  advertInterval: 'advertIntervalErrors',
  packetType: 'packetTypeErrors',
  checksum: 'checksumErrors',
  headerMissing: 'authenticationMismatches',
  headerUnexpected: 'authenticationMismatches',
  headerInvalid: 'authenticationFailures',
  headerReplayed: 'authenticationFailures',
  signatureMissing: 'signaturesMissing',
  signatureMalformed: 'signaturesMalformed',
  signatureKeyUnknown: 'signatureKeysUnknown',
  signatureInvalid: 'signaturesInvalid',
  signatureStale: 'signaturesStale',
  signatureReplayed: 'signaturesReplayed',
  destination: 'destinationErrors',
  ownerIgnores: 'ignoredAsOwner',
  notAPeer: 'sourceErrors',
  peerHopLimit: 'sourceErrors',
};

/** The statistics with one more of `counter`. */
export function counted(statistics: Statistics, counter: Counter): Statistics {
  return { ...statistics, [counter]: statistics[counter] + 1 };
}
