/** The pool's alphabet: what probes answer and what the pool asks for. */

import type { IpAddress } from '../base/address.js';
import type { Command } from '../base/command.js';
import type { ProgramEnding } from '../base/program-ending.js';
import type { Micros } from '../base/time.js';
import type { CheckType, ProbeSpec } from './config-check.js';
import type { PoolConfig } from './config.js';

/**
 * What came of searching a body for a pattern. `unreadable`: with utf, and the body is not UTF-8. `tooSlow`: given up. Both prove
 * neither that the pattern is there nor that it is not.
 */
export type SearchOutcome = 'found' | 'missing' | 'unreadable' | 'tooSlow';

/** Why a probe failed, as data; `runtime/narrate/check.ts` has the sentences. */
export type ProbeFailure =
  /** unreachable: no way there from this machine; hostUnreachable: the network says so later. */
  | { readonly type: 'refused' | 'unreachable' | 'hostUnreachable' | 'connectTimeout' | 'connectionFailed' }
  | { readonly type: 'tlsFailed'; readonly detail: string }
  | { readonly type: 'sendFailed' | 'readFailed' | 'noData' | 'malformedReply' }
  /** `begun`: a web server's answer had begun. */
  | { readonly type: 'readTimeout'; readonly begun?: true }
  | { readonly type: 'statusCode'; readonly status: number }
  | { readonly type: 'digest'; readonly digest: string }
  /** regex: what was wanted of it has not come out of the search. */
  | { readonly type: 'pattern'; readonly outcome: SearchOutcome }
  /** SMTP_CHECK: no 220 to begin with, no 250 to HELO. */
  | { readonly type: 'badBanner' | 'badHelo' }
  /** An answer that is none of those wanted; `detail` in our own words. */
  | { readonly type: 'unexpected'; readonly detail: string }
  /** UDP_CHECK: an answer of other bytes or another length than asked for. */
  | { readonly type: 'otherReply' }
  /** MISC_CHECK. */
  | { readonly type: 'program'; readonly ending: ProgramEnding }
  /** DNS_CHECK: RFC 1035 RCODE, 1-15. */
  | { readonly type: 'dnsError'; readonly responseCode: number };

export type Verdict =
  /**
   * `weight`: what the server's weight shall be; absent = as configured. `certificateDays`: whole days that the certificate
   * is valid, negative when it no longer is; absent without TLS.
   */
  | { readonly type: 'passed'; readonly latency: Micros; readonly weight?: number; readonly certificateDays?: number }
  | { readonly type: 'failed'; readonly failure: ProbeFailure; readonly latency: Micros }
  /** Our own trouble (no socket, bind failed): the server's state does not change and the check is rescheduled. */
  | { readonly type: 'local'; readonly operation: 'socket' | 'bind'; readonly code: string };

/**
 * A question that is expected to pass, handed over ahead: it is asked at `at`, and `every` after each pass again, not after `until`.
 * The first that does not pass, or the last pass, is the answer.
 */
export interface Series {
  readonly at: Micros;
  readonly every: Micros;
  readonly until: Micros;
}

/** What has passed within a series that goes on. */
export interface PassSeen {
  readonly id: number;
  readonly latency: Micros;
  readonly at: Micros;
}

export type PoolEvent =
  | { readonly type: 'reconfigured'; readonly config: PoolConfig }
  /** `at`: when it was answered, where that is not now. */
  | { readonly type: 'probeAnswered'; readonly id: number; readonly verdict: Verdict; readonly at?: Micros }
  /** What is to be shown of the series under way. Nothing follows from it. */
  | { readonly type: 'passesSeen'; readonly seen: readonly PassSeen[] }
  /** The number in a file that somebody follows; reported before the configuration that follows it, and when it changes. */
  | { readonly type: 'fileRead'; readonly path: string; readonly value: number }
  /** A BFD session that somebody follows. */
  | { readonly type: 'sessionChanged'; readonly session: string; readonly up: boolean }
  /** ha_suspend: an address of a virtual server is on this host, or no longer. */
  | { readonly type: 'addressChanged'; readonly address: IpAddress; readonly present: boolean }
  /** What the kernel was just seen to hold: entries of weight 0 without connections (entryKey of ipvs/tables.ts). */
  | { readonly type: 'entriesSeenIdle'; readonly idle: ReadonlySet<string> }
  /** Of an earlier process, before the first configuration: servers that manual_resume keeps out. */
  | { readonly type: 'holdsInherited'; readonly holds: readonly string[]; readonly verdicts?: InheritedVerdicts }
  /** An operator lets servers back in that manual_resume keeps out; names as in notes, absent = all. */
  | { readonly type: 'resumeRequested'; readonly server?: string; readonly virtualServer?: string }
  | { readonly type: 'timeout' }
  /** Orderly stop. With `keepTables` (-I) the services stay as they are and nobody is told that they go down. */
  | { readonly type: 'stopRequested'; readonly keepTables: boolean };

export type PoolEffect =
  /**
   * Answered by probeAnswered with the same id, at the latest at `deadline`. The last pass of a series, which changes nothing, need
   * not be told at once.
   */
  | { readonly type: 'startProbe'; readonly id: number; readonly spec: ProbeSpec; readonly deadline: Micros; readonly series?: Series }
  /** A series is waited for now: what it would ask next it asks at once, and any answer is to be told at once. */
  | { readonly type: 'attendProbe'; readonly id: number }
  | { readonly type: 'cancelProbe'; readonly id: number }
  /** `key` names the object: its commands run in order, those of different objects side by side. */
  | { readonly type: 'runCommand'; readonly key: string; readonly command: Command }
  /** Programs that read state changes are to hear this one. Without `server` the virtual server's quorum changed. */
  | { readonly type: 'tellState'; readonly server?: string; readonly virtualServer: string; readonly up: boolean }
  /** For other processes, and for the next of this kind: the whole of it each time. */
  | ({ readonly type: 'report' } & PoolReport)
  /** Operators get a mail. Without `server` it is about the virtual server's quorum. */
  | {
      readonly type: 'mail';
      readonly server?: string;
      readonly virtualServer: string;
      readonly up: boolean;
      readonly cause: MailCause;
    };

/** At a restart in place: whether each checker found its server up. Names are opaque (standing.ts, verdictsOf). */
export type InheritedVerdicts = readonly (readonly [checker: string, up: boolean])[];

/** What other processes are told of the pools. */
export interface PoolReport {
  /** Virtual servers that are followed and of which something is certain: whether they have their quorum. */
  readonly quorums: readonly { readonly virtualServer: string; readonly up: boolean }[];
  /** Servers that manual_resume keeps out; opaque. */
  readonly holds: readonly string[];
}

/** Why a mail is sent. */
export type MailCause =
  /** `failure` where the mail names it, and `target`, who was asked: `[IP]:PORT`. */
  | { readonly type: 'checkPassed' | 'checkFailed'; readonly check: CheckType; readonly failure?: ProbeFailure; readonly target?: string }
  /** A reload no longer names the object, or the daemon stops. */
  | { readonly type: 'removed' | 'stopped' }
  /** `threshold` is quorum plus (gained) or minus (lost) hysteresis. */
  | ({ readonly type: 'quorumGained' | 'quorumLost' | 'quorumDownAtStart' } & QuorumNumbers);

export interface QuorumNumbers {
  readonly quorum: number;
  readonly hysteresis: number;
  readonly threshold: number;
  /** Sum of the weights of the alive servers. */
  readonly weight: number;
}
