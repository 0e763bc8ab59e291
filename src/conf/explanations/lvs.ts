/** HF-5xx: virtual servers, real servers and their checks. */

import type { FindingKind } from '../catalog.js';
import { server, service } from './explanation.js';
import type { Explanation } from './explanation.js';

export const LVS = {
  virtualServerInvalid: {
    title: 'A virtual server that nothing can serve',
    meaning: 'It has no usable real server, so the whole block is skipped.',
    keepalived: 'It removes the virtual server and warns.',
    remedy: 'Write a real_server block into it.',
    example: 'virtual_server 192.0.2.100 80 {\n    lb_algo rr\n    lb_kind NAT\n    protocol TCP\n}\n',
  },
  virtualServerDuplicate: {
    title: 'A service that stands twice',
    meaning: 'IPVS has each service once. The real servers of the second block join those of the first.',
    keepalived: 'Both blocks fight over one entry in the kernel, and nothing is said.',
    remedy: 'Write all real servers into one virtual_server.',
    example: `${service()}${service().replace('.11', '.12')}`,
  },
  realServerDuplicate: {
    title: 'A real server that stands twice',
    meaning: 'The second block is skipped.',
    keepalived: 'It skips the second one and warns.',
    remedy: 'Remove one of them, or correct its address or port.',
    example: service('real_server 192.0.2.11 80 {', '    TCP_CHECK {', '    }', '}'),
  },
  quorumTooHigh: {
    title: 'A quorum that can never be reached',
    meaning: 'It is more than the weights of all real servers together; their sum is used.',
    keepalived: 'It uses the sum, too.',
    remedy: 'Lower the quorum, raise weights or add servers.',
    example: service('quorum 5'),
  },
  hysteresisTooHigh: {
    title: 'A hysteresis as large as the quorum',
    meaning: 'The service could never be lost, or never come back; the largest margin that works is used.',
    keepalived: 'It uses the same margin.',
    remedy: 'Write less than the quorum.',
    example: service('quorum 1', 'hysteresis 1'),
  },
  portForced: {
    title: 'DR and TUN cannot translate ports',
    meaning: 'The packet reaches the real server as the client sent it. The port of the virtual server is used.',
    keepalived: 'It resets the port, too.',
    remedy: 'Write the same port in both places, or use lb_kind NAT.',
    example: service().replace('NAT', 'DR').replace('.11 80', '.11 8080'),
  },
  familyMixed: {
    title: 'A server of the other address family',
    meaning: 'Only tunnels lead from IPv4 to IPv6 or back; the server is skipped.',
    keepalived: 'It skips the server, too.',
    remedy: 'Use lb_kind TUN, or a virtual server of that family.',
    example: service('sorry_server 2001:db8::12 80'),
  },
  checkerInvalid: {
    title: 'A check that cannot be made',
    meaning: 'It lacks what it would have to ask for and is left out; without another check the server counts as up.',
    keepalived: 'It drops the check and warns.',
    remedy: 'Complete it as the hint says.',
    example: server('HTTP_GET {', '}'),
  },
  defaultApplied: {
    title: 'A default where the operator should have decided',
    meaning: 'The keyword is not there, and the default is rarely what is wanted: UDP, NAT, wlc, persistence.',
    keepalived: 'It uses the same default and warns.',
    remedy: 'Write the keyword, even with the default value.',
    example: service().replace('    protocol TCP\n', ''),
  },
  schedulerFlag: {
    title: 'A scheduler flag that does not fit',
    meaning: 'The flag means nothing to this scheduler or protocol, or stands before lb_algo; it is ignored.',
    keepalived: 'It ignores the flag and warns.',
    remedy: 'Write lb_algo above it, or remove it.',
    example: service('mh-port'),
  },
  groupUnknown: {
    title: 'A virtual server group that is not there',
    meaning: 'The group is not defined or has no entries; the virtual server is skipped.',
    keepalived: 'It skips the virtual server; older releases notice it only when the daemon starts.',
    remedy: 'Define virtual_server_group NAME with at least one line.',
    example: service().replace('192.0.2.100 80', 'group web'),
  },
  badPattern: {
    title: 'A regex keyword that does not work',
    meaning: 'The pattern is no PCRE2 pattern, loses its backslashes on the way, or lacks what it needs; the part in question is ignored.',
    keepalived: 'It writes a line to the log when it starts, which -t does not show.',
    remedy: 'Correct the pattern at the place shown; inside quotes a backslash is written twice.',
    example: server('HTTP_GET {', '    url {', '        path /', '        regex "a("', '    }', '}'),
  },
  patternNotMappable: {
    title: 'A pattern that only PCRE2 understands',
    meaning: 'What stands there has no counterpart here, so the whole pattern is ignored instead of being taken for something else.',
    keepalived: 'It uses the pattern.',
    remedy: 'Write the pattern without it; most possessive quantifiers and atomic groups can simply be plain ones.',
    example: server('HTTP_GET {', '    url {', '        path /', '        regex "(?>a+)b"', '    }', '}'),
  },
  checkWithoutPort: {
    title: 'A check without a port',
    meaning: 'Neither the check nor its real server has a port, so the probe goes to port 0 and fails.',
    keepalived: 'It probes port 0 and takes the server down.',
    remedy: 'Write connect_port into the check, or the port behind the address of the real server.',
    example: service()
      .replace('192.0.2.100 80', 'fwmark 7')
      .replace('    protocol TCP\n', '')
      .replace('192.0.2.11 80', '192.0.2.11'),
  },
  checkAlwaysFails: {
    title: 'A check that nothing can pass',
    meaning: 'Its conditions exclude each other: the server is taken down and never comes back.',
    keepalived: 'It warns and lets the check fail.',
    remedy: 'Write min_reply_length and max_reply_length so that an answer fits between them.',
    example: server('UDP_CHECK {', '    require_reply', '    min_reply_length 300', '}'),
  },
  tooManyAddresses: {
    title: 'A range of more addresses than can be services',
    meaning:
      'Each address is a service of the kernel; one line makes at most 65,536 of them, all groups together 262,144, each as ' +
      'often as it is used. What goes beyond is skipped.',
    keepalived: 'It tries to make them all, and is busy for a long time.',
    remedy: 'Write a firewall mark and let the packet filter set it.',
    example: `virtual_server_group web {\n    192.0.2.100 80\n    10.0.0.0/8 80\n}\n${service().replace('192.0.2.100 80', 'group web')}`,
  },
  groupUnused: {
    title: 'A virtual server group that nobody uses',
    meaning: 'No virtual_server names it, so its addresses are not served.',
    keepalived: 'It reads the group and does nothing with it.',
    remedy: 'Write virtual_server group NAME, or remove the group.',
    example: 'virtual_server_group web {\n    192.0.2.100 80\n}\n',
  },
  groupDuplicate: {
    title: 'Two virtual server groups of one name',
    meaning: 'Whoever names the group gets the first one; the second is never used.',
    keepalived: 'It takes the first one without a word.',
    remedy: 'Give one of them another name, or write all lines into one.',
    example: `virtual_server_group web {\n    192.0.2.100 80\n}\n`.repeat(2) + service().replace('192.0.2.100 80', 'group web'),
  },
  groupInvalid: {
    title: 'A virtual server group that cannot be used',
    meaning: 'Nothing usable stands in it, or it mixes IPv4, IPv6 and a firewall mark that says neither; it is left out.',
    keepalived: 'It removes the group and warns.',
    remedy: 'Write addresses with ports into it, and inet or inet6 behind each mark.',
    example: 'virtual_server_group web {\n}\n',
  },
  sorryServerInPool: {
    title: 'A sorry server that is a real server too',
    meaning: 'The kernel has one entry for both; whether it stays with weight 0 is taken from the real server.',
    keepalived: 'It makes the sorry server like the real server and warns.',
    remedy: 'Write inhibit_on_failure and sorry_server_inhibit both or neither.',
    example: service('sorry_server 192.0.2.11 80', 'sorry_server_inhibit'),
  },
  syncDaemonInstance: {
    title: 'Connections that are copied neither way',
    meaning: 'The vrrp_instance that lvs_sync_daemon names is not there, so nothing says who sends and who receives.',
    keepalived: 'It starts the sync daemon without following anything.',
    remedy: 'Write the name of a vrrp_instance.',
    example: 'global_defs {\n    lvs_sync_daemon eth0 VI_9\n}\n',
  },
  granularityOfOtherFamily: {
    title: 'A mask of IPv4 for a service of IPv6',
    meaning: 'The real servers make the firewall mark a service of IPv6, which has prefix lengths; each client is remembered by its whole address.',
    keepalived: 'It takes the mask without a word, since it meets the servers later.',
    remedy: 'Write a prefix length from 1 to 128.',
    example: 'virtual_server fwmark 5 {\n    lb_algo rr\n    lb_kind TUN\n    persistence_granularity 255.255.255.0\n    real_server 2001:db8::11 {\n    }\n}\n',
  },
  onePacketTranslated: {
    title: 'Packets that FULLNAT cannot schedule one by one',
    meaning: "The kernel's connection tracking does not follow one-packet connections, so no answer would find its way back; ops is ignored.",
    keepalived: 'It does not know FULLNAT.',
    remedy: 'Remove ops, or forward by DR or TUN.',
    example: service('ops').replace('lb_kind NAT', 'lb_kind FULLNAT').replace('protocol TCP', 'protocol UDP'),
  },
} as const satisfies Partial<Record<FindingKind, Explanation>>;
