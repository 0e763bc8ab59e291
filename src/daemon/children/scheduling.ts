/** Keeps a child process scheduled as configured, and raises its priority when it turns out to run late. */

import type { Clock, Micros } from '../../base/time.js';
import type { GlobalConfig } from '../../conf/model.js';
import type { OpenAlarm } from '../../io/alarm.js';
import { openAlarm } from '../../io/alarm.js';
import { openProcessScheduler } from '../../io/processes/process-scheduler.js';
import type { Child } from '../../runtime/children-events.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';

export interface Scheduling {
  readonly configure: (global: GlobalConfig) => void;
  /** An alarm whose lateness counts (max_auto_priority). */
  readonly openAlarm: (clock: Clock, onExpire: () => void, granularity?: Micros) => OpenAlarm;
}

export function createScheduling(child: Child, tell: (note: LifecycleNote) => void): Scheduling {
  let config: GlobalConfig['scheduling'];
  let limitTold = false;
  const scheduler = openProcessScheduler(() => {
    // Told once for each configuration: whoever is too slow is so again and again.
    if (!limitTold) tell({ type: 'realTimeLimitReached', child });
    limitTold = true;
  });
  const expired = (lateness: number): void => {
    if (config === undefined || lateness < config.automatic.lateness) return;
    const priority = scheduler.raise(config.automatic.highest ?? 0);
    if (priority !== undefined) tell({ type: 'realTimePriorityRaised', priority });
  };
  return {
    configure: ({ scheduling }) => {
      config = scheduling;
      limitTold = false;
      for (const { setting, code } of scheduler.apply(scheduling?.[child] ?? { lockMemory: false })) {
        tell({ type: 'schedulingRefused', setting, reason: code });
      }
    },
    openAlarm: (clock, onExpire, granularity) => {
      let deadline: Micros | undefined;
      const alarm = openAlarm(() => {
        const lateness = deadline === undefined ? 0 : clock.now() - deadline;
        deadline = undefined;
        onExpire();
        expired(lateness);
      }, granularity);
      return {
        ...alarm,
        set: (next) => {
          deadline = next;
          alarm.set(next);
        },
      };
    },
  };
}
