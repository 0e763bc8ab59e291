/**
 * What the supervisor and its children say to each other over the fork channel ('advanced' serialization, so plain data,
 * Map and typed arrays survive). A message of unknown shape is undefined, never an exception: the other end may be of
 * another version for a moment during an upgrade.
 */

import { given } from '../../base/given.js';
import { micros } from '../../base/time.js';
import type { Micros } from '../../base/time.js';
import type { GlobalConfig, Model } from '../../conf/model.js';
import type { FeedEvent } from '../../control/feed.js';
import type { PoolReport } from '../../health/events.js';
import type { GroupMarks } from '../../health/marks.js';
import type { ServiceKey } from '../../ipvs/tables.js';
import type { AccountTable } from '../../io/processes/accounts.js';
import type { LogSettings } from '../../io/logs/logger.js';
import type { Alert } from '../../runtime/alert-text.js';
import type { Child } from '../../runtime/children-events.js';
import type { Legacy } from '../../vrrp/events.js';
import type { InstanceSetting } from '../../vrrp/config.js';
import type { Relief } from '../restart/relief.js';
import type { PackedPool } from './packed-pool.js';
import { packPool, unpackPool } from './packed-pool.js';

/** What a dump shall hold: SIGUSR1, SIGUSR2, keepalived's SIGRTMAX-1 and SIGRTMIN+2. */
export type DumpKind = 'data' | 'statistics' | 'statisticsAndClear' | 'json';
const DUMP_KINDS: readonly string[] = ['data', 'statistics', 'statisticsAndClear', 'json'] satisfies DumpKind[];

/** What a child knows before its first configuration. */
export interface ChildSettings {
  readonly log: LogSettings;
  readonly pidFile: string;
  /** A path. IPVS is programmed there; absent = where the process is. */
  readonly ipvsNamespace?: string;
  /** --dont-release-vrrp for the VRRP process, --dont-release-ipvs for the checkers. */
  readonly keepAtExit: boolean;
  /** File mode mask: of the log file, too. */
  readonly umask: number;
  /** --address-monitoring. */
  readonly logAddresses: boolean;
}

/** The first message to a child: until then it only loads. */
export interface SettingsMessage {
  readonly type: 'settings';
  readonly settings: ChildSettings;
}

/** Undefined for everything else. The settings come from the same program and are not checked again. */
export function parseSettingsMessage(value: unknown): ChildSettings | undefined {
  if (!isRecord(value) || value['type'] !== 'settings' || !isRecord(value['settings'])) return undefined;
  return value['settings'] as unknown as ChildSettings;
}

/** What every child is told. */
interface CommonPart {
  readonly global: GlobalConfig;
  /** Every account of the configuration: no child asks the user database. */
  readonly accounts: AccountTable;
  /** Whether this child runs the program that reads notify_fifo: the first one started does. */
  readonly readsCommonFifo: boolean;
  /** File mode mask. */
  readonly umask: number;
  /** Whether there is a control process that wants to see what this one does. */
  readonly shown: boolean;
}

/** Each child gets its own part of the model only. */
export interface VrrpPart extends CommonPart {
  readonly child: 'vrrp';
  readonly director: Model['director'];
  /** What BFD has said so far of the sessions that VRRP follows. Heard before the rest: what is up must hold nobody in FAULT. */
  readonly sessions: readonly SessionChange[];
  /** What the checkers have said so far of the quorums that VRRP tracks; heard before the rest. */
  readonly quorums: PoolReport['quorums'];
  /** Of a process that died and whose place this one takes. */
  readonly legacy?: Legacy;
}

export interface CheckersPart extends CommonPart {
  readonly child: 'checkers';
  readonly pool: Model['pool'];
  /** The VRRP instances that are master, as far as VRRP has said; empty while nothing here follows them. */
  readonly masters: readonly string[];
  /** What BFD has said so far of the sessions that checkers follow; heard before the rest. */
  readonly sessions: readonly SessionChange[];
  /** Servers that manual_resume kept out in the process before this one. */
  readonly holds: readonly string[];
  /** nftables_ipvs: the marks that groups had with the process before this one. */
  readonly marks: GroupMarks;
  /** What the processes before this one may have left in the kernel's tables. */
  readonly services: readonly ServiceKey[];
}

export interface BfdPart extends CommonPart {
  readonly child: 'bfd';
  readonly bfd: Model['bfd'];
}

interface Parts {
  readonly vrrp: VrrpPart;
  readonly checkers: CheckersPart;
  readonly bfd: BfdPart;
}
type Part = Parts[Child];

export type PartOf<C extends Child> = Parts[C];

/** What the BFD process says of one of its sessions. */
export interface SessionChange {
  readonly session: string;
  readonly up: boolean;
  /** On the clock that all processes read. */
  readonly at: Micros;
}

