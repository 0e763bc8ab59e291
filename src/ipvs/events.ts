/** The reconciler's alphabet: what the kernel answers and what is asked of it. Ids tie answers to questions. */

import type { Op } from './plan.js';
import type { ServiceKey, Tables } from './tables.js';

/** One refused command of an apply; the others of the same apply were performed. */
export interface OpFailure {
  /** Position in the `ops` of the effect. */
  readonly index: number;
  /** Errno name, e.g. `EEXIST`. */
  readonly code: string;
  /** Positive errno. */
  readonly errno: number;
}

export type ReconcilerEvent =
  /** Level-triggered: the whole of what should be. Unchanged entries should be the same objects: they cost nothing. */
  | { readonly type: 'desiredChanged'; readonly desired: Tables }
  /** What an earlier process put into the tables, and so what this one may delete. */
  | { readonly type: 'servicesInherited'; readonly services: readonly ServiceKey[] }
  | {
      readonly type: 'snapshotTaken';
      readonly id: number;
      readonly tables: Tables;
      /** Entries of weight 0 that keep no connection (entryKey of tables.ts). Absent = nobody counted. */
      readonly idle?: ReadonlySet<string>;
    }
  /** `code` is an errno name; ENOENT and its kin mean that the kernel has no ip_vs. */
  | { readonly type: 'snapshotFailed'; readonly id: number; readonly code: string }
  | { readonly type: 'opsApplied'; readonly id: number }
  /**
   * Some were refused (`failures`) and the others performed, or with `othersUnknown`, or with none listed, the exchange itself broke
   * with `code` and nothing is known of the others.
   */
  | {
      readonly type: 'opsFailed';
      readonly id: number;
      readonly code: string;
      readonly failures: readonly OpFailure[];
      readonly othersUnknown?: true;
    }
  | { readonly type: 'timeout' }
  /** Orderly stop: remove our own services, every service (lvs_flush_on_stop), or leave all as it is (-I). */
  | { readonly type: 'stopRequested'; readonly release: 'own' | 'all' | 'nothing' };

export type ReconcilerEffect =
  /** Answered by snapshotTaken or snapshotFailed with the same id. */
  | { readonly type: 'snapshot'; readonly id: number }
  /** Perform all in order, whatever single ones answer; answered by opsApplied or opsFailed with the same id. */
  | { readonly type: 'apply'; readonly id: number; readonly ops: readonly Op[] }
  /** After stopRequested: nothing more will be asked. Comes once, at the latest three seconds after the request. */
  | { readonly type: 'stopped' };
