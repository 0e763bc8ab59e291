/** The rows of global_defs that set defaults for VRRP instances or belong to the VRRP process. */

import { extraInterfaces } from './announcement.js';
import { quote } from './arguments.js';
import {
  address,
  bool,
  custom,
  flag,
  integer,
  INT32,
  interfaceName,
  rounds,
  TIMER_SECONDS,
  timer,
  UINT32,
  wholeSeconds,
  word,
} from './kinds.js';

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
  vrrp_garp_interval: timer(
    { doc: 'Least time between two gratuitous ARPs on an interface.', default: '0', min: 0.000_001, max: TIMER_SECONDS },
    'exact',
  ),
  vrrp_gna_interval: timer(
    {
      doc: 'Least time between two unsolicited neighbour advertisements on an interface.',
      default: '0',
      min: 0.000_001,
      max: TIMER_SECONDS,
    },
    'exact',
  ),
  vrrp_garp_extra_if: extraInterfaces(
    { doc: 'Period of announcements on other interfaces that hold addresses.', default: 'off', example: 'vrrp_garp_extra_if all 60' },
    1,
  ),
  vrrp_vmac_garp_intvl: extraInterfaces(
    {
      doc: 'Old name of vrrp_garp_extra_if.',
      default: 'off',
      deprecated: 'write: vrrp_garp_extra_if',
      example: 'vrrp_vmac_garp_intvl 60',
    },
    1,
  ),
  vrrp_check_unicast_src: flag({ doc: 'Refuse unicast adverts of others than the peers.', default: 'off' }),
  vrrp_strict: bool({ doc: 'Keep to the RFC in all instances that do not say otherwise.', default: 'off' }),
  vrrp_owner_ignore_adverts: bool({ doc: 'Address owners (priority 255) drop every advert.', default: 'off' }),
  v3_checksum_as_v2: {
    ...flag({
      doc: 'Version 3 over IPv4: checksum without pseudo header, and a wrong one is no reason to refuse. A word behind it is not read.',
      default: 'off',
    }),
    syntax: '[BOOL]',
    example: 'v3_checksum_as_v2',
  },
  vmac_prefix: word({ doc: 'How the names of macvlans of instances begin; .ID follows.', default: 'vrrp' }),
  vmac_addr_prefix: word({ doc: 'How the names of macvlans of single addresses begin.', default: 'vmac_prefix' }),
  default_interface: interfaceName(
    { doc: 'Interface of static addresses that name none.', default: 'eth0', example: 'default_interface eth0' },
    'ignored',
  ),
  dynamic_interfaces: custom<'sameKind' | 'anyKind'>({
    doc: 'Interfaces may be missing at start and come and go; allow_if_changes: even as another type of device.',
    syntax: '[allow_if_changes]',
    default: 'off: a missing interface ends the start',
    example: 'dynamic_interfaces',
    read({ words: [, option] }, { findings }) {
      if (option === undefined) return 'sameKind';
      if (option.text === 'allow_if_changes') return 'anyKind';
      const message = `dynamic_interfaces: ${quote(option.text)} is not known; it is ignored`;
      findings.report('badValue', option, message, 'write allow_if_changes or nothing');
      return 'sameKind';
    },
  }),
  disable_local_igmp: flag({
    doc: 'The kernel reports no membership of link-local multicast groups.',
    default: 'off',
  }),
  log_unknown_vrids: flag({ doc: 'Log adverts of virtual routers that are not configured here.', default: 'off' }),
} as const;
