/** keepalived's statistics file (SIGUSR2): the counters of every instance as text. Nothing is counted here. */

import type { Statistics } from '../vrrp/instance/statistics.js';

export interface InstanceStatistics {
  readonly name: string;
  readonly statistics: Statistics;
}

/** The whole file, in the order given. */
export function statisticsText(instances: readonly InstanceStatistics[]): string {
  return instances.map(instanceText).join('');
}

/** What was counted since `before`: how keepalived's "clear" looks on counters that only grow. */
export function statisticsSince(now: Statistics, before: Statistics | undefined): Statistics {
  if (before === undefined) return now;
  const difference: Record<keyof Statistics, number> = { ...now };
  for (const counter of Object.keys(now) as (keyof Statistics)[]) difference[counter] = now[counter] - before[counter];
  return difference;
}

function instanceText({ name, statistics }: InstanceStatistics): string {
  return [
    `VRRP Instance: ${name}`,
    '  Advertisements:',
    `    Received: ${statistics.advertsReceived}`,
    `    Sent: ${statistics.advertsSent}`,
    `  Became master: ${statistics.becameMaster}`,
    `  Released master: ${statistics.releasedMaster}`,
    '  Packet Errors:',
    `    Length: ${statistics.lengthErrors}`,
    `    TTL: ${statistics.hopLimitErrors}`,
    `    Invalid Type: ${statistics.packetTypeErrors}`,
    `    Advertisement Interval: ${statistics.advertIntervalErrors}`,
    `    Address List: ${statistics.addressListErrors}`,
    '  Authentication Errors:',
    `    Invalid Type: ${statistics.authenticationTypeErrors}`,
    `    Type Mismatch: ${statistics.authenticationMismatches}`,
    `    Failure: ${statistics.authenticationFailures}`,
    '  Authentication Extension Errors:',
    `    Missing: ${statistics.signaturesMissing}`,
    `    Malformed: ${statistics.signaturesMalformed}`,
    `    Unknown Key: ${statistics.signatureKeysUnknown}`,
    `    Invalid HMAC: ${statistics.signaturesInvalid}`,
    `    Stale: ${statistics.signaturesStale}`,
    `    Replay: ${statistics.signaturesReplayed}`,
    '  Priority Zero:',
    `    Received: ${statistics.priorityZeroReceived}`,
    `    Sent: ${statistics.priorityZeroSent}`,
    '',
  ].join('\n');
}
