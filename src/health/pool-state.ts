/**
 * What the pool keeps. Owned by the pool alone and changed in place: one event must not copy ten thousand servers. Others
 * hold it as an opaque value between steps and never use an older one again.
 */

import type { IpAddress } from '../base/address.js';
import { micros } from '../base/time.js';
import type { Micros } from '../base/time.js';
import type { Destination, ServiceEntry, ServiceKey, Tables } from '../ipvs/tables.js';
import type { CheckerState } from './checker.js';
import type { CheckerConfig, FollowerConfig } from './config-check.js';
import type { RealServerConfig, VirtualServerConfig } from './config.js';
import type { ProbeFailure } from './events.js';
import { DeadlineQueue } from './deadlines.js';
import type { FollowerState } from './followers.js';

/** The last that was heard of a server from one of its checkers. Nothing is decided by it. */
export interface LastAnswer {
  readonly at: Micros;
  /** Absent when there was none by the deadline. */
  readonly latency?: Micros;
  /** Absent = it passed. */
  readonly failure?: ProbeFailure;
}

/** A checker in its place: the machine's state, whose server it is, and where it waits. */
export interface CheckerSlot {
  config: CheckerConfig;
  state: CheckerState;
  /** Undefined until something was heard. */
  lastAnswer: LastAnswer | undefined;
  readonly server: RealServerState;
  /** Checkers due at the same instant run in the order in which they were configured. */
  readonly order: number;
  /** DeadlineQueue's. */
  place: number;
  wakeAt: Micros;
}

/** A follower in its place. */
export interface FollowerSlot {
  readonly config: FollowerConfig;
  state: FollowerState;
}

export interface RealServerState {
  config: RealServerConfig;
  /** `[IP]:tcp:PORT`. */
  readonly name: string;
  readonly virtualServer: VirtualServerState;
  alive: boolean;
  /** Last change of `alive`, or its beginning. */
  since: Micros;
  /** Checkers and followers that are down; alive while 0. */
  failedCheckers: number;
  checkers: CheckerSlot[];
  followers: FollowerSlot[];
  /** The configured weight and what checkers and followers add to it; the kernel's is clamped to what it takes. */
  weight: number;
  /** One per service of the virtual server, for the weight they carry: same objects as long as nothing changes. */
  destinations: { readonly weight: number; readonly perService: readonly Destination[] } | undefined;
}

export interface VirtualServerState {
  config: VirtualServerConfig;
  readonly key: string;
  servers: Map<string, RealServerState>;
  /** Its checks rest: ha_suspend, and none of its addresses is here. */
  suspended: boolean;
  quorumUp: boolean;
  /** Last change of `quorumUp`, or its beginning. */
  since: Micros;
  sorryActive: boolean;
  /** Sum of the weights of the alive servers. */
  aliveWeight: number;
  /** Undefined when something changed since they were made. */
  entries: readonly (readonly [ServiceKey, ServiceEntry])[] | undefined;
}

export interface PoolState {
  seed: number;
  /** Of the step under way, or the last one. */
  now: Micros;
  phase: 'new' | 'running' | 'stopped';
  /** no_checker_emails: changes of servers are mailed, not those of each of their checkers. */
  mailsServersOnly: boolean;
  /** rs_init_notifies: the first success of a server that counted as up is told like a change. */
  tellsFirstSuccess: boolean;
  lastProbeId: number;
  lastOrder: number;
  virtualServers: VirtualServerState[];
  /** What has been told to followers, and which addresses are on this host of those that somebody follows. */
  readonly followed: {
    readonly files: Map<string, number>;
    readonly sessions: Map<string, boolean>;
    readonly addresses: Set<IpAddress>;
  };
  readonly probes: Map<number, CheckerSlot>;
  readonly deadlines: DeadlineQueue<CheckerSlot>;
  /** Undefined when something changed since they were made. */
  tables: Tables | undefined;
}

/** `seed` is any 32-bit integer; the same seed and events give the same run. */
export function initialPool(seed: number): PoolState {
  return {
    seed,
    now: micros(0),
    phase: 'new',
    mailsServersOnly: false,
    tellsFirstSuccess: false,
    lastProbeId: 0,
    lastOrder: 0,
    virtualServers: [],
    followed: { files: new Map(), sessions: new Map(), addresses: new Set() },
    probes: new Map(),
    deadlines: new DeadlineQueue(),
    tables: new Map(),
  };
}

export function newVirtualServer(key: string, config: VirtualServerConfig, now: Micros): VirtualServerState {
  return {
    config,
    key,
    servers: new Map(),
    suspended: false,
    quorumUp: false,
    since: now,
    sorryActive: false,
    aliveWeight: 0,
    entries: undefined,
  };
}

export function newRealServer(virtualServer: VirtualServerState, config: RealServerConfig, now: Micros): RealServerState {
  return {
    config,
    name: serverName(virtualServer.config, config),
    virtualServer,
    alive: false,
    since: now,
    failedCheckers: 0,
    checkers: [],
    followers: [],
    weight: config.weight,
    destinations: undefined,
  };
}

export function newSlot(pool: PoolState, server: RealServerState, config: CheckerConfig, state: CheckerState): CheckerSlot {
  pool.lastOrder += 1;
  return { config, state, lastAnswer: undefined, server, order: pool.lastOrder, place: -1, wakeAt: micros(0) };
}

/** `[IP]:tcp:PORT`; `none` stands for the protocol of a firewall-mark service. */
export function serverName(
  { services }: VirtualServerConfig,
  { address, port }: Pick<RealServerConfig, 'address' | 'port'>,
): string {
  const identity = services[0]?.identity;
  return `[${address}]:${identity?.kind === 'address' ? identity.protocol : 'none'}:${port}`;
}
