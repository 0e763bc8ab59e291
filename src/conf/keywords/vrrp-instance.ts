/** vrrp_instance: who it is, when it speaks and when it takes over. What else it knows comes from the files next to this. */

import { announcementKeywords } from './announcement.js';
import { authenticationKeywords } from './authentication.js';
import { trackBfd } from './bfd.js';
import { deviceKeywords } from './device.js';
import { virtualAddresses, virtualAddressesExcluded, virtualRoutes, virtualRules } from './network.js';
import { bool, choice, custom, flag, integer, interfaceName, timer, UINT32 } from './kinds.js';
import { instanceNotifyKeywords } from './notify.js';
import { all, blockTable } from './schema.js';
import type { Keyword } from './schema.js';
import { trackVirtualServer } from './track-virtual-server.js';
import { trackFile, trackInterface, trackProcess, trackScript } from './tracks.js';
import { unicastKeywords } from './unicast.js';

const DEFAULT_PRIORITY = 100;

const plainPriority = integer(
  {
    doc: 'Base priority; 255 = address owner.',
    default: '100 (255 with state MASTER)',
    min: 1,
    max: 255,
  },
  'exact',
);

/** A priority that is none counts as 100, even with state MASTER. */
const priority: typeof plainPriority = {
  ...plainPriority,
  read: (statement, reading) => plainPriority.read(statement, reading) ?? (statement.words.length > 1 ? DEFAULT_PRIORITY : undefined),
};

/** Bare, the others may have any priority below an owner's. */
const HIGHEST_OF_OTHERS = 254;

function stallGivesWay(about: { readonly doc: string; readonly deprecated?: string; readonly example: string }): Keyword<number, 'last'> {
  const valued = integer({ ...about, min: 1, max: 254 }, 'exact');
  return custom<number>({
    ...about,
    syntax: '[PRIO]',
    default: `off; without a number ${HIGHEST_OF_OTHERS}`,
    min: 1,
    max: 254,
    read: (statement, reading) => (statement.words.length < 2 ? HIGHEST_OF_OTHERS : valued.read(statement, reading)),
  });
}

export const vrrpInstance = blockTable('vrrp_instance', {
  state: all(choice({ doc: 'State wanted at start.', default: 'BACKUP', of: ['MASTER', 'BACKUP'] })),
  interface: interfaceName({ doc: 'Interface that adverts use.', default: 'required, unless adverts go to unicast peers', example: 'interface eth0' }),
  virtual_router_id: integer({ doc: 'Identity of the virtual router on its link.', default: 'required', min: 1, max: 255 }, 'exact'),
  priority,
  version: all(integer({ doc: 'VRRP version.', default: 'vrrp_version', min: 2, max: 3 })),
  advert_int: timer(
    {
      doc: 'Time between adverts; whole seconds in version 2, steps of 10 ms in version 3.',
      default: '1',
      min: 0.01,
      max: 255,
    },
    'exact',
  ),
  down_timer_adverts: integer({
    doc: 'Missed adverts before takeover.',
    default: 'vrrp_down_timer_adverts',
    min: 1,
    max: 100,
  }),
  preempt: flag({ doc: 'Take over from a master of lower priority.', default: 'on' }),
  nopreempt: flag({ doc: 'Leave a working master of lower priority alone.', default: 'off' }),
  preempt_delay: timer({
    doc: 'Wait before taking over from a master of lower priority.',
    default: '0',
    min: 0,
    max: 1_000,
  }),
  timer_expired_backup: stallGivesWay({
    doc: 'A master woken too late gives way first; the number is the highest priority of the others.',
    example: 'timer_expired_backup 100',
  }),
  thread_timer_expired: stallGivesWay({
    doc: 'Misnamed synonym of timer_expired_backup.',
    deprecated: 'write: timer_expired_backup',
    example: 'thread_timer_expired 100',
  }),
  lower_prio_no_advert: bool({ doc: 'Stay silent on an advert of lower priority.', default: 'vrrp_lower_prio_no_advert' }),
  higher_prio_send_advert: bool({
    doc: 'Send one advert before yielding to a higher priority.',
    default: 'vrrp_higher_prio_send_advert',
  }),
  owner_ignore_adverts: bool({
    doc: 'An address owner (priority 255) drops every advert.',
    default: 'vrrp_owner_ignore_adverts',
  }),
  skip_check_adv_addr: bool({
    doc: 'Compare the address list only with the first advert of a master.',
    default: 'vrrp_skip_check_adv_addr',
  }),
  learnt_interval_limit: integer(
    {
      doc: 'How many own intervals the interval learnt from a master may have at most, so that a forged one cannot keep backups waiting; 0 = any, as keepalived. Version 3.',
      default: '10',
      min: 0,
      max: 4095,
      own: true,
    },
    'exact',
  ),
  strict_mode: bool({ doc: 'Keep to the RFC: what it does not know is refused or corrected.', default: 'vrrp_strict' }),
  v3_checksum_as_v2: bool({
    doc: 'Version 3 over IPv4: checksum without pseudo header, and a wrong one is no reason to refuse.',
    default: 'v3_checksum_as_v2',
  }),
  virtual_ipaddress: virtualAddresses,
  virtual_ipaddress_excluded: virtualAddressesExcluded,
  virtual_routes: virtualRoutes,
  virtual_rules: virtualRules,
  no_virtual_ipaddress: flag({ doc: 'An instance without addresses is meant.', default: 'off' }),
  native_ipv6: flag({ doc: 'Once chose IPv6 adverts; today the addresses do.', default: 'off' }),
  dont_track_primary: flag({ doc: 'Go on when the own interface is down.', default: 'off' }),
  linkbeat_use_polling: flag({
    doc: 'Ask for the link of the own interface every second.',
    default: 'off',
    deprecated: 'name the interface in linkbeat_interfaces',
  }),
  track_interface: trackInterface,
  track_script: trackScript,
  track_file: trackFile,
  track_process: trackProcess,
  track_bfd: trackBfd,
  track_virtual_server: trackVirtualServer,
  ...authenticationKeywords,
  ...unicastKeywords,
  ...deviceKeywords,
  ...announcementKeywords,
  ...instanceNotifyKeywords,
  kernel_rx_buf_size: integer(
    { doc: 'Bytes that this instance adds to the receive buffer of its socket.', default: 'vrrp_rx_bufs_policy', min: 0, max: UINT32 },
    'exact',
    'ignored',
  ),
  lvs_sync_daemon_interface: interfaceName({
    doc: 'Interface of the IPVS sync daemon.',
    default: 'none',
    example: 'lvs_sync_daemon_interface eth0',
    deprecated: 'write lvs_sync_daemon into global_defs',
  }),
  debug: integer({ doc: 'Understood for compatibility; keepalived does not use it either.', default: '0', min: 0, max: 4 }),
});