/** There is no message for "stop": that is SIGTERM, which also ends a child that does not listen yet. */
export type DownMessage<P = Part> =
  | { readonly type: 'configure'; readonly generation: number; readonly part: P }
  /** The same configuration with what operators have said since: to the checkers and to VRRP. */
  | { readonly type: 'overlaid'; readonly pool: Model['pool']; readonly director: Model['director'] }
  /** To those who follow the session. */
  | { readonly type: 'session'; readonly change: SessionChange }
  /** To the VRRP process, when it tracks virtual servers: all that is known of their quorums. */
  | { readonly type: 'quorums'; readonly quorums: PoolReport['quorums'] }
  /** To the checkers: an operator lets servers back in (manual_resume); names as in the log, absent = all. */
  | { readonly type: 'resume'; readonly server?: string; readonly virtualServer?: string }
  /** To the checkers, when an instance is followed: all that are master now. */
  | { readonly type: 'masters'; readonly masters: readonly string[] }
  /** To VRRP: the addresses of this instance once more. */
  | { readonly type: 'announce'; readonly instance: string }
  /** To VRRP: a manager has set it over SNMP. */
  | { readonly type: 'instanceSet'; readonly setting: InstanceSetting }
  /** To the checkers: somebody looks at the status, or at metrics. */
  | { readonly type: 'looked' }
  /** Leave, and leave everything as it is; VRRP when a successor says so. */
  | ({ readonly type: 'relieve' } & Relief)
  /** There will be no successor after all. */
  | { readonly type: 'retain' }
  | { readonly type: 'dump'; readonly kind: DumpKind };

export type UpMessage =
  /** Signal handlers stand, modules are loaded: configure me. */
  | { readonly type: 'ready' }
  | { readonly type: 'configured'; readonly generation: number }
  /** VRRP only: what to give the next process should this one die, and what to do when there is no next one. */
  | { readonly type: 'legacy'; readonly legacy: Legacy; readonly will: Uint8Array }
  /** VRRP only: states, by routeKey, to which instances are going; what was said of others holds. */
  | { readonly type: 'states'; readonly states: Legacy['states'] }
  /** For the mail process. */
  | { readonly type: 'alert'; readonly alert: Alert }
  /** VRRP only: all instances that are master now. */
  | { readonly type: 'masters'; readonly masters: readonly string[] }
  /** BFD only. */
  | { readonly type: 'session'; readonly change: SessionChange }
  /** A look at this process for the control process, as JSON of control/feed.ts's Picture. */
  | { readonly type: 'picture'; readonly text: string }
  /** What it has told lately, and how many more were too many. */
  | { readonly type: 'events'; readonly events: readonly FeedEvent[]; readonly lost: number }
  /** Checkers only. */
  | { readonly type: 'pools'; readonly report: PoolReport }
  /** Checkers only: the marks of groups, all of them. */
  | { readonly type: 'marks'; readonly marks: GroupMarks }
  /** Checkers only: all services that may be in the kernel by its doing, told before they are. */
  | { readonly type: 'services'; readonly services: readonly ServiceKey[] }
  /** Heartbeat. */
  | { readonly type: 'alive' };

/** What partFor() is made of. */
export interface PartSources {
  readonly model: Model;
  readonly accounts: AccountTable;
  /** All children that run. */
  readonly children: readonly Child[];
  readonly legacy: Legacy | undefined;
  /** Of BFD, as far as `child` follows them. */
  readonly sessions: readonly SessionChange[];
  /** Of VRRP, for the checkers. */
  readonly masters: readonly string[];
  /** Of the checkers: quorums for VRRP, the rest for the checkers process that comes next. */
  readonly pools: PoolReport & { readonly marks: GroupMarks; readonly services: readonly ServiceKey[] };
  readonly umask: number;
  readonly shown: boolean;
}

/** The part of the model that `child` works with. */
export function partFor(child: Child, { model, accounts, children, legacy, sessions, masters, pools, umask, shown }: PartSources): Part {
  const common = { global: model.global, accounts, readsCommonFifo: children[0] === child, umask, shown };
  if (child === 'bfd') return { child, ...common, bfd: model.bfd };
  if (child === 'checkers') {
    const { holds, marks, services } = pools;
    return { child, ...common, pool: model.pool, sessions, masters, holds, marks, services };
  }
  return { child, ...common, director: model.director, sessions, quorums: pools.quorums, ...(legacy === undefined ? {} : { legacy }) };
}

/** A message as it goes to a child, where parseDownMessage understands it. */
export function packedMessage(message: DownMessage): object {
  if (message.type === 'overlaid') return { ...message, pool: packPool(message.pool) };
  if (message.type !== 'configure' || message.part.child !== 'checkers') return message;
  return { ...message, part: { ...message.part, pool: packPool(message.part.pool) } };
}

