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
} as const satisfies Partial<Record<FindingKind, Explanation>>;
