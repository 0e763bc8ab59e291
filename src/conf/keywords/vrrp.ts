/** vrrp_instance and vrrp_sync_group. */

import { trackBfd } from './bfd.js';
import { readTrackedInterface, readVirtualAddress } from './entries.js';
import {
  address,
  bool,
  choice,
  custom,
  entries,
  flag,
  integer,
  INT32,
  nameOf,
  rounds,
  section,
  shortName,
  timer,
  UINT32,
  wholeSeconds,
  words,
} from './kinds.js';
import { command } from './command.js';
import { blockTable, first } from './schema.js';

const authentication = blockTable('vrrp_instance/authentication', {
  auth_type: choice({ doc: 'How adverts are authenticated (version 2 only).', of: ['PASS', 'AH'] }),
  auth_pass: custom({
    doc: 'The password, at most 8 characters.',
    syntax: 'STRING',
    read(statement, { findings }) {
      const [keyword, password] = statement.words;
      if (password === undefined) {
        findings.report(
          'missingParameter',
          keyword ?? nameOf(statement),
          'auth_pass needs a password',
          'write: auth_pass PASSWORD',
        );
      }
      return password?.text;
    },
  }),
});

const notifications = {
  notify_master: command({ doc: 'Run on becoming MASTER.' }),
  notify_backup: command({ doc: 'Run on becoming BACKUP.' }),
  notify_fault: command({ doc: 'Run on entering FAULT.' }),
  notify_stop: command({ doc: 'Run when the daemon stops.' }),
  notify: command({ doc: 'Run on every change, with type, name, state and priority as further arguments.' }),
};

export const vrrpInstance = blockTable('vrrp_instance', {
  state: choice({ doc: 'State wanted at start.', default: 'BACKUP', of: ['MASTER', 'BACKUP'] }),
  interface: shortName({ doc: 'Interface that adverts use.', syntax: 'IF' }),
  virtual_router_id: integer({ doc: 'Identity of the virtual router on its link.', min: 1, max: 255 }, 'exact'),
  priority: integer(
    {
      doc: 'Base priority; 255 = address owner.',
      default: '100 (255 with state MASTER)',
      min: 1,
      max: 255,
    },
    'exact',
  ),
  version: integer({ doc: 'VRRP version.', default: 'vrrp_version', min: 2, max: 3 }),
  advert_int: timer(
    {
      doc: 'Time between adverts; whole seconds in version 2, steps of 10 ms in version 3.',
      default: '1',
      min: 0.01,
      max: 255,
    },
    'exact',
  ),
  authentication: section({ doc: 'Authentication of version 2.' }, authentication),
  virtual_ipaddress: entries({
    doc: 'Addresses that move with the master and stand in its adverts.',
    entry: readVirtualAddress,
  }),
  virtual_ipaddress_excluded: entries({
    doc: 'Addresses that move with the master but stay out of its adverts.',
    entry: readVirtualAddress,
  }),
  no_virtual_ipaddress: flag({ doc: 'An instance without addresses is meant.', default: 'off' }),
  preempt: flag({ doc: 'Take over from a master of lower priority.', default: 'on' }),
  nopreempt: flag({ doc: 'Leave a working master of lower priority alone.', default: 'off' }),
  preempt_delay: timer({
    doc: 'Wait before taking over from a master of lower priority.',
    default: '0',
    min: 0,
    max: 1_000,
  }),
  mcast_src_ip: address({ doc: 'Source address of adverts.', default: "the interface's first address" }),
  dont_track_primary: flag({ doc: 'Go on when the own interface is down.', default: 'off' }),
  track_interface: entries({ doc: 'Interfaces that matter to this instance.', entry: readTrackedInterface }),
  track_bfd: trackBfd,
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
    default: 'vrrp_garp_lower_prio_delay',
    min: 0,
    max: 4_294,
  }),
  garp_lower_prio_repeat: integer({
    doc: 'Rounds after an advert of lower priority; 0 = none.',
    default: 'vrrp_garp_lower_prio_repeat',
    min: 0,
    max: INT32,
  }),
  down_timer_adverts: integer({
    doc: 'Missed adverts before takeover.',
    default: 'vrrp_down_timer_adverts',
    min: 1,
    max: 100,
  }),
  lower_prio_no_advert: bool({ doc: 'Stay silent on an advert of lower priority.', default: 'vrrp_lower_prio_no_advert' }),
  higher_prio_send_advert: bool({
    doc: 'Send one advert before yielding to a higher priority.',
    default: 'vrrp_higher_prio_send_advert',
  }),
  skip_check_adv_addr: bool({
    doc: 'Compare the address list only with the first advert of a master.',
    default: 'vrrp_skip_check_adv_addr',
  }),
  debug: integer({ doc: 'Understood for compatibility; keepalived does not use it either.', default: '0', min: 0, max: 4 }),
  ...notifications,
});

export const vrrpSyncGroup = blockTable('vrrp_sync_group', {
  group: first(words({ doc: 'The instances that change state together.' })),
  sync_group_tracking_weight: flag({ doc: 'Weighted trackers of the members count.', default: 'off' }),
  track_bfd: trackBfd,
  ...notifications,
});

