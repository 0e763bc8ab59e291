/** The schedule of gratuitous ARP and neighbour advertisements of one instance, defaults resolved. */

import { seconds } from '../../base/time.js';
import type { AnnouncementSchedule } from '../../vrrp/config-announcement.js';
import type { Located, Values } from '../keywords/schema.js';
import type { vrrpInstance } from '../keywords/vrrp.js';
import type { GlobalKeywords } from './context.js';

type InstanceValues = Values<(typeof vrrpInstance)['keywords']>;

/** behaviour: instance, then vrrp_garp_*, then built in; the lower-priority pair defaults to the global master pair. */
export function buildAnnouncements(values: InstanceValues, globals: Values<GlobalKeywords>): AnnouncementSchedule {
  const single = globals.vrrp_min_garp?.value === true;
  const globalRepeat = numberOf(globals.vrrp_garp_master_repeat) ?? (single ? 1 : 5);
  const globalDelay = numberOf(globals.vrrp_garp_master_delay) ?? (single ? 0 : 5);
  const refreshRepeat = numberOf(values.garp_master_refresh_repeat) ?? numberOf(globals.vrrp_garp_master_refresh_repeat) ?? 1;
  const refresh = numberOf(values.garp_master_refresh) ?? numberOf(globals.vrrp_garp_master_refresh) ?? 0;
  const lowerDelay = numberOf(values.garp_lower_prio_delay) ?? numberOf(globals.vrrp_garp_lower_prio_delay) ?? globalDelay;
  return {
    masterRepeat: numberOf(values.garp_master_repeat) ?? globalRepeat,
    masterDelay: seconds(numberOf(values.garp_master_delay) ?? globalDelay),
    masterRefresh: seconds(refresh),
    masterRefreshRepeat: refreshRepeat,
    lowerPriorityRepeat: numberOf(values.garp_lower_prio_repeat) ?? numberOf(globals.vrrp_garp_lower_prio_repeat) ?? globalRepeat,
    lowerPriorityDelay: seconds(lowerDelay),
  };
}

function numberOf(located: Located<number> | undefined): number | undefined {
  return located?.value;
}