/** A child's message, or undefined. */
export function parseUpMessage(value: unknown): UpMessage | undefined {
  if (!isRecord(value)) return undefined;
  switch (value['type']) {
    case 'ready':
    case 'alive':
      return { type: value['type'] };
    case 'configured':
      return typeof value['generation'] === 'number' ? { type: 'configured', generation: value['generation'] } : undefined;
    case 'picture':
      return typeof value['text'] === 'string' ? { type: 'picture', text: value['text'] } : undefined;
    case 'events': {
      const { events, lost } = value;
      if (!Array.isArray(events) || typeof lost !== 'number') return undefined;
      return { type: 'events', events: events as readonly FeedEvent[], lost };
    }
    case 'states':
      return value['states'] instanceof Map ? { type: 'states', states: value['states'] as Legacy['states'] } : undefined;
    case 'alert':
      return isRecord(value['alert']) ? { type: 'alert', alert: value['alert'] as unknown as Alert } : undefined;
    case 'session': {
      const change = sessionChange(value['change']);
      return change === undefined ? undefined : { type: 'session', change };
    }
    case 'masters':
      return areNames(value['masters']) ? { type: 'masters', masters: value['masters'] } : undefined;
    case 'pools': {
      const { report } = value;
      if (!isRecord(report) || !isQuorums(report['quorums']) || !areNames(report['holds'])) return undefined;
      return { type: 'pools', report: { quorums: report['quorums'], holds: report['holds'] } };
    }
    case 'marks':
      return areGroupMarks(value['marks']) ? { type: 'marks', marks: value['marks'] } : undefined;
    case 'services':
      return areNames(value['services']) ? { type: 'services', services: value['services'] } : undefined;
    case 'legacy': {
      const { legacy, will } = value;
      if (!isRecord(legacy) || !(will instanceof Uint8Array)) return undefined;
      return { type: 'legacy', legacy: legacy as unknown as Legacy, will };
    }
    default:
      return undefined;
  }
}

/**
 * The supervisor's message for this child, or undefined. The model inside comes from the same program's conf room and is
 * not checked again.
 */
export function parseDownMessage<C extends Child>(
  child: C,
  value: unknown,
): DownMessage<PartOf<C>> | undefined {
  if (!isRecord(value)) return undefined;
  switch (value['type']) {
    case 'dump':
      return isDumpKind(value['kind']) ? { type: 'dump', kind: value['kind'] } : undefined;
    case 'looked':
    case 'retain':
      return { type: value['type'] };
    case 'relieve': {
      const { path, outlivesSupervisor, remaining } = value;
      if (typeof path !== 'string' || typeof outlivesSupervisor !== 'boolean') return undefined;
      return { type: 'relieve', path, outlivesSupervisor, remaining: Array.isArray(remaining) ? remaining.map(String) : undefined };
    }
    case 'announce':
      return typeof value['instance'] === 'string' ? { type: 'announce', instance: value['instance'] } : undefined;
    case 'instanceSet': {
      const { setting } = value;
      return isRecord(setting) && typeof setting['instance'] === 'string' ? { type: 'instanceSet', setting: setting as unknown as InstanceSetting } : undefined;
    }
    case 'session': {
      const change = sessionChange(value['change']);
      return change === undefined ? undefined : { type: 'session', change };
    }
    case 'masters':
      return areNames(value['masters']) ? { type: 'masters', masters: value['masters'] } : undefined;
    case 'quorums':
      return isQuorums(value['quorums']) ? { type: 'quorums', quorums: value['quorums'] } : undefined;
    case 'resume': {
      const { server, virtualServer } = value;
      if (!isOptionalText(server) || !isOptionalText(virtualServer)) return undefined;
      return { type: 'resume', ...given({ server, virtualServer }) };
    }
    case 'overlaid': {
      const { pool, director } = value;
      if (!isPool(pool) || !isRecord(director)) return undefined;
      return { type: 'overlaid', pool: unpackPool(pool), director: director as unknown as Model['director'] };
    }
    case 'configure': {
      const { generation, part } = value;
      if (typeof generation !== 'number' || !isRecord(part) || part['child'] !== child) return undefined;
      const { pool } = part;
      if (child !== 'checkers') return { type: 'configure', generation, part: part as unknown as PartOf<C> };
      return isPool(pool) ? { type: 'configure', generation, part: { ...part, pool: unpackPool(pool) } as unknown as PartOf<C> } : undefined;
    }
    default:
      return undefined;
  }
}

function sessionChange(value: unknown): SessionChange | undefined {
  if (!isRecord(value)) return undefined;
  const { session, up, at } = value;
  return typeof session === 'string' && typeof up === 'boolean' && typeof at === 'number' ? { session, up, at: micros(at) } : undefined;
}

/** As GroupMarks has them. */
export function areGroupMarks(value: unknown): value is GroupMarks {
  const isMark = (each: unknown): boolean => Array.isArray(each) && each.length === 2 && typeof each[0] === 'string' && Number.isInteger(each[1]);
  return Array.isArray(value) && value.every(isMark);
}

export function areNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function isQuorums(value: unknown): value is PoolReport['quorums'] {
  const isQuorum = (each: unknown): boolean => isRecord(each) && typeof each['virtualServer'] === 'string' && typeof each['up'] === 'boolean';
  return Array.isArray(value) && value.every(isQuorum);
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function isDumpKind(value: unknown): value is DumpKind {
  return typeof value === 'string' && DUMP_KINDS.includes(value);
}

/** What is in it comes from the same program. */
function isPool(value: unknown): value is PackedPool {
  return isRecord(value) && Array.isArray(value['virtualServers']);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
