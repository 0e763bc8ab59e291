/** The pool as an operator may see it: plain data without secrets, for dumps, status commands and metrics. */

import type { IpAddress } from '../base/address.js';
import { given } from '../base/given.js';
import type { Micros } from '../base/time.js';
import { NOTHING_COUNTED, sumOfConnections, sumOfTraffic } from '../ipvs/counts.js';
import type { Counted, DestinationCounts, Traffic } from '../ipvs/counts.js';
import { entryKey, serviceKey } from '../ipvs/tables.js';
import type { Connections, ForwardingMethod, ServiceIdentity } from '../ipvs/tables.js';
import { isAsking } from './checker.js';
import type { CheckType } from './config-check.js';
import type { ByHand } from './config.js';
import { placesInTables, servicesInKernel, weightInTables } from './desired.js';
import type { CheckerSlot, FollowerSlot, LastAnswer, PoolState, RealServerState, VirtualServerState } from './pool-state.js';
import { isKeptOut } from './standing.js';
import { sorryNames } from './virtual-server.js';

export interface PoolDescription {
  /** Instant of the counts below, those of weight 0 apart, which are newer; absent while there are none. */
  readonly countedAt?: Micros;
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
  /** As the kernel has it: one for an address or mark, several for a group. */
  readonly services: readonly ServiceDescription[];
  /** Backup servers too, behind the real ones. */
  readonly realServers: readonly RealServerDescription[];
}

export interface ServiceDescription {
  readonly identity: ServiceIdentity;
  /** Kernel name. */
  readonly scheduler: string;
  readonly traffic?: Traffic;
}

export interface RealServerDescription {
  readonly name: string;
  readonly address: IpAddress;
  /** 0 = that of the service. */
  readonly port: number;
  readonly method: ForwardingMethod;
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
  /** As the kernel counted last, in all services together; absent while it has not. */
  readonly connections?: Connections;
  readonly traffic?: Traffic;
  /** The same in each service of the virtual server, where it has several; null where it was not counted. */
  readonly perService?: readonly (DestinationCounts | null)[];
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
  /** Whole days that the server's certificate is valid, negative when it no longer is; absent without TLS. */
  readonly certificateDays?: number;
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

export function describePool(pool: PoolState, counted: Counted = NOTHING_COUNTED): PoolDescription {
  return {
    ...given({ countedAt: counted.at }),
    virtualServers: pool.virtualServers.map((virtualServer) => ({
      ...describeHead(virtualServer, counted),
      realServers: [...virtualServer.servers.values()].map((server) => describeServer(server, counted)),
    })),
  };
}

/**
 * The same as JSON, yielding after each real server. What happens meanwhile is in it or not, server by server; after a new
 * configuration it begins anew.
 */
export function* drawPool(pool: () => PoolState, counted: Counted = NOTHING_COUNTED): Generator<undefined, string> {
  const { virtualServers } = pool();
  const texts: string[] = [];
  for (const virtualServer of virtualServers) {
    const servers: string[] = [];
    for (const server of virtualServer.servers.values()) {
      servers.push(JSON.stringify(describeServer(server, counted)));
      yield;
      if (pool().virtualServers !== virtualServers) return yield* drawPool(pool, counted);
    }
    const head = JSON.stringify(describeHead(virtualServer, counted));
    texts.push(`${head.slice(0, -1)},"realServers":[${servers.join(',')}]}`);
  }
  const countedAt = counted.at === undefined ? '' : `"countedAt":${counted.at},`;
  return `{${countedAt}"virtualServers":[${texts.join(',')}]}`;
}

function describeHead(virtualServer: VirtualServerState, counted: Counted): Omit<VirtualServerDescription, 'realServers'> {
  const { config, quorumUp, since, aliveWeight, sorryActive, activeTier } = virtualServer;
  const sorry = sorryNames(virtualServer);
  return {
    name: config.name,
    quorumUp,
    since,
    quorum: config.quorum,
    aliveWeight,
    ...(sorry === undefined ? {} : { sorryServer: { name: sorry.server, active: sorryActive } }),
    ...given({ activeTier }),
    services: servicesInKernel(config).map(({ identity, scheduler }) => ({
      identity,
      scheduler,
      ...given({ traffic: counted.tables.get(serviceKey(identity))?.traffic }),
    })),
  };
}

type Counts = Pick<RealServerDescription, 'connections' | 'traffic' | 'perService'>;

/** What is not known of one of its services is not known at all. */
function countsOf(server: RealServerState, weight: number, { tables, weightless }: Counted): Counts {
  const places = placesInTables(server, server.virtualServer.config);
  const perService = places.map((place) => place && tables.get(place.service)?.destinations.get(place.destination));
  const suiting = places.flatMap((place, i) => (place === undefined ? [] : [{ key: entryKey(place.service, place.destination), counts: perService[i] }]));
  const counts = allKnown(suiting.map((each) => each.counts));
  return given({
    connections: sumOfConnections(allKnown(suiting.map((each) => (weight === 0 ? weightless.get(each.key) : each.counts?.connections)))),
    traffic: sumOfTraffic(counts.map(({ traffic }) => traffic)),
    perService: places.length > 1 && counts.length > 0 ? perService.map((each) => each ?? null) : undefined,
  });
}

/** None where one is missing. */
function allKnown<T>(values: readonly (T | undefined)[]): readonly T[] {
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? known : [];
}

function describeServer(server: RealServerState, counted: Counted): RealServerDescription {
  const weight = weightInTables(server);
  const { address, port, method } = server.config;
  return {
    name: server.name,
    address,
    port,
    method,
    alive: server.alive,
    since: server.since,
    configuredWeight: server.config.weight,
    weight: server.weight,
    ...(weight === undefined ? {} : { weightInTables: weight }),
    ...given({ tier: server.config.tier }),
    ...(isKeptOut(server) ? { keptOut: server.held ? 'held' : 'suppressed' } : {}),
    ...(server.config.byHand === undefined ? {} : { byHand: server.config.byHand.action }),
    ...(weight === undefined ? {} : countsOf(server, weight, counted)),
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
    probing: isAsking(state),
    ...(isShared ? { sharedBy: group.members.size } : {}),
    ...given({ lastAnswer, certificateDays: state.certificateDays }),
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
