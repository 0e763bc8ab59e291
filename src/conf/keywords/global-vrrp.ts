/** The rows of global_defs that set defaults for VRRP instances or belong to the VRRP process. */

import { address, bool, integer, INT32, rounds, UINT32, wholeSeconds } from './kinds.js';

export const vrrpDefinitions = {
  vrrp_version: integer({ doc: 'Protocol version of IPv4 instances that name none.', default: '2', min: 2, max: 3 }),
  vrrp_mcast_group4: address({ doc: 'Multicast destination of IPv4 adverts.', default: '224.0.0.18' }),
  vrrp_mcast_group6: address({ doc: 'Multicast destination of IPv6 adverts.', default: 'ff02::12' }),
  vrrp_garp_master_delay: wholeSeconds({
    doc: 'Delay of the second announcement set after becoming master.',
    default: '5',
    min: 0,
    max: 4_294,
  }),
  vrrp_garp_master_repeat: rounds({ doc: 'Rounds per announcement set.', default: '5', max: UINT32 }),
  vrrp_garp_master_refresh: wholeSeconds({
    doc: 'Period of announcements while master; 0 = none.',
    default: '0',
    min: 0,
    max: UINT32,
  }),
  vrrp_garp_master_refresh_repeat: rounds({ doc: 'Rounds per refresh.', default: '1', max: UINT32 }),
  vrrp_garp_lower_prio_delay: wholeSeconds({
    doc: 'Delay of the second set after an advert of lower priority.',
    default: 'vrrp_garp_master_delay',
    min: 0,
    max: 4_294,
  }),
  vrrp_garp_lower_prio_repeat: integer({
    doc: 'Rounds after an advert of lower priority; 0 = none.',
    default: 'vrrp_garp_master_repeat',
    min: 0,
    max: INT32,
  }),
  vrrp_min_garp: bool({ doc: 'One announcement and no second set, where nothing else is set.', default: 'off' }),
  vrrp_down_timer_adverts: integer({
    doc: 'Missed adverts before a master counts as dead.',
    default: '3',
    min: 1,
    max: 100,
  }),
  vrrp_lower_prio_no_advert: bool({ doc: 'Stay silent on an advert of lower priority.', default: 'off' }),
  vrrp_higher_prio_send_advert: bool({ doc: 'Send one advert before yielding to a higher priority.', default: 'off' }),
  vrrp_skip_check_adv_addr: bool({
    doc: 'Compare the address list only with the first advert of a master.',
    default: 'off',
  }),
} as const;
