/** How the kernel runs each process. */

import { micros } from '../../base/time.js';
import type { Located } from '../keywords/schema.js';
import type { ProcessScheduling } from '../../base/scheduling.js';
import type { SchedulingConfig } from '../model.js';
import type { Build } from './context.js';
import { given } from '../../base/given.js';

const AUTOMATIC_LATENESS = 1_000_000;

interface SchedulingValues {
  readonly priority: Located<number> | undefined;
  readonly realTimePriority: Located<number> | undefined;
  readonly realTimeLimit: Located<number> | undefined;
  readonly cpus: readonly number[] | undefined;
  readonly noSwap: Located<true> | undefined;
}

export function buildScheduling(build: Build): SchedulingConfig {
  const { globals } = build;
  return {
    vrrp: schedulingOf({
      priority: globals.vrrp_priority,
      realTimePriority: globals.vrrp_rt_priority,
      realTimeLimit: globals.vrrp_rlimit_rttime,
      cpus: existingCpus(build, globals.vrrp_cpu_affinity),
      noSwap: globals.vrrp_no_swap,
    }),
    checkers: schedulingOf({
      priority: globals.checker_priority,
      realTimePriority: globals.checker_rt_priority,
      realTimeLimit: globals.checker_rlimit_rttime,
      cpus: existingCpus(build, globals.checker_cpu_affinity),
      noSwap: globals.checker_no_swap,
    }),
    bfd: schedulingOf({
      priority: globals.bfd_priority,
      realTimePriority: globals.bfd_rt_priority,
      realTimeLimit: globals.bfd_rlimit_rttime,
      cpus: existingCpus(build, globals.bfd_cpu_affinity),
      noSwap: globals.bfd_no_swap,
    }),
    automatic: {
      lateness: micros(globals.min_auto_priority_delay?.value ?? AUTOMATIC_LATENESS),
      ...given({ highest: highestOf(globals.max_auto_priority?.value) }),
    },
  };
}

/** One CPU that the machine does not have, and the whole set is off, as with keepalived. */
function existingCpus({ processors = Infinity, findings }: Build, cpus: Located<readonly number[]> | undefined): readonly number[] | undefined {
  const missing = cpus?.value.find((cpu) => cpu >= processors);
  if (cpus === undefined || missing === undefined) return cpus?.value;
  findings.report('outOfRange', cpus.at, `there is no CPU ${missing} on this machine; the line is ignored`, `CPUs are 0 to ${processors - 1}`);
  return undefined;
}

/** -1 and 0 both mean never; only that the question was answered differs from no line at all. */
function highestOf(configured: number | undefined): number | undefined {
  return configured === undefined ? undefined : Math.max(0, configured);
}

function schedulingOf({ priority, realTimePriority, realTimeLimit, cpus, noSwap }: SchedulingValues): ProcessScheduling {
  return {
    lockMemory: noSwap !== undefined,
    ...given({
      niceValue: priority?.value,
      realTimePriority: realTimePriority?.value,
      // keepalived's limit in force is half of it, and that must not be 0.
      realTimeLimit: realTimeLimit === undefined ? undefined : micros(Math.max(2, realTimeLimit.value)),
      cpus,
    }),
  };
}
