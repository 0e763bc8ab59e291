/**
 * What one virtual router remembers between events: plain readonly data that survives structured clone. The rules that
 * change it live in backup.ts, master.ts and transitions.ts.
 */

import type { Family, IpAddress } from '../../base/address.js';
import { after, type Micros } from '../../base/time.js';
import type { Belongings } from './belongings.js';
import { NOTHING } from './belongings.js';
import type { DirectorConfig, InstanceConfig, VirtualAddress } from '../config.js';
import type { AnnouncementRates } from '../config/announcement.js';
import type { DirectorEffect, Ownerless } from '../events.js';
import { NOTHING_HEARD, type Freshness } from '../wire/freshness.js';
import type { ConflictKind, FaultReason, VrrpNote, VrrpState } from '../notes.js';
import { emptyStatistics, type Statistics } from './statistics.js';
import type { Trackers } from '../tracking/tracker-state.js';
import type { Pacing } from './pacing-state.js';
import { masterDownInterval, skewTime } from './timers.js';

/** Not started: an interface it depends on has not been reported yet. */
export interface InitializeState {
  readonly role: 'initialize';
}

export interface BackupState {
  readonly role: 'backup';
  readonly masterDownAt: Micros;
  /** Its timer ran out while its sync group was not ready. */
  readonly wantsMaster: boolean;
  /** End of a preempt delay; adverts of lower priority are accepted until then. */
  readonly preemptAt: Micros | undefined;
}

export interface MasterState {
  readonly role: 'master';
  readonly advertAt: Micros;
  /** The same object as long as nothing in it changes. */
  readonly advert: SendAdvert;
  /** Second set of announcements. */
  readonly announceAt: Micros | undefined;
  readonly refreshAt: Micros | undefined;
  /** Second set after an advert of lower priority. */
  readonly lowerPriorityAnnounceAt: Micros | undefined;
  /** garp_extra_if: the next announcement on other interfaces. Absent = none. */
  readonly extraAnnounceAt?: Micros | undefined;
  readonly rival: RivalOwner | undefined;
}

export interface FaultState {
  readonly role: 'fault';
}

export type RoleState = InitializeState | BackupState | MasterState | FaultState;

/** Another router that also claims priority 255. */
export interface RivalOwner {
  readonly address: IpAddress;
  readonly advertInterval: Micros;
  /** Own adverts still to pass before the rival is put on the clock. */
  readonly advertsLeft: number;
  /** Heard before this: it does not give way. */
  readonly until: Micros | undefined;
}

/** The addresses and what goes with them as last asked of the kernel. */
export interface AddressHolding {
  /** Of the last request; answers to older ones change nothing. */
  readonly epoch: number;
  readonly present: boolean;
  readonly status: 'applying' | 'applied' | 'failed';
  /** What the last request named. */
  readonly requested: Belongings;
  /** Known to be in the kernel because of us: only these are announced. */
  readonly held: readonly VirtualAddress[];
  readonly failures: number;
  /** Why the kernel refused last time, if it did. */
  readonly refusal: string | undefined;
  /** When it is asked for again: it was refused, or somebody else has taken some of it away. */
  readonly retryAt: Micros | undefined;
}

/** Bounds what others can make us do: so many times until the window ends. */
export interface Allowance {
  readonly windowEndsAt: Micros;
  readonly used: number;
}

/** Something that keeps happening although it should not. */
export interface Conflict {
  readonly kind: ConflictKind;
  /** The address of the router, or the virtual address and the MAC that claims it. */
  readonly by: string;
  readonly count: number;
  readonly lastAt: Micros;
  /** Undefined until it has happened often enough to be told. */
  readonly toldAt: Micros | undefined;
}

