/**
 * What the pool keeps. Owned by the pool alone and changed in place: one event must not copy ten thousand servers. Others
 * hold it as an opaque value between steps and never use an older one again.
 */

import type { IpAddress } from '../base/address.js';
import { micros } from '../base/time.js';
import type { Micros } from '../base/time.js';
import type { Destination, DestinationKey, ServiceEntry, ServiceKey, Tables } from '../ipvs/tables.js';
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

/** Checkers that ask the same in the same rhythm (shared-questions.ts). */
export interface QuestionGroup {
  readonly key: string;
  /** In the order in which they came; the rhythm is that of the first. */
  readonly members: Set<CheckerSlot>;
  /** Probes under way, by the index of what is asked; undefined until the first is. */
  asked: Map<number, SharedProbe> | undefined;
}

export interface SharedProbe {
  /** Of the probe that was started. */
  readonly id: number;
  readonly group: QuestionGroup;
  readonly url: number;
  /** Probes that its answer is for, its own among them unless whoever started it is gone. */
  readonly open: Set<number>;
  /** A pass need not be told at once. */
  quiet: boolean;
}

/** A checker in its place: the machine's state, whose server it is, and where it waits. */
export interface CheckerSlot {
  config: CheckerConfig;
  state: CheckerState;
  /** Undefined until something was heard. */
  lastAnswer: LastAnswer | undefined;
  readonly server: RealServerState;
  group: QuestionGroup;
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

/** What a server is in the tables, one place per service of its virtual server; undefined in those it does not suit. */
export interface ServerDestinations {
  readonly weight: number;
  readonly perService: readonly (PlacedDestination | undefined)[];
}

/** With its key: to put keys together for ten thousand servers takes longer than anything else about a change of one in ten. */
export interface PlacedDestination {
  readonly key: DestinationKey;
  readonly destination: Destination;
}

/** Also sleeps in a queue of its own, for what happens to it by time alone. */
export interface RealServerState {
  config: RealServerConfig;
  /** `[IP]:tcp:PORT`. */
  readonly name: string;
  readonly virtualServer: VirtualServerState;
  /** Its checks pass and nothing keeps it out. */
  alive: boolean;
  /** Last change of `alive`, or its beginning. */
  since: Micros;
  /** Checkers and followers that are down. */
  failedCheckers: number;
  /** manual_resume: it went down and waits for an operator's word. */
  held: boolean;
  /** flap_damping: undefined while it has never gone down. `penalty` is that of the instant `at`. */
  flaps: { readonly penalty: number; readonly at: Micros; readonly suppressed: boolean } | undefined;
  /** slow_start while it lasts: `share` of its weight is what counts in the kernel. */
  ramp: { readonly since: Micros; readonly share: number; readonly nextAt: Micros } | undefined;
  /** DeadlineQueue's. */
  readonly order: number;
  place: number;
  wakeAt: Micros;
  checkers: CheckerSlot[];
  followers: FollowerSlot[];
  /** The configured weight and what checkers and followers add to it; the kernel's is clamped to what it takes. */
  weight: number;
  /** Of the weight last wanted: same objects as long as nothing changes. */
  destinations: ServerDestinations | undefined;
}

export interface VirtualServerState {
  config: VirtualServerConfig;
  readonly key: string;
  servers: Map<string, RealServerState>;
  /** Its checks rest: ha_suspend, and none of its addresses is here. */
  suspended: boolean;
  /** Taken out by a reload, at weight 0 until their connections are gone or `until`. */
  draining: Map<string, { readonly server: RealServerState; readonly until: Micros }>;
  quorumUp: boolean;
  /** Last change of `quorumUp`, or its beginning. */
  since: Micros;
  sorryActive: boolean;
  /** The tier of backup servers that serves in place of the real servers. */
  activeTier: number | undefined;
  /** What those who follow its quorum have been told; undefined while nothing is certain. */
  told: boolean | undefined;
  /** Sum of the weights of the alive real servers; backup servers do not count. */
  aliveWeight: number;
  /** Undefined when something changed since they were made. */
  entries: readonly (readonly [ServiceKey, ServiceEntry])[] | undefined;
}

export interface PoolState {
  /** See checkerDeadline; 0 = every question is asked when it is due. */
  readonly foresight: Micros;
  /** Questions are asked up to so much before their time together with others; 0 = each when it is due. */
  readonly slack: Micros;
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
  /** Whoever waits for an answer, by the number of its own probe, shared or not. */
  readonly probes: Map<number, CheckerSlot>;
  /** Probes under way, by their number. */
  readonly sharedProbes: Map<number, SharedProbe>;
  readonly questions: Map<string, QuestionGroup>;
  /** Those with servers that are being drained. */
  readonly draining: Set<VirtualServerState>;
  readonly deadlines: DeadlineQueue<CheckerSlot>;
  /** Servers that wait for the next step of their slow start or for the end of their suppression. */
  readonly serverDeadlines: DeadlineQueue<RealServerState>;
  /** By `SERVER VIRTUAL_SERVER`: whom manual_resume keeps out, those of an earlier process among them until they are met. */
  readonly held: Set<string>;
  /** What the checkers of the program before had found, until the first configuration is in force. */
  readonly inherited: Map<string, boolean>;
  /** Virtual servers whose quorum somebody follows. */
  tracked: readonly VirtualServerState[];
  /** Those who are told of quorums and holds have not heard the last of it. */
  untold: boolean;
  /** Undefined when something changed since they were made. */
  tables: Tables | undefined;
}

/** `seed` is any 32-bit integer; the same seed and events give the same run. */
export function initialPool(seed: number, foresight = micros(0), slack = micros(0)): PoolState {
  return {
    foresight,
    slack,
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
    sharedProbes: new Map(),
    questions: new Map(),
    draining: new Set(),
    deadlines: new DeadlineQueue(),
    serverDeadlines: new DeadlineQueue(),
    held: new Set(),
    inherited: new Map(),
    tracked: [],
    untold: false,
    tables: new Map(),
  };
}

export function newVirtualServer(key: string, config: VirtualServerConfig, now: Micros): VirtualServerState {
  return {
    config,
    key,
    servers: new Map(),
    suspended: false,
    draining: new Map(),
    quorumUp: false,
    since: now,
    sorryActive: false,
    activeTier: undefined,
    told: undefined,
    aliveWeight: 0,
    entries: undefined,
  };
}

export function newRealServer(
  pool: PoolState,
  virtualServer: VirtualServerState,
  config: RealServerConfig,
  now: Micros,
): RealServerState {
  pool.lastOrder += 1;
  return {
    config,
    name: serverName(virtualServer.config, config),
    virtualServer,
    alive: false,
    since: now,
    failedCheckers: 0,
    held: false,
    flaps: undefined,
    ramp: undefined,
    order: pool.lastOrder,
    place: -1,
    wakeAt: micros(0),
    checkers: [],
    followers: [],
    weight: config.weight,
    destinations: undefined,
  };
}

/** `[IP]:tcp:PORT`; `none` stands for the protocol of a firewall-mark service. */
export function serverName(
  { services }: VirtualServerConfig,
  { address, port }: Pick<RealServerConfig, 'address' | 'port'>,
): string {
  const identity = services[0]?.identity;
  // In one piece: a template is a chain of pieces that all stay as long as the name.
  return ['[', address, ']:', identity?.kind === 'address' ? identity.protocol : 'none', ':', port].join('');
}
