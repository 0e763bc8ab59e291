/** HF-4xx: VRRP. */

import type { FindingKind } from '../catalog.js';
import { instance } from './explanation.js';
import type { Explanation } from './explanation.js';

export const VRRP = {
  virtualRouterIdMissing: {
    title: 'An instance without virtual_router_id',
    meaning: 'It has no identity on its link. The daemon does not start.',
    keepalived: 'The VRRP process ends with a configuration error, and the daemon with status 2.',
    remedy: 'Write virtual_router_id N: 1 to 255, the same on both directors, used by nobody else on that link.',
    example: instance().replace('    virtual_router_id 51\n', ''),
  },
  virtualRouterIdTaken: {
    title: 'Two instances with one virtual_router_id',
    meaning: 'On one interface and within one address family an id belongs to one instance. The daemon does not start.',
    keepalived: 'The VRRP process ends with a configuration error, and the daemon with status 2.',
    remedy: 'Give one of them another id, on both directors.',
    example: `${instance()}${instance().replace('VI_1', 'VI_2').replace('.100', '.101')}`,
  },
  interfaceMissing: {
    title: 'An instance without interface',
    meaning: 'Nobody knows where its adverts go. The daemon does not start.',
    keepalived: 'The VRRP process ends with a configuration error, and the daemon with status 2.',
    remedy: 'Write interface NAME.',
    example: instance().replace('    interface eth0\n', ''),
  },
  interfaceUnknown: {
    title: 'An interface that this machine does not have',
    meaning: 'The daemon does not start here. On another machine the same file may be in order: --offline leaves this out.',
    keepalived: 'The VRRP process ends with a configuration error unless dynamic_interfaces is set.',
    remedy: 'Correct the name, or bring the interface up before the daemon starts.',
    example: instance().replace('eth0', 'eth9'),
  },
  interfaceLoopback: {
    title: 'VRRP on the loopback interface',
    meaning: 'Nobody can hear its adverts. The daemon does not start.',
    keepalived: 'The VRRP process ends with a configuration error.',
    remedy: 'Name the interface that faces the other director.',
    example: instance().replace('eth0', 'lo'),
  },
  virtualAddressMissing: {
    title: 'A version 3 instance without virtual address',
    meaning: 'Version 3 demands at least one address in its adverts. The daemon does not start.',
    keepalived: 'The VRRP process ends with a configuration error.',
    remedy: 'Write a virtual_ipaddress block, or no_virtual_ipaddress if none is meant.',
    example: 'vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n    version 3\n}\n',
  },
  noVirtualAddress: {
    title: 'An instance without virtual address',
    meaning: 'It elects a master, but nothing moves with it.',
    keepalived: 'It warns and runs the instance.',
    remedy: 'Write a virtual_ipaddress block, or no_virtual_ipaddress if none is meant.',
    example: 'vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n}\n',
  },
  tooManyVirtualAddresses: {
    title: 'More virtual addresses than an advert holds',
    meaning: 'The surplus is treated as virtual_ipaddress_excluded: it moves with the master and is not in the adverts.',
    keepalived: 'It moves the surplus, too.',
    remedy: 'Keep one address per network in virtual_ipaddress and put the others into virtual_ipaddress_excluded.',
    example: {
      text: instance().replace(
        '192.0.2.100/24',
        Array.from({ length: 256 }, (_, i) => `10.0.${Math.floor(i / 250)}.${(i % 250) + 1}`).join('\n        '),
      ),
      shown: instance().replace('192.0.2.100/24', '10.0.0.1\n        10.0.0.2\n        ...   (256 addresses)'),
    },
  },
  wrongFamily: {
    title: 'IPv4 and IPv6 where only one can be',
    meaning: 'An address does not fit the family of the others it stands with; the message says which of them is left out.',
    keepalived: 'It leaves out the same.',
    remedy: 'Write one instance for each family (a sync group keeps them together), or the excluded list for the other family.',
    example: instance('mcast_src_ip 2001:db8::1').replace('    mcast_src_ip 2001:db8::1\n', '').replace('    }\n}', '    }\n    mcast_src_ip 2001:db8::1\n}'),
  },
  contradiction: {
    title: 'Two lines that contradict each other',
    meaning: 'Both are right alone, together only one can be obeyed. The message says which.',
    keepalived: 'It obeys the same one and warns.',
    remedy: 'Decide for one of them.',
    example: instance('state MASTER', 'nopreempt'),
  },
  wrongVersion: {
    title: 'A VRRP version that does not fit',
    meaning: 'The instance uses what the protocol demands: IPv6 has version 3 only.',
    keepalived: 'It uses the same version and warns.',
    remedy: 'Write version 3, on both directors.',
    example: instance('version 2').replace('192.0.2.100/24', 'fe80::100/64'),
  },
  badAuthentication: {
    title: 'Authentication that is not what it seems',
    meaning: 'It is left out or cut: version 3 has none, a password has 8 characters.',
    keepalived: 'It does the same and warns.',
    remedy: 'Use version 2 with a password of at most 8 characters, or none: the password is sent in the clear anyway.',
    example: instance('version 3', 'authentication {', '    auth_type PASS', '    auth_pass secret', '}'),
  },
  badGroup: {
    title: 'A sync group that does not hold together',
    meaning: 'A member does not exist or is in another group, or there are too few members to follow each other.',
    keepalived: 'It leaves out the same and warns.',
    remedy: 'Name instances that exist, each in one group.',
    example: `${instance()}vrrp_sync_group G {\n    group {\n        VI_1\n    }\n}\n`,
  },
  duplicateAddress: {
    title: 'An address that stands twice',
    meaning: 'The second line is skipped.',
    keepalived: 'It skips the second one and mentions it in its log only.',
    remedy: 'Remove one of them.',
    example: instance('virtual_ipaddress_excluded {', '    192.0.2.100/24', '}'),
  },
  uselessPassword: {
    title: 'A password without auth_type',
    meaning: 'Without a type there is no authentication, and the password is not sent.',
    keepalived: 'It sends none either, and says nothing.',
    remedy: 'Write auth_type PASS, or remove the password.',
    example: instance('authentication {', '    auth_pass secret', '}'),
  },
  badBfd: {
    title: 'A BFD session that cannot be',
    meaning: 'It has no neighbour, or the neighbour of another session; the block is skipped.',
    keepalived: 'It skips the block and warns.',
    remedy: 'Write neighbor_ip ADDRESS, one session for each neighbour.',
    example: 'bfd_instance gateway {\n    min_rx 100\n}\n',
  },
  trackerUnknown: {
    title: 'Something is tracked that is not defined',
    meaning: 'The line is ignored: what it should have watched does not matter to this instance.',
    keepalived: 'It ignores the line and warns.',
    remedy: 'Define it under that name, above the block that tracks it.',
    example: instance('track_bfd {', '    gateway', '}'),
  },
  nameUnknown: {
    title: 'A name that no file of iproute2 knows',
    meaning:
      'Routing tables, protocols, scopes, realms, service types and interface groups have names in rt_tables, rt_protos, ' +
      'rt_scopes, rt_realms, rt_dsfield and group; the word is none of them and no number. What becomes of the line, the ' +
      'message says.',
    keepalived: 'It looks the name up in the same files, warns, and does the same with the line.',
    remedy: 'Write the number, or add the name to the file in /etc/iproute2.',
    example: 'static_rules {\n    from 10.9.0.0/16 table office preference 100\n}\n',
  },
  untracked: {
    title: 'A route that nobody watches',
    meaning:
      'Routes are watched by their interface. This one names none of its own, so nothing happens when somebody else removes it.',
    keepalived: 'It warns, and takes no notice when somebody else removes the route.',
    remedy: 'Add dev INTERFACE, or no_track if that is meant.',
    example: 'static_routes {\n    10.9.0.0/16 via 192.0.2.254\n}\n',
  },
  priorityChosen: {
    title: 'A rule without a preference',
    meaning: 'Rules are looked at in the order of their preferences; the first without one gets 16384, the next 16383, and so on.',
    keepalived: 'It chooses the same number and warns.',
    remedy: 'Write preference N, so that the order does not depend on how many other rules have none.',
    example: 'static_rules {\n    from 10.9.0.0/16 table 100\n}\n',
  },
  raisedToMinimum: {
    title: 'A time below what the kernel allows',
    meaning: 'The times rtt, rttvar and rto_min of a route are at least 200 ms; that is used. Without a unit rtt counts in eighths and rttvar in quarters of milliseconds.',
    keepalived: 'It raises the time and writes a line to its log.',
    remedy: 'Write a longer time, with its unit.',
    example: 'static_routes {\n    10.9.0.0/16 dev eth0 rtt 100ms\n}\n',
  },
} as const satisfies Partial<Record<FindingKind, Explanation>>;
