/** The schedule of gratuitous ARP and neighbour advertisements of one instance, defaults resolved; and the rates of all. */

import { given } from '../../base/given.js';
import { micros, seconds } from '../../base/time.js';
import type { AnnouncementGroup, AnnouncementRates, AnnouncementSchedule } from '../../vrrp/config/announcement.js';
import type { Word } from '../cst.js';
import type { Section } from '../keywords/kinds.js';
import { nameOf } from '../keywords/kinds.js';
import type { garpGroup } from '../keywords/announcement.js';
import type { Located, Values } from '../keywords/schema.js';
import type { topLevel } from '../keywords/top-level.js';
import type { vrrpInstance } from '../keywords/vrrp-instance.js';
import { checkInterface } from './context.js';
import type { Build } from './context.js';
import { breaksStrictMode } from './strict.js';

type InstanceValues = Values<(typeof vrrpInstance)['keywords']>;
type TopLevel = Values<(typeof topLevel)['keywords']>;

/** behaviour: instance, then vrrp_garp_*, then built in; the lower-priority pair defaults to the global master pair. */
export function buildAnnouncements(build: Build, name: Word, values: InstanceValues, strict: boolean): AnnouncementSchedule {
  const { globals } = build;
  const single = globals.vrrp_min_garp?.value === true;
  const globalRepeat = numberOf(globals.vrrp_garp_master_repeat) ?? (single ? 1 : 5);
  const globalDelay = numberOf(globals.vrrp_garp_master_delay) ?? (single ? 0 : 5);
  const refreshRepeat = numberOf(values.garp_master_refresh_repeat) ?? numberOf(globals.vrrp_garp_master_refresh_repeat) ?? 1;
  const refresh = numberOf(values.garp_master_refresh) ?? numberOf(globals.vrrp_garp_master_refresh) ?? 0;
  const lowerDelay = numberOf(values.garp_lower_prio_delay) ?? numberOf(globals.vrrp_garp_lower_prio_delay) ?? globalDelay;
  const lowerRepeat = numberOf(values.garp_lower_prio_repeat) ?? numberOf(globals.vrrp_garp_lower_prio_repeat) ?? globalRepeat;
  if (strict) refuseLowerPriority(build, name, values);
  const extra =
    values.garp_extra_if ?? values.vmac_garp_intvl ?? globals.vrrp_garp_extra_if ?? globals.vrrp_vmac_garp_intvl;
  const extraInterfaces =
    extra === undefined || extra.value.period === 0 ? undefined : { period: seconds(extra.value.period), all: extra.value.all };
  return {
    masterRepeat: numberOf(values.garp_master_repeat) ?? globalRepeat,
    masterDelay: seconds(numberOf(values.garp_master_delay) ?? globalDelay),
    masterRefresh: seconds(refresh),
    masterRefreshRepeat: refreshRepeat,
    lowerPriorityRepeat: strict ? 0 : lowerRepeat,
    lowerPriorityDelay: seconds(strict ? 0 : lowerDelay),
    ...given({ extraInterfaces }),
  };
}

/** In strict mode nothing is announced because of an advert of lower priority. */
function refuseLowerPriority(build: Build, name: Word, values: InstanceValues): void {
  for (const line of [values.garp_lower_prio_repeat, values.garp_lower_prio_delay]) {
    if (line === undefined || line.value === 0) continue;
    breaksStrictMode(build, name, line.at, 'an advert of lower priority is followed by no announcements', 'remove the line');
  }
}

function numberOf(located: Located<number> | undefined): number | undefined {
  return located?.value;
}

/** Undefined when nothing slows announcements down. */
export function buildAnnouncementRates(top: TopLevel, build: Build): AnnouncementRates | undefined {
  const { vrrp_garp_interval: arp, vrrp_gna_interval: neighbour } = build.globals;
  const perInterface = { gratuitousArp: arp?.value ?? micros(0), neighbourAdvert: neighbour?.value ?? micros(0) };
  const taken = new Set<string>();
  const groups = top.garp_group.flatMap(({ value }) => buildGroup(build, value, perInterface, taken) ?? []);
  const unlimited = perInterface.gratuitousArp === 0 && perInterface.neighbourAdvert === 0;
  return unlimited && groups.length === 0 ? undefined : { perInterface, groups };
}

function buildGroup(
  build: Build,
  { statement, values }: Section<(typeof garpGroup)['keywords']>,
  otherwise: AnnouncementRates['perInterface'],
  taken: Set<string>,
): AnnouncementGroup | undefined {
  const { findings } = build;
  const { garp_interval: arp, gna_interval: neighbour } = values;
  const named: readonly (readonly [name: string, at: Word])[] = [
    ...values.interface.map(({ value, at }) => [value, at] as const),
    ...values.interfaces.flatMap(({ value }) => value.map((word) => [word.text, word] as const)),
  ];
  const interfaces: string[] = [];
  for (const [name, at] of named) {
    checkInterface(build, name, at);
    if (taken.has(name)) {
      findings.report('repeatedKeyword', at, `${name} is in a garp_group already; it stays there`, 'name each interface once');
      continue;
    }
    taken.add(name);
    interfaces.push(name);
  }
  if (arp === undefined && neighbour === undefined) {
    findings.report('emptyBlock', nameOf(statement), 'a garp_group without an interval is left out', 'write garp_interval or gna_interval');
    return undefined;
  }
  if (interfaces.length === 0) {
    findings.report('uselessLine', nameOf(statement), 'a garp_group without interfaces has no effect', 'write: interface NAME');
    return undefined;
  }
  return {
    interfaces,
    gratuitousArp: arp?.value ?? otherwise.gratuitousArp,
    neighbourAdvert: neighbour?.value ?? otherwise.neighbourAdvert,
  };
}
