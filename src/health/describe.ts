/** The pool as an operator may see it: plain data without secrets, for dumps, status commands and metrics. */

import { given } from '../base/given.js';
import type { Micros } from '../base/time.js';
import type { CheckType } from './config-check.js';
import type { ByHand } from './config.js';
import { weightInTables } from './desired.js';
import type { CheckerSlot, FollowerSlot, LastAnswer, PoolState, RealServerState } from './pool-state.js';
import { isKeptOut } from './standing.js';
import { sorryNames } from './virtual-server.js';

export interface PoolDescription {
  readonly virtualServers: readonly VirtualServerDescription[];
}

export interface VirtualServerDescription {
  readonly name: string;
  readonly quorumUp: boolean;
  /** Instant of the last change of quorumUp. */
  readonly since: Micros;
  readonly quorum: number;
  readonly aliveWeight: number;
  readonly sorryServer?: { readonly name: string; readonly active: boolean };
  /** The tier of backup servers that serves. */
  readonly activeTier?: number;
  /** Backup servers too, behind the real ones. */
  readonly realServers: readonly RealServerDescription[];
}

export interface RealServerDescription {
  readonly name: string;
  readonly alive: boolean;
  /** Instant of the last change of alive. */
  readonly since: Micros;
  readonly configuredWeight: number;
  readonly weight: number;
  /** Absent when the server is not in the kernel's tables. */
  readonly weightInTables?: number;
  /** Of a backup server. */
  readonly tier?: number;
  /** It waits for an operator (manual_resume), or has failed too often (flap_damping). */
  readonly keptOut?: 'held' | 'suppressed';
  /** What an operator has said about it. */
  readonly byHand?: ByHand['action'];
  readonly checkers: readonly CheckerDescription[];
  readonly followers: readonly FollowerDescription[];
}

export interface CheckerDescription {
  readonly check: CheckType;
  readonly up: boolean;
  readonly hasRun: boolean;
  readonly retries: number;
  readonly probing: boolean;
  /** How many checkers this question is asked for; absent: this one alone. */
  readonly sharedBy?: number;
  readonly lastAnswer?: LastAnswer;
}

/** FILE_CHECK and BFD_CHECK. */
export interface FollowerDescription {
  readonly check: CheckType;
  /** The track_file or the bfd_instance. */
  readonly follows: string;
  readonly up: boolean;
  /** Added to the weight. */
  readonly contribution: number;
}

export function describePool(pool: PoolState): PoolDescription {
  return {
    virtualServers: pool.virtualServers.map((virtualServer) => {
      const { config, quorumUp, since, aliveWeight, sorryActive, activeTier, servers } = virtualServer;
      const sorry = sorryNames(virtualServer);
      return {
        name: config.name,
        quorumUp,
        since,
        quorum: config.quorum,
        aliveWeight,
        ...(sorry === undefined ? {} : { sorryServer: { name: sorry.server, active: sorryActive } }),
        ...given({ activeTier }),
        realServers: [...servers.values()].map(describeServer),
      };
    }),
  };
}

function describeServer(server: RealServerState): RealServerDescription {
  const weight = weightInTables(server);
  return {
    name: server.name,
    alive: server.alive,
    since: server.since,
    configuredWeight: server.config.weight,
    weight: server.weight,
    ...(weight === undefined ? {} : { weightInTables: weight }),
    ...given({ tier: server.config.tier }),
    ...(isKeptOut(server) ? { keptOut: server.held ? 'held' : 'suppressed' } : {}),
    ...(server.config.byHand === undefined ? {} : { byHand: server.config.byHand.action }),
    checkers: server.checkers.map(describeChecker),
    followers: server.followers.map(describeFollower),
  };
}

function describeChecker(slot: CheckerSlot): CheckerDescription {
  const { config, state, group, lastAnswer } = slot;
  const isShared = group.members.size > 1 && group.members.has(slot);
  return {
    check: config.check.type,
    up: state.up,
    hasRun: state.hasRun,
    retries: state.hasRun ? state.retries : 0,
    probing: state.run.kind === 'probing',
    ...(isShared ? { sharedBy: group.members.size } : {}),
    ...(lastAnswer === undefined ? {} : { lastAnswer }),
  };
}

function describeFollower({ config: { check }, state }: FollowerSlot): FollowerDescription {
  return {
    check: check.type,
    follows: check.type === 'FILE_CHECK' ? check.file : check.session,
    up: state.up,
    contribution: state.contribution,
  };
}
