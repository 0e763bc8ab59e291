/**
 * What the RFCs' MIBs want to know of an instance and no picture shows: since when it takes part, and why it became master
 * last. It is gathered from the events, in the order in which they come.
 */

import type { NumberedEvent } from '../feed.js';

/** vrrpv3StatisticsNewMasterReason of RFC 6527. */
export const MASTER_REASONS = { notMaster: 0, priority: 1, preempted: 2, masterNoResponse: 3 } as const;
export type MasterReason = keyof typeof MASTER_REASONS;

/** The master that was heard before, as the last picture had it. */
export interface FormerMaster {
  readonly priority: number;
  /** It has said goodbye since. */
  readonly hasLeft: boolean;
}

export interface InstanceHistory {
  /** Milliseconds since 1970; absent while it does not take part. */
  readonly activeSince?: number;
  readonly masterReason: MasterReason;
}

export interface History {
  readonly of: (instance: string) => InstanceHistory;
  readonly hear: (event: NumberedEvent) => void;
}

const NOTHING: InstanceHistory = { masterReason: 'notMaster' };

/** `ownPriority` and `formerMaster` are asked at the moment when the instance becomes master. */
export function createHistory(ownPriority: (instance: string) => number | undefined, formerMaster: (instance: string) => FormerMaster | undefined): History {
  const known = new Map<string, InstanceHistory>();
  return {
    of: (instance) => known.get(instance) ?? NOTHING,
    hear: ({ event, time, fields: { instance, state } }) => {
      if (typeof instance !== 'string' || typeof state !== 'string') return;
      if (event === 'instanceRemoved') {
        known.delete(instance);
        return;
      }
      const before = known.get(instance) ?? NOTHING;
      const masterReason = state === 'MASTER' ? reasonOf(ownPriority(instance), formerMaster(instance)) : before.masterReason;
      const isActive = state === 'BACKUP' || state === 'MASTER';
      known.set(instance, isActive ? { activeSince: before.activeSince ?? time, masterReason } : { masterReason });
    },
  };
}

function reasonOf(own: number | undefined, former: FormerMaster | undefined): MasterReason {
  if (former === undefined || own === undefined) return 'masterNoResponse';
  if (former.hasLeft) return 'priority';
  return former.priority < own ? 'preempted' : 'masterNoResponse';
}
