/** HF-7xx: what two directors must say alike. Examples are two files. */

import type { FindingKind } from '../catalog.js';
import { instance, server, service } from './explanation.js';
import type { Explanation } from './explanation.js';

const ALONE = 'It sees one file only; the other director shows it by its adverts, or not at all.';

/** The peer of the plain instance: the same with a lower priority, and the lines under test in it. */
function peer(...lines: readonly string[]): string {
  return instance('priority 90', ...lines);
}

const UNICAST = ['unicast_src_ip 192.0.2.1', 'unicast_peer {', '    192.0.2.2', '}'] as const;

export const PAIR = {
  pairInstance: {
    title: 'An instance that only one director has',
    meaning: 'Nobody takes its addresses over when that director dies.',
    keepalived: ALONE,
    remedy: 'Write the instance into both files.',
    example: { text: instance('priority 100'), peer: '! nothing here\n' },
  },
  pairRouterId: {
    title: 'One instance, two virtual_router_ids',
    meaning: 'Each director runs a router of its own: both become master and hold the addresses at the same time.',
    keepalived: ALONE,
    remedy: 'Write the same virtual_router_id.',
    example: { text: instance('priority 100'), peer: peer().replace('51', '52') },
  },
  pairVersion: {
    title: 'Two versions of VRRP',
    meaning: 'Adverts of another version are dropped: both directors become master.',
    keepalived: 'It drops the adverts and logs the version that it heard.',
    remedy: 'Write the same version into both files, 3 if in doubt.',
    example: { text: instance('priority 100'), peer: peer('version 3') },
  },
  pairAddresses: {
    title: 'Two lists of virtual addresses',
    meaning: 'What only one of them has does not move to the other. keepalived up to 2.2 drops adverts with another list altogether.',
    keepalived: 'It logs the difference at each new master; older releases refuse such adverts, and both become master.',
    remedy: 'Write the same addresses in the same order.',
    example: { text: instance('priority 100'), peer: peer().replace('.100/24', '.101/24') },
  },
  pairAddressOrder: {
    title: 'The same addresses in another order',
    meaning: 'The adverts differ in their bytes, and with excluded or surplus addresses the lists drift apart unseen.',
    keepalived: 'It accepts any order.',
    remedy: 'Write them in the same order.',
    example: {
      text: instance('priority 100').replace('192.0.2.100/24', '192.0.2.100/24\n        192.0.2.101/24'),
      peer: peer().replace('192.0.2.100/24', '192.0.2.101/24\n        192.0.2.100/24'),
    },
  },
  pairInterval: {
    title: 'Two advert intervals',
    meaning: 'Version 2 drops adverts with another interval: both become master. Version 3 takes over by the interval of the master.',
    keepalived: 'With version 2 it drops the adverts and logs it, with version 3 it logs it only.',
    remedy: 'Write the same advert_int.',
    example: { text: instance('priority 100', 'advert_int 1'), peer: peer('advert_int 2') },
  },
  pairAuthentication: {
    title: 'Authentication that does not match',
    meaning: 'Each director drops the adverts of the other, and both become master.',
    keepalived: 'It drops the adverts and logs the type or the password as wrong.',
    remedy: 'Write the same authentication, or none, into both files.',
    example: {
      text: instance('priority 100', 'authentication {', '    auth_type PASS', '    auth_pass secret', '}'),
      peer: peer('authentication {', '    auth_type PASS', '    auth_pass secrets', '}'),
    },
  },
  pairUnicast: {
    title: 'Unicast peers that are not each other',
    meaning: 'The adverts go to somebody else, or by multicast on one side only: both become master.',
    keepalived: ALONE,
    remedy: 'The unicast_src_ip of each director must be in the unicast_peer block of the other.',
    example: { text: instance('priority 100', ...UNICAST), peer: peer() },
  },
  pairPriority: {
    title: 'Two directors of equal priority',
    meaning: 'At a tie the higher address decides who stays master, which nobody planned; the start is a race.',
    keepalived: ALONE,
    remedy: 'Give the director that should be master the higher priority.',
    example: { text: instance('priority 100'), peer: instance('priority 100') },
  },
  pairVirtualMac: {
    title: 'A virtual MAC on one side only',
    meaning: 'Neighbours see another MAC at each takeover and depend on gratuitous ARP, which use_vmac was to make needless.',
    keepalived: ALONE,
    remedy: 'Write use_vmac into both files, or into none.',
    example: { text: instance('priority 100', 'use_vmac'), peer: peer() },
  },
  pairGroup: {
    title: 'Sync groups that differ',
    meaning: 'Instances that move together on one director move alone on the other: their addresses end on two machines.',
    keepalived: ALONE,
    remedy: 'Write the same groups with the same members.',
    example: {
      text:
        'vrrp_sync_group G {\n    group {\n        VI_1\n        VI_2\n    }\n}\n' +
        instance('priority 100') +
        instance('priority 100').replace('VI_1', 'VI_2').replace('51', '52').replace('.100/', '.101/'),
      peer: peer() + peer().replace('VI_1', 'VI_2').replace('51', '52').replace('.100/', '.101/'),
    },
  },
  pairDestination: {
    title: 'Two multicast groups',
    meaning: 'Neither director hears the other: both become master.',
    keepalived: ALONE,
    remedy: 'Write the same vrrp_mcast_group4, vrrp_mcast_group6 and mcast_dst_ip.',
    example: { text: instance('priority 100'), peer: `global_defs {\n    vrrp_mcast_group4 224.0.0.19\n}\n${peer()}` },
  },
  pairPreemption: {
    title: 'nopreempt where it has no effect',
    meaning: 'Only the director of the higher priority ever preempts, and it may: nopreempt on the other one changes nothing.',
    keepalived: ALONE,
    remedy: 'Write nopreempt, and state BACKUP, on both directors.',
    example: { text: instance('priority 100'), peer: peer('nopreempt') },
  },
  pairExcludedAddresses: {
    title: 'Two lists of excluded addresses',
    meaning: 'What only one of them has does not move to the other; no advert shows it.',
    keepalived: 'It cannot notice: these addresses are not in the adverts.',
    remedy: 'Write the same virtual_ipaddress_excluded.',
    example: { text: instance('priority 100', 'virtual_ipaddress_excluded {', '    192.0.2.200/24', '}'), peer: peer() },
  },
  pairService: {
    title: 'A service that only one director has',
    meaning: 'After a takeover its clients are refused.',
    keepalived: ALONE,
    remedy: 'Write the virtual server into both files.',
    example: { text: service(), peer: '! nothing here\n' },
  },
  pairServiceSetting: {
    title: 'A service that works differently on the other director',
    meaning: 'Scheduler, persistence, flags, quorum or sorry server differ: clients are treated differently after a takeover.',
    keepalived: ALONE,
    remedy: 'Write the same value into both files.',
    example: { text: service(), peer: service().replace('rr', 'wlc') },
  },
  pairServer: {
    title: 'A real server that only one director has',
    meaning: 'The other one does not use it; copied connections to it are lost at a takeover.',
    keepalived: ALONE,
    remedy: 'Write the real server into both files.',
    example: {
      text: service('real_server 192.0.2.12 80 {', '    TCP_CHECK {', '        connect_timeout 3', '    }', '}'),
      peer: service(),
    },
  },
  pairServerSetting: {
    title: 'A real server that is used differently on the other director',
    meaning: 'Weight, forwarding method or thresholds differ: the load shifts at a takeover, or the packets take another way.',
    keepalived: ALONE,
    remedy: 'Write the same value into both files.',
    example: { text: server('weight 1'), peer: server('weight 2') },
  },
  pairChecks: {
    title: 'A real server that is checked differently on the other director',
    meaning: 'The directors may disagree about who is alive, and how soon a dead server is noticed.',
    keepalived: ALONE,
    remedy: 'Write the same checks; where a check comes from (bindto, bind_port, bind_if) may differ.',
    example: { text: server(), peer: server().replace('connect_timeout 3', 'connect_timeout 1') },
  },
  pairSyncDaemon: {
    title: 'Connections are not copied to the other director',
    meaning: 'The sync daemon of one is not set up as that of the other: after a takeover established connections break.',
    keepalived: ALONE,
    remedy: 'Write the same lvs_sync_daemon id, group and port into both files.',
    example: {
      text: `global_defs {\n    lvs_sync_daemon eth0 id 1\n}\n${service()}`,
      peer: `global_defs {\n    lvs_sync_daemon eth0 id 2\n}\n${service()}`,
    },
  },
} as const satisfies Partial<Record<FindingKind, Explanation>>;
