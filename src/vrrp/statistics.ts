/** Counters of one instance, named as its operators know them from keepalived's statistics. They only ever grow. */

import type { RejectionType } from './notes.js';

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
};

export const rejectionCounter: Readonly<Record<RejectionType, Counter>> = {
  length: 'lengthErrors',
  hopLimit: 'hopLimitErrors',
  version: 'versionErrors',
  authenticationUnknown: 'authenticationTypeErrors',
  authenticationMismatch: 'authenticationMismatches',
  password: 'authenticationFailures',
  advertInterval: 'advertIntervalErrors',
  packetType: 'packetTypeErrors',
  checksum: 'checksumErrors',
};

/** The statistics with one more of `counter`. */
export function counted(statistics: Statistics, counter: Counter): Statistics {
  return { ...statistics, [counter]: statistics[counter] + 1 };
}
