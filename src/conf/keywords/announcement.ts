/** Keywords about gratuitous ARP and neighbour advertisements: of an instance, and the rates of garp_group. */

import type { Statement } from '../cst.js';
import type { Findings } from '../findings.js';
import { readInteger } from './arguments.js';
import { custom, integer, INT32, interfaceName, nameOf, rounds, timer, TIMER_SECONDS, UINT32, wholeSeconds, words } from './kinds.js';
import { all, blockTable } from './schema.js';
import type { Keyword } from './schema.js';

/** `[all] SECS` */
export interface ExtraInterfaces {
  /** Seconds; 0 = off. */
  readonly period: number;
  readonly all: boolean;
}

const DAY = 86_400;

/** garp_extra_if under whichever name. Without a number the line is reported and has no effect. */
export function extraInterfaces(
  about: { readonly doc: string; readonly default: string; readonly example: string; readonly deprecated?: string },
  min: 0 | 1,
): Keyword<ExtraInterfaces, 'last'> {
  return custom<ExtraInterfaces>({
    ...about,
    syntax: '[all] SECS',
    unit: 's',
    min,
    max: DAY,
    read: (statement, { findings }) => readExtraInterfaces(statement, min, findings),
  });
}

function readExtraInterfaces(statement: Statement, min: number, findings: Findings): ExtraInterfaces | undefined {
  const keyword = nameOf(statement);
  const words = statement.words.slice(1);
  const numbers = words.filter(({ text }) => text !== 'all');
  if (numbers.length === 0) {
    findings.report('badValue', words.at(-1) ?? keyword, `${keyword.text} has no time; the line is ignored`, 'write: garp_extra_if 60');
    return undefined;
  }
  const periods = numbers.map((number) => readInteger(number, keyword.text, { min, max: DAY }, findings, 'exact'));
  const period = periods.at(-1);
  return period === undefined || periods.includes(undefined) ? undefined : { period, all: numbers.length < words.length };
}

export const announcementKeywords = {
  garp_master_delay: wholeSeconds({
    doc: 'Delay of the second announcement set; 0 = none.',
    default: 'vrrp_garp_master_delay',
    min: 0,
    max: 4_294,
  }),
  garp_master_repeat: rounds({ doc: 'Rounds per announcement set.', default: 'vrrp_garp_master_repeat', max: UINT32 }),
  garp_master_refresh: wholeSeconds({
    doc: 'Period of announcements while master; 0 = none.',
    default: 'vrrp_garp_master_refresh',
    min: 0,
    max: UINT32,
  }),
  garp_master_refresh_repeat: rounds({
    doc: 'Rounds per refresh.',
    default: 'vrrp_garp_master_refresh_repeat',
    max: UINT32,
  }),
  garp_lower_prio_delay: wholeSeconds({
    doc: 'Delay of the second set after an advert of lower priority.',
    default: 'vrrp_garp_lower_prio_delay; 0 in strict mode',
    min: 0,
    max: 4_294,
  }),
  garp_lower_prio_repeat: integer({
    doc: 'Rounds after an advert of lower priority; 0 = none.',
    default: 'vrrp_garp_lower_prio_repeat; 0 in strict mode',
    min: 0,
    max: INT32,
  }),
  garp_extra_if: extraInterfaces(
    { doc: 'Period of announcements on other interfaces that hold addresses; 0 = none.', default: 'vrrp_garp_extra_if', example: 'garp_extra_if all 60' },
    0,
  ),
  vmac_garp_intvl: extraInterfaces(
    { doc: 'Old name of garp_extra_if.', default: 'vrrp_garp_extra_if', deprecated: 'write: garp_extra_if', example: 'vmac_garp_intvl 60' },
    0,
  ),
} as const;

export const garpGroup = blockTable('garp_group', {
  garp_interval: timer(
    { doc: 'Least time between two gratuitous ARPs on all these interfaces.', default: 'vrrp_garp_interval', max: TIMER_SECONDS },
    'exact',
  ),
  gna_interval: timer(
    { doc: 'Least time between two unsolicited neighbour advertisements.', default: 'vrrp_gna_interval', max: TIMER_SECONDS },
    'exact',
  ),
  interface: all(interfaceName({ doc: 'An interface that the rate is for.', default: 'required, or interfaces', example: 'interface eth0' })),
  interfaces: all({
    ...words({ doc: 'Interfaces that share the rate.', line: 'IF...' }),
    example: 'interfaces {\n  eth0\n}',
  }),
});
