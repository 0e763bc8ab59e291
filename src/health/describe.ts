/** The pool as an operator may see it: plain data without secrets, for dumps, status commands and metrics. */

import { given } from '../base/given.js';
import type { Micros } from '../base/time.js';
import { destinationKey, entryKey, serviceKey } from '../ipvs/tables.js';
import type { Connections } from '../ipvs/tables.js';
import type { CheckType } from './config-check.js';
import type { ByHand } from './config.js';
import { weightInTables } from './desired.js';
import type { CheckerSlot, FollowerSlot, LastAnswer, PoolState, RealServerState } from './pool-state.js';
import { isKeptOut } from './standing.js';
import { sorryNames } from './virtual-server.js';

type Counted = ReadonlyMap<string, Connections | undefined>;

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
  /** As the kernel counted them last; of servers of weight 0 only. */
  readonly connections?: Connections;
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

/** `connections`: of entries of the tables, by entryKey, as far as they were counted. */
export function describePool(pool: PoolState, connections: Counted = new Map()): PoolDescription {
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
        realServers: [...servers.values()].map((server) => describeServer(server, connections)),
      };
    }),
  };
}

/** Of all services of its virtual server; undefined while one of them is not known. */
function connectionsOf({ virtualServer, destinations }: RealServerState, counted: Counted): Connections | undefined {
  if (counted.size === 0 || destinations === undefined) return undefined;
  const sum = { active: 0, inactive: 0, persistent: 0 };
  for (const [i, { identity }] of virtualServer.config.services.entries()) {
    const destination = destinations.perService[i];
    const counts = destination === undefined ? undefined : counted.get(entryKey(serviceKey(identity), destinationKey(destination)));
    if (counts === undefined) return undefined;
    sum.active += counts.active;
    sum.inactive += counts.inactive;
    sum.persistent += counts.persistent;
  }
  return sum;
}

function describeServer(server: RealServerState, counted: Counted): RealServerDescription {
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
    ...given({ connections: weight === 0 ? connectionsOf(server, counted) : undefined }),
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
