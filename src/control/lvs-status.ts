/** The LVS and BFD parts of the status, from pictures of the checkers and the BFD process. */

import { familyOf } from '../base/address.js';
import { given } from '../base/given.js';
import { milliseconds } from '../base/time.js';
import type { CheckerDescription, FollowerDescription, RealServerDescription, ServiceDescription, VirtualServerDescription } from '../health/describe.js';
import { sumOfConnections, sumOfTraffic } from '../ipvs/counts.js';
import type { Picture } from './feed.js';
import { partStatus, timeIn } from './picture-time.js';
import type { BfdStatus, CheckStatus, LvsStatus, RealServerStatus, ServiceStatus, VirtualServerStatus } from './status.js';
import { failureText } from './words.js';

export function lvsStatus(picture: Picture<'checkers'>): LvsStatus {
  const { pool, reconciler } = picture.shown;
  return {
    ...partStatus(picture),
    ...(pool.countedAt === undefined ? {} : { countedAt: timeIn(picture, pool.countedAt) }),
    kernel: {
      known: reconciler.trusted,
      ownServices: reconciler.ownedServices,
      refusedCommands: reconciler.refusedCommands,
      repairs: reconciler.driftRepaired,
      ...given({ trouble: reconciler.trouble && troubleText(reconciler.trouble) }),
    },
    virtualServers: pool.virtualServers.map((server) => virtualServerStatus(server, picture)),
  };
}

export function bfdStatus(picture: Picture<'bfd'>): BfdStatus {
  return {
    ...partStatus(picture),
    sessions: picture.shown.sessions.map(({ name, neighbour, phase }) => ({ name, neighbour, phase })),
  };
}

const TROUBLES: Readonly<Record<string, string>> = { ipvsMissing: 'no ip_vs in the kernel', lookFailed: 'they cannot be read', applyFailed: 'a change was refused' };

/** Of `TYPE CODE`. */
function troubleText(trouble: string): string {
  const [type = '', code = ''] = trouble.split(' ');
  return `${TROUBLES[type] ?? type} (${code})`;
}

const BY_HAND = { drain: 'drained by hand', disable: 'disabled by hand', weight: 'weight by hand', add: 'added by hand' } as const;

function virtualServerStatus(server: VirtualServerDescription, picture: Picture): VirtualServerStatus {
  const { name, quorumUp, since, quorum, aliveWeight, sorryServer, activeTier, services, realServers } = server;
  return {
    name,
    services: services.map(serviceStatus),
    state: quorumUp ? 'up' : 'down',
    since: timeIn(picture, since),
    quorum,
    aliveWeight,
    ...given({
      sorryServer,
      activeTier,
      connections: sumOfConnections(realServers.flatMap(({ connections = [] }) => connections)),
      traffic: sumOfTraffic(services.flatMap(({ traffic = [] }) => traffic)),
    }),
    realServers: realServers.map((each) => realServerStatus(each, picture)),
  };
}

function serviceStatus({ identity, scheduler, traffic }: ServiceDescription): ServiceStatus {
  const rest = { scheduler, ...given({ traffic }) };
  if (identity.kind === 'fwmark') return { fwmark: identity.fwmark, family: identity.family, ...rest };
  const { protocol, address, port } = identity;
  return { protocol, address, port, family: familyOf(address), ...rest };
}

function realServerStatus(server: RealServerDescription, picture: Picture): RealServerStatus {
  const { name, alive, since, byHand, configuredWeight, weight, weightInTables, tier, connections, traffic, perService, checkers, followers } = server;
  const { address, port, method } = server;
  const reason = serverReason(server);
  const unseen = followers.length === 0 && checkers.every(({ hasRun }) => !hasRun);
  return {
    name,
    address,
    port,
    method,
    state: byHand === 'disable' ? 'disabled' : !alive ? 'down' : unseen ? 'unchecked' : 'up',
    ...(byHand === undefined ? {} : { byHand }),
    since: timeIn(picture, since),
    ...given({ reason, tier, connections, traffic, perService }),
    weight: { configured: configuredWeight, effective: weight, ...(weightInTables === undefined ? {} : { kernel: weightInTables }) },
    checks: [...checkers.map((checker) => checkStatus(checker, picture)), ...followers.map(followerStatus)],
  };
}

const KEPT_OUT = { held: 'it waits to be resumed (manual_resume)', suppressed: 'it flaps (flap_damping)' } as const;

/** Why it is down; while it is up, what its checks have met since their last success. */
function serverReason({ alive, byHand, keptOut, checkers, followers }: RealServerDescription): string | undefined {
  const reasons = [
    ...(byHand === undefined ? [] : [BY_HAND[byHand]]),
    ...(keptOut === undefined ? [] : [KEPT_OUT[keptOut]]),
    ...checkers.filter(({ up, retries }) => (alive ? retries > 0 : !up)).map((checker) => checkerReason(checker)),
    ...followers.filter(({ up }) => !up).map(({ check, follows }) => `${check}: ${follows} says that it is down`),
  ];
  return reasons.length === 0 ? undefined : reasons.join('; ');
}

function checkerReason({ check, up, hasRun, retries, lastAnswer }: CheckerDescription): string {
  if (!hasRun) return `${check}: waits for its first answer`;
  if (lastAnswer?.failure === undefined) return `${check}: ${up ? 'passed' : 'passed, not all of its questions yet'}`;
  const attempts = up ? ` (${retries} ${retries === 1 ? 'retry' : 'retries'} used)` : '';
  return `${check}: ${failureText(lastAnswer.failure)}${attempts}`;
}

function checkStatus({ check, up, hasRun, retries, sharedBy, lastAnswer, certificateDays }: CheckerDescription, picture: Picture): CheckStatus {
  const { at, latency, failure } = lastAnswer ?? {};
  return {
    check,
    up,
    hasRun,
    retriesUsed: retries,
    ...given({ sharedBy, certificateDays }),
    ...(at === undefined ? {} : { answeredAt: timeIn(picture, at) }),
    ...(latency === undefined ? {} : { latencyMilliseconds: latency / milliseconds(1) }),
    ...(failure === undefined ? {} : { failure: failureText(failure) }),
  };
}

function followerStatus({ check, up }: FollowerDescription): CheckStatus {
  return { check, up, hasRun: true, retriesUsed: 0 };
}
