/** When and how densely gratuitous ARP and unsolicited neighbour advertisements are sent. */

import type { Micros } from '../../base/time.js';

/** Gratuitous ARP / unsolicited NA schedule of one instance. */
export interface AnnouncementSchedule {
  /** Rounds over all addresses in each set; at least 1. Default 5. */
  readonly masterRepeat: number;
  /** From becoming master to the second set; 0 = no second set. Default 5 s. */
  readonly masterDelay: Micros;
  /** Period of refresh sets; 0 = off. */
  readonly masterRefresh: Micros;
  /** Rounds per refresh set. Default 1. */
  readonly masterRefreshRepeat: number;
  /** Rounds after an advert of lower priority; 0 = none. */
  readonly lowerPriorityRepeat: number;
  /** Delay of the second set after a lower-priority advert; 0 = none. */
  readonly lowerPriorityDelay: Micros;
  /** garp_extra_if: one announcement per period on other interfaces. Absent = off. */
  readonly extraInterfaces?: {
    /** 1 s to 86,400 s. */
    readonly period: Micros;
    /** Every interface that holds one of the addresses; otherwise only the virtual MAC ones. */
    readonly all: boolean;
  };
}

/** Least time between two packets of the same kind; 0 = as fast as they go. */
export interface AnnouncementIntervals {
  readonly gratuitousArp: Micros;
  readonly neighbourAdvert: Micros;
}

/** Interfaces (a garp_group) that share one rate. */
export interface AnnouncementGroup extends AnnouncementIntervals {
  /** Each interface is in one group at most. */
  readonly interfaces: readonly string[];
}

export interface AnnouncementRates {
  /** vrrp_garp_interval and vrrp_gna_interval: each interface outside the groups by itself. */
  readonly perInterface: AnnouncementIntervals;
  readonly groups: readonly AnnouncementGroup[];
}
