/** Keywords of global_defs about the processes themselves: their names, how the kernel runs them, when VRRP begins. */

import type { Statement, Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote, readInteger } from './arguments.js';
import { argument, clamped, custom, flag, integer, nameOf, shortName, TIMER_SECONDS, timer, UINT32 } from './kinds.js';
import type { Keyword } from './schema.js';

/** Linux knows 99 real-time priorities. */
const REAL_TIME = { min: 1, max: 99 } as const;

/** CPU numbers up to the size of the kernel's cpu_set_t; that there is such a CPU shows on the machine only. */
const CPU_NUMBERS = { min: 0, max: 1_023 } as const;

/** process_name without a name takes back what an earlier line said. */
const processName = custom({
  doc: 'Process name of the parent.',
  default: 'keepalived',
  syntax: '[NAME]',
  read({ words: [, name] }, { findings }): string | undefined {
    if (name === undefined) return 'keepalived';
    return cutToFifteen(name, 'process_name', findings);
  },
});

function cutToFifteen(name: Word, keyword: string, findings: Findings): string {
  if (name.text.length > 15) {
    const message = `${keyword}: ${quote(name.text)} has more than 15 characters; it is cut`;
    findings.report('badValue', name, message, 'shorten it');
  }
  return name.text.slice(0, 15);
}

/** One number that is none, and the whole set is off, as keepalived does. */
function readCpus(statement: Statement, findings: Findings): readonly number[] | undefined {
  if (argument(statement, findings, 'ignored') === undefined) return undefined;
  const keyword = nameOf(statement).text;
  const cpus = statement.words.slice(1).map((word) => readInteger(word, keyword, CPU_NUMBERS, findings, 'exact'));
  const known = cpus.filter((cpu) => cpu !== undefined);
  return known.length === cpus.length ? [...new Set(known)].sort((a, b) => a - b) : undefined;
}

interface SchedulingKeywords {
  readonly priority: Keyword<number, 'last'>;
  readonly realTimePriority: Keyword<number, 'last'>;
  readonly realTimeLimit: Keyword<number, 'last'>;
  readonly cpuAffinity: Keyword<readonly number[], 'last'>;
  readonly noSwap: Keyword<true, 'last'>;
}

/** The five keywords that each process has; `prefix` as in `vrrp_priority`. */
function scheduling(prefix: 'vrrp' | 'checker' | 'bfd', process: string): SchedulingKeywords {
  return {
    priority: integer(
      { doc: `Nice value of the ${process} process.`, default: 'as started', min: -20, max: 19 },
      'exact',
      'ignored',
    ),
    realTimePriority: clamped(
      { doc: `Real-time priority (SCHED_RR) of the ${process} process.`, default: 'none', ...REAL_TIME },
      'ignored',
    ),
    realTimeLimit: integer(
      {
        doc: `CPU time the ${process} process may use without a pause before it loses its real-time priority for the rest of the turn.`,
        default: '100000 (keepalived: 10000)',
        unit: 'µs',
        min: 1,
        max: UINT32,
        aliases: [`${prefix}_rlimit_rtime`],
      },
      'exact',
    ),
    cpuAffinity: custom({
      doc: `CPUs the ${process} process may run on.`,
      default: 'all',
      syntax: 'CPU...',
      example: `${prefix}_cpu_affinity 0 1`,
      read: (statement, { findings }) => readCpus(statement, findings),
    }),
    noSwap: flag({ doc: `Keeps the memory of the ${process} process from being swapped out.`, default: 'off' }),
  };
}

const vrrp = scheduling('vrrp', 'VRRP');
const checker = scheduling('checker', 'checker');
const bfd = scheduling('bfd', 'BFD');

/** Without a number: the highest the system has. */
const highestAutomaticPriority = custom({
  doc: 'Highest real-time priority a process that runs late may give itself; -1 never, and says nothing about it.',
  default: '0 = never',
  syntax: '[N]',
  min: -1,
  max: REAL_TIME.max,
  read({ words: [keyword, number] }, { findings }): number | undefined {
    if (number === undefined) return REAL_TIME.max;
    return readInteger(number, keyword?.text ?? '', { min: -1, max: REAL_TIME.max }, findings, 'exact');
  },
});

const startupDelay = { default: '0', min: 0.001, max: TIMER_SECONDS } as const;

export const processDefinitions = {
  process_names: flag({ doc: 'Gives each child its own process name.', default: 'off' }),
  process_name: processName,
  vrrp_process_name: shortName({ doc: 'Process name of the VRRP child.', default: 'process_name' }),
  checker_process_name: shortName({
    doc: 'Process name of the checker child.',
    default: 'process_name',
    aliases: ['lvs_process_name'],
  }),
  bfd_process_name: shortName({ doc: 'Process name of the BFD child.', default: 'process_name' }),
  vrrp_priority: vrrp.priority,
  vrrp_rt_priority: vrrp.realTimePriority,
  vrrp_rlimit_rttime: vrrp.realTimeLimit,
  vrrp_cpu_affinity: vrrp.cpuAffinity,
  vrrp_no_swap: vrrp.noSwap,
  checker_priority: checker.priority,
  checker_rt_priority: checker.realTimePriority,
  checker_rlimit_rttime: checker.realTimeLimit,
  checker_cpu_affinity: checker.cpuAffinity,
  checker_no_swap: checker.noSwap,
  bfd_priority: bfd.priority,
  bfd_rt_priority: bfd.realTimePriority,
  bfd_rlimit_rttime: bfd.realTimeLimit,
  bfd_cpu_affinity: bfd.cpuAffinity,
  bfd_no_swap: bfd.noSwap,
  max_auto_priority: highestAutomaticPriority,
  min_auto_priority_delay: integer(
    {
      doc: 'How late a process must run to raise its own priority.',
      default: '1000000',
      unit: 'µs',
      min: 1,
      max: 10_000_000,
    },
    'exact',
    'ignored',
  ),
  vrrp_startup_delay: timer({ doc: 'Wait after start before VRRP may become master.', ...startupDelay }, 'exact'),
  vrrp_delay_after_boot: timer(
    { doc: 'Uptime of the machine before VRRP may become master; a longer vrrp_startup_delay wins.', ...startupDelay },
    'exact',
  ),
} as const;
