/**
 * What the control process is told by the supervisor, and what it says back. Pictures travel as JSON text, made where the
 * machine runs and read where they are looked at: nobody on the way takes them apart.
 */

import type { LogLevel } from '../base/log.js';
import type { Micros } from '../base/time.js';
import type { MetricsNames } from '../conf/model.js';
import type { LogSettings } from '../io/logs/logger.js';
import type { BfdDescription } from '../bfd/describe.js';
import type { Child } from '../runtime/children-events.js';
import type { LvsDescription } from '../runtime/lvs-driver.js';
import type { CommandAnswer } from './commands.js';
import type { DbusSettings } from './dbus/paths.js';
import type { Links } from './health.js';
import type { DaemonName } from './introduction.js';
import type { SnmpSettings } from './snmp/settings.js';
import type { ByHandStatus } from './status.js';
import type { Webhook } from './webhook.js';
import type { DirectorDescription } from '../vrrp/describe.js';

/** What each kind of process shows of itself. */
export interface Shown {
  readonly vrrp: DirectorDescription;
  readonly checkers: LvsDescription;
  readonly bfd: BfdDescription;
}

/** One look at a process. */
export interface Picture<C extends Child = Child> {
  /** On the clock of the machine, and milliseconds since 1970 of the same moment: instants inside are on the first. */
  readonly takenAt: Micros;
  readonly wallTime: number;
  /** Of the process's event loop; absent until it has been measured. */
  readonly lag?: Lag;
  readonly shown: Shown[C];
}

/** Of an event loop in the last minute, milliseconds. */
export interface Lag {
  readonly p99: number;
  readonly max: number;
}

/** Something that happened, as the log tells it. */
export interface FeedEvent {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: LogLevel;
  /** Stable name. */
  readonly event: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** An event in the supervisor's order. */
export interface NumberedEvent extends FeedEvent {
  /** Grows by one with each event since the daemon started. */
  readonly id: number;
  readonly from: Speaker;
}

export type Speaker = 'supervisor' | Child;

/** Of what two directors must share: equal texts mean that they agree. */
export interface ConfigurationDigests {
  readonly vrrp: string;
  readonly lvs: string;
}

export interface DaemonFacts {
  readonly version: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly configurationFile: string;
  /** Counts the configurations that were taken into use; 1 = the first. */
  readonly generation: number;
  /** Of the configuration in force, milliseconds since 1970. */
  readonly loadedAt: number;
  readonly digests?: ConfigurationDigests;
  readonly stopping: boolean;
  readonly processes: readonly { readonly name: Child; readonly pid?: number }[];
  /** Of a control service: who has shown something to it since it began. Absent otherwise. */
  readonly daemons?: readonly DaemonPartFacts[];
}

/** One daemon among those that a control service knows. */
export interface DaemonPartFacts {
  readonly name: DaemonName;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly generation: number;
  /** Its last word about that. */
  readonly stopping: boolean;
  /** It does not say anything any more. */
  readonly isGone: boolean;
}

/** From the supervisor. */
export type Feed =
  | { readonly type: 'daemon'; readonly facts: DaemonFacts }
  /** `text` is a Picture of `of`. */
  | { readonly type: 'picture'; readonly of: Child; readonly text: string }
  /** The process has ended; what it showed holds no longer. */
  | { readonly type: 'gone'; readonly of: Child }
  /** Of who has no picture of its own. */
  | { readonly type: 'lag'; readonly of: 'supervisor' | 'control'; readonly lag: Lag }
  /** What operators have said; the whole list. */
  | { readonly type: 'byHand'; readonly words: readonly ByHandStatus[] }
  /** `text` is an SnmpConfiguration; sent where SNMP is served. */
  | { readonly type: 'configuration'; readonly text: string }
  /** A connection to the AgentX master comes with it, or why there is none. */
  | { readonly type: 'master'; readonly refusal?: string }
  /** The addresses on the interfaces, asked of the kernel at this moment: interface and address. */
  | { readonly type: 'links'; readonly links: Links }
  /** These hold from now on. */
  | { readonly type: 'webhooks'; readonly webhooks: readonly Webhook[] }
  /** To a command. */
  | { readonly type: 'answer'; readonly id: number; readonly answer: CommandAnswer }
  /** In order; numbers that are left out were too many to be sent. */
  | { readonly type: 'events'; readonly events: readonly NumberedEvent[] };

/** To the supervisor. */
export type ControlReport =
  /** The socket is there. */
  | { readonly type: 'listening' }
  /** There will be no socket with these settings. */
  | { readonly type: 'refused'; readonly reason: string }
  /** Somebody wants to know what is shown; not said more often than once in some seconds. */
  | { readonly type: 'looked' }
  /** From an operator who may; not to be trusted beyond that. */
  | { readonly type: 'command'; readonly id: number; readonly command: unknown }
  /** By a program on D-Bus; not to be trusted either. */
  | { readonly type: 'asked'; readonly request: unknown }
  /** A webhook, by its place in the configuration, has got the events up to this one. */
  | { readonly type: 'posted'; readonly webhook: number; readonly id: number }
  /** Which addresses are on the interfaces now: a control service may be in a network of its own. */
  | { readonly type: 'linksWanted' }
  /** The AgentX master's socket is for root. */
  | { readonly type: 'masterWanted' };

/** What the process knows from its command line. */
export interface ControlSettings {
  readonly log: LogSettings;
  /** Absent = there are none. */
  readonly sockets?: SocketSettings;
  /** Absent = nobody listens for HTTP. */
  readonly http?: HttpSettings;
  /** Absent = nothing is shown on D-Bus. */
  readonly dbus?: DbusSettings;
  /** Absent = nothing is shown through SNMP. */
  readonly snmp?: SnmpSettings;
  /** Exporters for keepalived whose metrics are spoken beside our own. */
  readonly metricsNames: readonly MetricsNames[];
}

export interface HttpSettings {
  /** Of the loopback interface. */
  readonly address: string;
  readonly port: number;
  readonly tokenFile: string;
  /** Whose members may read it. */
  readonly groupId: number;
  /** Absent = commands are not taken over HTTP. */
  readonly adminTokenFile?: string;
  readonly adminGroupId: number;
  /** Changes when one of the files does, so that new tokens count from the next reload on. */
  readonly stamp: string;
}

export interface SocketSettings {
  /** For questions; who may use it, beside root. */
  readonly path: string;
  readonly groupId: number;
  /** For commands too. */
  readonly adminPath: string;
  readonly adminGroupId: number;
}
