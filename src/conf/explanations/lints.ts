/** HF-6xx: what keepalived accepts without a word and what burns operators all the same. */

import type { FindingKind } from '../catalog.js';
import { instance, server, service } from './explanation.js';
import type { Explanation } from './explanation.js';

const SILENT = 'It accepts that without a word.';

export const LINTS = {
  noPreemptWithWeights: {
    title: 'nopreempt makes weighted trackers useless',
    meaning:
      'A failing tracker lowers the priority of the master, but a backup with nopreempt accepts a master of any priority: ' +
      'the addresses stay on the broken director.',
    keepalived: SILENT,
    remedy: 'Remove nopreempt, or the weight: without weight a failing tracker means FAULT, and the addresses move.',
    example: instance('nopreempt', 'track_interface {', '    eth1 weight -20', '}'),
  },
  realServerUnchecked: {
    title: 'A real server that nobody checks',
    meaning: 'It counts as up for ever and gets its share of the connections when it is dead.',
    keepalived: SILENT,
    remedy: 'Write a check into the real_server; TCP_CHECK { } is the least.',
    example: service().replace('TCP_CHECK', 'weight 1').replace(/ \{\n {12}connect_timeout 3\n {8}\}/, ''),
  },
  detectionTime: {
    title: 'How long a dead server keeps its connections',
    meaning:
      'The worst case: the server dies just after it has passed a check, so a whole delay_loop goes by, then every attempt ' +
      'takes its full time-out.',
    keepalived: 'It needs the same time and has no way to ask for it.',
    remedy: 'Lower delay_loop, connect_timeout, retry or delay_before_retry if that is too long. It is information, not a fault.',
    example: service(),
  },
  slowRetries: {
    title: 'Attempts that take longer than delay_loop',
    meaning: 'All attempts at a silent server together take longer than the pause between two checks, which therefore says little.',
    keepalived: SILENT,
    remedy: 'Lower connect_timeout or retry, or raise delay_loop.',
    example: server('delay_loop 5'),
  },
  maglevWithoutFallback: {
    title: 'mh with a server of weight 0 and no mh-fallback',
    meaning: 'The kernel keeps the server in its hash table: clients that belong to it are refused while it has weight 0.',
    keepalived: SILENT,
    remedy: 'Write mh-fallback below lb_algo mh.',
    example: service('inhibit_on_failure').replace('lb_algo rr', 'lb_algo mh'),
  },
  untranslatedPort: {
    title: 'A port that DR and TUN do not translate',
    meaning: 'Connections arrive at the port that the client chose, while the server or its check is set to another one.',
    keepalived: 'It says something only where service and server are written with two different ports.',
    remedy: 'Write one virtual server for each port, or use NAT; connect_port, if the check is meant to ask elsewhere.',
    example: {
      text:
        'virtual_server_group web {\n    192.0.2.100 80\n    192.0.2.100 443\n}\n' +
        server().replace('192.0.2.100 80', 'group web').replace('NAT', 'DR'),
      also: ['portForced'],
    },
  },
  advertTooLong: {
    title: 'An advert that does not fit into a packet',
    meaning: 'With so many addresses the advert is longer than the link carries: it is cut into fragments or not sent at all.',
    keepalived: SILENT,
    remedy: 'Move addresses to virtual_ipaddress_excluded, on both directors.',
    example: {
      text: instance('version 3').replace(
        '192.0.2.100/24',
        Array.from({ length: 80 }, (_, i) => `2001:db8::${(i + 1).toString(16)}/64`).join('\n        '),
      ),
      shown: instance('version 3').replace('192.0.2.100/24', '2001:db8::1/64\n        2001:db8::2/64\n        ...   (80 addresses; eth0 has an MTU of 1280)'),
      mtu: 1_280,
    },
  },
  addressWithoutInstance: {
    title: 'A virtual server whose address no instance moves',
    meaning: 'The service stays where it is when the master changes, unless something else moves its address.',
    keepalived: SILENT,
    remedy: 'Write the address into virtual_ipaddress or virtual_ipaddress_excluded of an instance.',
    example: instance() + service().replace('192.0.2.100', '192.0.2.101'),
  },
  repeatedChecks: {
    title: 'One question asked many times',
    meaning: 'The same check of the same server stands in several places; the server is asked once, and the answer counts for all of them.',
    keepalived: 'It asks once for each of them, and says nothing.',
    remedy: 'Nothing needs mending. Different delays or retries of the same check are asked apart.',
    example: service() + service().replace('192.0.2.100', '192.0.2.101'),
  },
  ownValue: {
    title: 'A value that is holdfast\'s own',
    meaning: 'With FULLNAT the director translates the client\'s address too, so that real servers need no route back through the director.',
    keepalived: 'It does not know the value, reports it and keeps NAT.',
    remedy: 'Nothing needs mending here; write NAT where the same file must serve keepalived.',
    example: service().replace('lb_kind NAT', 'lb_kind FULLNAT'),
  },
  ownKeyword: {
    title: 'A word of holdfast',
    meaning: 'It does what the manual says under holdfast, and nothing under keepalived, which has no such word.',
    keepalived: 'It reports an unknown keyword and goes on without the line; its -t fails.',
    remedy: 'Remove the line where the same file serves both programs.',
    example: instance('learnt_interval_limit 20'),
  },
  intervalBelowSecond: {
    title: 'An interval below a second with version 2',
    meaning: 'Version 2 knows whole seconds: adverts come every second, and a takeover takes several times what was planned.',
    keepalived: 'It rounds the interval, and says by how much, not what that means.',
    remedy: 'Write version 3 on both directors.',
    example: { text: instance('advert_int 0.2'), also: ['outOfRange'] },
  },
  weakAuthentication: {
    title: 'A password that protects nothing',
    meaning: 'It stands in every advert in the clear: whoever can send an advert onto the link has read it in the one before.',
    keepalived: SILENT,
    remedy: 'Remove it, use unicast between the directors, or auth_hmac with version 3.',
    example: instance('authentication {', '    auth_type PASS', '    auth_pass secret', '}'),
  },
  sorryServerUnchecked: {
    title: 'A sorry server that nobody checks',
    meaning: 'It is the last one left when all others are down; if it is down too, nobody is told.',
    keepalived: 'It cannot check a sorry server.',
    remedy: 'Watch it from elsewhere.',
    example: service('sorry_server 192.0.2.12 80'),
  },
  routerIdOnSameNetwork: {
    title: 'One virtual_router_id twice in one network',
    meaning: 'Two instances on two interfaces have addresses of one network: on one link they would take each other for one router.',
    keepalived: SILENT,
    remedy: 'Give one of them another id, on both directors.',
    example: instance() + instance().replace('VI_1', 'VI_2').replace('eth0', 'eth1').replace('.100', '.101'),
  },
  fewAnnouncements: {
    title: 'Announcements that may get lost',
    meaning: 'Neighbours send to the old master until they hear a gratuitous ARP: here only one packet tells them, or none.',
    keepalived: SILENT,
    remedy: 'Leave garp_master_repeat, garp_master_delay and garp_lower_prio_repeat at their defaults, or set garp_master_refresh.',
    example: instance('garp_master_repeat 1', 'garp_master_delay 0'),
  },
  quorumUnreachable: {
    title: 'A quorum that never comes back',
    meaning: 'Quorum and hysteresis together are more than all weights: once lost, and at the start it is lost, it stays lost.',
    keepalived: SILENT,
    remedy: 'Lower quorum or hysteresis, or add servers.',
    example: service(
      'quorum 2',
      'hysteresis 1',
      'real_server 192.0.2.12 80 {',
      '    TCP_CHECK {',
      '        connect_timeout 3',
      '    }',
      '}',
    ),
  },
  unequalGroup: {
    title: 'Members of a sync group that disagree',
    meaning: 'They change state together, so they must want to at the same time: interval, preemption and priority should agree.',
    keepalived: SILENT,
    remedy: 'Write the same value into all of them.',
    example:
      'vrrp_sync_group G {\n    group {\n        VI_1\n        VI_2\n    }\n}\n' +
      instance('advert_int 1') +
      instance('advert_int 2').replace('VI_1', 'VI_2').replace('51', '52').replace('.100', '.101'),
  },
  persistentToDead: {
    title: 'Persistence holds clients at a dead server',
    meaning: 'A failed server stays with weight 0 (inhibit_on_failure), and persistence goes on sending its clients there.',
    keepalived: SILENT,
    remedy: 'Remove inhibit_on_failure, or set the sysctl net.ipv4.vs.expire_quiescent_template to 1.',
    example: service('persistence_timeout 300', 'inhibit_on_failure'),
  },
  thresholdsSwapped: {
    title: 'A lower threshold above the upper one',
    meaning: 'The kernel refuses such a server: it never gets into the table.',
    keepalived: 'It sends it to the kernel and logs the refusal when it runs.',
    remedy: 'Write an uthreshold above lthreshold, or no lthreshold.',
    example: server('uthreshold 10', 'lthreshold 20'),
  },
  checkOfItself: {
    title: 'A check that asks the director',
    meaning: 'The check goes to a virtual address, which the master holds itself: it says nothing about the server.',
    keepalived: SILENT,
    remedy: 'Ask an address that only the real server has.',
    example: server().replace('connect_timeout 3', 'connect_ip 192.0.2.100'),
  },
  takeoverTime: {
    title: 'How long a silent master is waited for',
    meaning: 'So long after the last advert of the master this instance takes over: the missed adverts and the skew of its priority.',
    keepalived: 'It waits as long, and has no way to ask for it.',
    remedy: 'Lower advert_int (version 3 knows steps of 10 ms) or down_timer_adverts. It is information, not a fault.',
    example: instance(),
  },
  weightBeyondRange: {
    title: 'Weights that lead beyond the highest priority',
    meaning: 'Priorities end at 254: what a tracker adds beyond that makes no difference, and taking it away none either.',
    keepalived: 'It cuts the priority without a word.',
    remedy: 'Lower the base priority or the weight.',
    example: instance('priority 250', 'track_interface {', '    eth1 weight 20', '}'),
  },
  datagramsToDead: {
    title: 'Datagrams go on to a server that is out',
    meaning:
      'The kernel remembers the server of every flow of UDP and, when that leaves the table, drops what still comes until the flow is forgotten. ' +
      'A client that goes on asking from one port hears nothing for so long. Where every service is UDP the daemon has such flows end at once; ' +
      'the setting counts for TCP too, where a connection to a server that comes back soon would live on, so here it is your choice.',
    keepalived: SILENT,
    remedy: 'Write lvs_expire_nodest_conn into global_defs, or shorten lvs_timeouts udp.',
    example: `${service()}${service().replace('100 80', '100 53').replace('protocol TCP', 'protocol UDP')}`,
  },
} as const satisfies Partial<Record<FindingKind, Explanation>>;