export interface Instance {
  readonly config: InstanceConfig;
  /** Effective priority, 1-255. */
  readonly priority: number;
  /** Our primary address; without one nothing can be sent. */
  readonly source: IpAddress | undefined;
  /** Own reasons only, not those of other group members. */
  readonly faults: readonly FaultReason[];
  /** Of the current master: learned in v3, ours in v2. */
  readonly masterInterval: Micros;
  /** Sender of the last accepted advert. */
  readonly master: { readonly address: IpAddress; readonly priority: number } | undefined;
  /** Kinds of packet faults already told since the master or the state changed. */
  readonly told: readonly string[];
  readonly allowance: Allowance;
  /** How often what somebody else has taken away was put back lately. */
  readonly repairs: Allowance;
  /** Sequences of authenticated adverts. */
  readonly freshness: Freshness;
  /** A unicast peer was heard making its checksums as keepalived before 1.3.6. */
  readonly oldChecksum: boolean;
  readonly addresses: AddressHolding;
  readonly statistics: Statistics;
  readonly conflicts: readonly Conflict[];
  /** Last change of role. */
  readonly since: Micros;
  readonly state: RoleState;
}

/** What no instance wants any more, until the kernel has let go of it. */
export interface Release extends Ownerless {
  /** Of the last request. */
  readonly epoch: number;
  readonly failures: number;
  /** Undefined while the kernel has not answered. */
  readonly retryAt: Micros | undefined;
}

/** Addresses of a master that has left, kept for its successor. */
export interface Handover {
  readonly config: InstanceConfig;
  readonly freshness: Freshness;
  /** Whether or not anybody has spoken, they are given up then. */
  readonly until: Micros;
}

export type SendAdvert = Extract<DirectorEffect, { type: 'sendAdvert' }>;

/** One step in the making. Effects and notes are appended in the order in which they are to happen. */
export interface Turn {
  readonly now: Micros;
  /** Nobody becomes master before this instant (vrrp_startup_delay); at most `now` when there is no delay. */
  readonly delayedUntil: Micros;
  /** Where adverts go; absent before the first configuration, when there is nobody to send any. */
  readonly multicastGroups: Readonly<Record<Family, IpAddress | undefined>>;
  /** Of all instances (virtualAddressKeys). */
  readonly virtualAddresses: ReadonlySet<string>;
  /** In force, or coming into force. */
  readonly director: DirectorConfig | undefined;
  /** How densely announcements may go; absent = as they come. */
  readonly rates: AnnouncementRates | undefined;
  readonly effects: DirectorEffect[];
  readonly notes: VrrpNote[];
  releases: readonly Release[];
  handovers: readonly Handover[];
  trackers: Trackers;
  pacing: Pacing;
  /** Last used epoch: never reused (runs of scripts count along), so an answer meant for an earlier life of an instance fits none. */
  epoch: number;
  seed: number;
}

export function newInstance(config: InstanceConfig, now: Micros): Instance {
  return {
    config,
    priority: config.priority,
    source: config.source,
    faults: [],
    masterInterval: config.advertInterval,
    master: undefined,
    told: [],
    allowance: { windowEndsAt: now, used: 0 },
    repairs: { windowEndsAt: now, used: 0 },
    freshness: NOTHING_HEARD,
    oldChecksum: false,
    addresses: {
      epoch: 0,
      present: false,
      status: 'applied',
      requested: NOTHING,
      held: [],
      failures: 0,
      refusal: undefined,
      retryAt: undefined,
    },
    statistics: emptyStatistics,
    conflicts: [],
    since: now,
    state: { role: 'initialize' },
  };
}

/** The word operators know; undefined before the start. */
export function vrrpState(state: RoleState): VrrpState | undefined {
  switch (state.role) {
    case 'backup':
      return 'BACKUP';
    case 'master':
      return 'MASTER';
    case 'fault':
      return 'FAULT';
    case 'initialize':
      return undefined;
  }
}

/** An owner counts with 255 in its timers even while its adverts carry 254. */
function timerPriority(instance: Instance): number {
  return instance.config.priority === 255 ? 255 : instance.priority;
}

/** Silence after which this instance takes over. */
export function downInterval(instance: Instance): Micros {
  const { version, downTimerAdverts } = instance.config;
  return masterDownInterval(version, timerPriority(instance), instance.masterInterval, downTimerAdverts);
}

/** The wait after a master has said goodbye. */
export function skewInterval(instance: Instance): Micros {
  return skewTime(instance.config.version, timerPriority(instance), instance.masterInterval);
}

/** When a takeover timer of this span set now runs out: a start-up delay comes first. */
export function takeoverAt(span: Micros, turn: Turn): Micros {
  return after(turn.now < turn.delayedUntil ? turn.delayedUntil : turn.now, span);
}
