/**
 * Everything the health machines find worth telling an operator, as data in the order it happened. The sentences are made
 * elsewhere. `server` is `[IP]:tcp:PORT`, `virtualServer` the configured server's name as keepalived prints it.
 */

import type { Micros } from '../base/time.js';
import type { CheckType } from './config-check.js';
import type { ProbeFailure, QuorumNumbers, Verdict } from './events.js';

interface ServerNamed {
  readonly server: string;
  readonly virtualServer: string;
}

export type CheckerFinding =
  /** A checker comes up, or succeeds for the first time. */
  | { readonly type: 'checkSucceeded'; readonly check: CheckType; readonly program?: string; readonly target?: string }
  /** A probe of a checker that is up failed, and the operator wants to hear of all failures. */
  | {
      readonly type: 'probeFailed';
      readonly check: CheckType;
      readonly failure: ProbeFailure;
      readonly url?: number;
      /** MISC_CHECK: how many of the allowed retries this was; 0 = the first failure. */
      readonly retry?: { readonly number: number; readonly of: number };
      readonly program?: string;
      /** SMTP_CHECK and DNS_CHECK: who was asked, `[IP]:PORT`. */
      readonly target?: string;
    }
  /**
   * The checker goes down. `retries` are told as used up; 0 when none are to be named. `failure` where the sentence about the
   * checker names it.
   */
  | {
      readonly type: 'checkFailed';
      readonly check: CheckType;
      readonly retries: number;
      readonly failure?: ProbeFailure;
      readonly program?: string;
      readonly target?: string;
    }
  /** One url answered as wanted while the checker is not up; `url` counts from 1. */
  | {
      readonly type: 'urlPassed';
      readonly check: CheckType;
      readonly url: number;
      readonly path: string;
      readonly criterion: 'statusCode' | 'digest' | 'pattern';
    }
  /** Fewer days are left than tls_expiry_warning; told when the number changes. Negative: it is over. */
  | { readonly type: 'certificateExpiring'; readonly check: CheckType; readonly days: number }
  /** Our own trouble; nothing is said about the server. */
  | {
      readonly type: 'probeRescheduled';
      readonly check: CheckType;
      readonly operation: Extract<Verdict, { type: 'local' }>['operation'];
      readonly code: string;
    };

export type HealthNote =
  | (CheckerFinding & ServerNamed)
  /** It asks from now on, or rests by ha_suspend. */
  | ({ readonly type: 'checkerActivated' | 'checkerSuspended'; readonly check: CheckType } & ServerNamed)
  /** FILE_CHECK: the number in the file takes the server down, or no longer does. */
  | ({ readonly type: 'fileFollowed'; readonly file: string; readonly up: boolean } & ServerNamed)
  /** BFD_CHECK. */
  | ({ readonly type: 'sessionFollowed'; readonly session: string; readonly up: boolean } & ServerNamed)
  /** Adding service R to VS V; Enabling service R of VS V with inhibit_on_failure. */
  | ({ readonly type: 'serverAdded' | 'serverEnabled' } & ServerNamed)
  /** Removing service R from VS V; Disabling service R of VS V with inhibit_on_failure. */
  | ({ readonly type: 'serverRemoved' | 'serverDisabled' } & ServerNamed)
  /** Shutting down (at stop) or Removing (at reload); `inhibited` when it was in the tables with weight 0. */
  | ({ readonly type: 'serverShutDown' | 'serverWithdrawn'; readonly inhibited: boolean } & ServerNamed)
  /** A reload no longer names it. */
  | ({ readonly type: 'serverGone' } & ServerNamed)
  /** manual_resume: its checks pass again and it waits for an operator. `inherited`: it did so when this process started. */
  | ({ readonly type: 'serverHeld'; readonly inherited?: true } & ServerNamed)
  /** The operator has spoken. */
  | ({ readonly type: 'serverResumed' } & ServerNamed)
  /** flap_damping: `span` is how long it stays out if it does not fail again. */
  | ({ readonly type: 'serverSuppressed'; readonly penalty: number; readonly suppress: number; readonly span: Micros } & ServerNamed)
  /** Its penalty has decayed, or without it the quorum would be lost. */
  | ({ readonly type: 'serverReleased'; readonly forQuorum: boolean } & ServerNamed)
  | ({ readonly type: 'slowStartBegan'; readonly weight: number; readonly span: Micros } & ServerNamed)
  | ({ readonly type: 'slowStartEnded'; readonly weight: number } & ServerNamed)
  /** Backup servers of a tier serve in place of the real servers, or no longer do. */
  | { readonly type: 'backupTierAdded' | 'backupTierRemoved'; readonly virtualServer: string; readonly tier: number }
  /** It keeps its connections for at most `limit` and gets no new ones. */
  | ({ readonly type: 'serverDraining'; readonly limit: Micros } & ServerNamed)
  /** Its connections are gone, or the time is up. */
  | ({ readonly type: 'serverDrained'; readonly inTime: boolean } & ServerNamed)
  | { readonly type: 'virtualServerGone'; readonly virtualServer: string }
  | ({
      readonly type: 'weightChanged';
      readonly from: number;
      readonly to: number;
      readonly active: boolean;
    } & ServerNamed)
  /** Gained quorum Q+H=T <= S. */
  | ({ readonly type: 'quorumGained'; readonly virtualServer: string } & QuorumNumbers)
  /** Lost quorum (or Starting with quorum down) Q-H=T > S. */
  | ({ readonly type: 'quorumLost' | 'quorumDownAtStart'; readonly virtualServer: string } & QuorumNumbers)
  /** Adding or Enabling (it stays in the tables when inactive). `server` names the sorry server. */
  | ({ readonly type: 'sorryServerAdded' | 'sorryServerEnabled' } & ServerNamed)
  | ({ readonly type: 'sorryServerRemoved' | 'sorryServerDisabled' } & ServerNamed)
  | { readonly type: 'aliveServersAdded' | 'aliveServersRemoved'; readonly virtualServer: string };
