/** virtual_server and real_server. */

import { parseAddress } from '../../base/address.js';
import type { Statement } from '../cst.js';
import { bfdCheck, dnsCheck, fileCheck, miscCheck, pingCheck, smtpCheck, tcpCheck, udpCheck } from './checkers.js';
import { grpcCheck, mysqlCheck, pgsqlCheck, redisCheck } from './own-checks.js';
import { command } from './command.js';
import { flapDamping } from './flap-damping.js';
import { forwarding } from './forwarding.js';
import {
  bool,
  choice,
  custom,
  flag,
  integer,
  INT32,
  section,
  shortName,
  timer,
  TIMER_SECONDS,
  UINT32,
  word,
} from './kinds.js';
import { all, blockTable } from './schema.js';
import { httpGet, sslGet } from './web-checks.js';

/** Every scheduler the kernel has. */
const SCHEDULERS = ['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'sh', 'dh', 'mh', 'fo', 'ovf', 'sed', 'nq', 'twos'] as const;

const retryDefaults = {
  retry: integer({ doc: 'Default retry of the checkers.', default: '1', min: 1, max: UINT32 }, 'exact'),
  delay_before_retry: timer({ doc: 'Default delay_before_retry of the checkers.', default: '1 (HTTP_GET, SSL_GET: 3)' }),
  warmup: timer({ doc: 'Default warmup of the checkers.', default: 'delay_loop' }),
  connect_timeout: timer({
    doc: 'Default connect_timeout of the checkers.',
    default: '5',
    min: 0.000001,
    max: TIMER_SECONDS,
  }),
  delay_loop: timer({ doc: 'Time between checks.', default: '60', min: 0.000001 }),
};

/** What stands beside what serves: mail and SNMP. */
const outlets = {
  snmp_name: custom({
    doc: 'Name shown through SNMP.',
    default: 'none',
    example: 'snmp_name web',
    syntax: 'NAME',
    read(statement, { findings }) {
      const [keyword, name, extra] = statement.words;
      if (name !== undefined && extra === undefined) return name.text;
      const at = extra ?? keyword;
      if (at !== undefined) findings.report('badValue', at, 'snmp_name needs one name; the line is ignored', 'write: snmp_name NAME');
      return undefined;
    },
  }),
};

/** How a server comes back after it was down; none of it is keepalived's. */
const returning = {
  slow_start: timer({
    doc: 'The weight of a server that comes up grows from 1 in this time: caches are cold, and lc and wlc would give it all new connections. The quorum counts the whole weight.',
    default: '0, at once',
    min: 0,
    max: 86_400,
    own: true,
  }),
  manual_resume: bool({
    doc: 'A server that went down stays out, through restarts too, until an operator resumes it (holdfast rs resume; SIGRTMIN+3 to the daemon resumes all): for those that must be looked after first, such as databases.',
    default: 'off',
    own: true,
  }),
  flap_damping: flapDamping,
};

const serverKeywords = {
  ...retryDefaults,
  weight: integer({ doc: 'IPVS weight.', default: "the virtual server's weight, else 1", min: 0, max: INT32 }),
  lvs_method: forwarding('Forwarding method of this server.', 'lb_kind', []),
  uthreshold: integer({
    doc: 'Connections above which IPVS sends no new ones; 0 = no limit.',
    default: '0',
    min: 0,
    max: UINT32,
  }),
  lthreshold: integer({ doc: 'Connections below which IPVS sends new ones again.', default: '0', min: 0, max: UINT32 }),
  inhibit_on_failure: bool({ doc: 'Weight 0 instead of removal while down.', default: 'the virtual server' }),
  notify_up: command({ doc: 'Run when the server comes up.' }),
  notify_down: command({ doc: 'Run when the server goes down.' }),
  alpha: bool({ doc: 'Down until checked.', default: 'the virtual server' }),
  virtualhost: word({ doc: 'Default Host header of the checkers.', default: 'the virtual server' }, 'ignored'),
  smtp_alert: bool({
    doc: 'Mail when the server goes up or down.',
    default: 'smtp_alert_checker, smtp_alert, else on',
  }),
  ...outlets,
  ...returning,
  TCP_CHECK: all(section({ doc: 'The server is up when it accepts a connection.' }, tcpCheck)),
  HTTP_GET: all(section({ doc: 'The server is up when it answers requests as expected.' }, httpGet)),
  SSL_GET: all(section({ doc: 'HTTP_GET over TLS.' }, sslGet)),
  SMTP_CHECK: all(section({ doc: 'The server is up when it greets as a mail server; replies of several lines, which fail in keepalived, are replies.' }, smtpCheck)),
  GRPC_CHECK: all(section({ doc: "The server is up when gRPC's health service (grpc.health.v1) says SERVING.", own: true }, grpcCheck)),
  MYSQL_CHECK: all(section({ doc: 'The server is up when MariaDB or MySQL greets and answers a login.', own: true }, mysqlCheck)),
  PGSQL_CHECK: all(section({ doc: 'The server is up when PostgreSQL takes connections.', own: true }, pgsqlCheck)),
  REDIS_CHECK: all(section({ doc: 'The server is up when Redis answers PING.', own: true }, redisCheck)),
  DNS_CHECK: all(section({ doc: 'The server is up when it answers a query over UDP.' }, dnsCheck)),
  MISC_CHECK: all(
    section(
      {
        doc: 'The server is up when a program says so.',
        example: 'MISC_CHECK {\n misc_path "/usr/local/bin/check 192.0.2.10"\n}',
      },
      miscCheck,
    ),
  ),
  UDP_CHECK: all(section({ doc: 'The server is up when a datagram is not refused, or is answered.' }, udpCheck)),
  PING_CHECK: all(section({ doc: 'The server is up when it answers an echo request.' }, pingCheck)),
  BFD_CHECK: all(
    section(
      { doc: 'The server is up while a BFD session is up.', example: 'BFD_CHECK {\n name session\n}' },
      bfdCheck,
    ),
  ),
  FILE_CHECK: all(
    section(
      { doc: "The server's weight follows a number in a file.", example: 'FILE_CHECK {\n track_file health\n}' },
      fileCheck,
    ),
  ),
};

export const realServer = blockTable('real_server', serverKeywords);

export const backupServer = blockTable('backup_server', {
  tier: integer(
    { doc: 'Servers of one tier serve together, the lowest tier of which one is up.', default: 'one behind the block before', min: 1, max: 255, own: true },
    'exact',
  ),
  ...serverKeywords,
});

const persistenceSeconds = integer({ doc: 'Seconds of persistence.', min: 1, max: 2_678_400 }, 'exact');

export const virtualServer = blockTable('virtual_server', {
  ...retryDefaults,
  ip_family: choice({ doc: 'Address family of a firewall mark service.', default: 'the servers', of: ['inet', 'inet6'] }),
  inhibit_on_failure: flag({ doc: 'Servers get weight 0 instead of removal while down.', default: 'off' }),
  lb_algo: choice({ doc: 'Scheduler.', default: 'wlc', aliases: ['lvs_sched'], of: SCHEDULERS }),
  lb_kind: forwarding('Forwarding method of the servers. FULLNAT, a word of holdfast, is NAT that translates the client too: servers see the director and need no route back through it.', 'NAT', ['lvs_method']),
  hashed: flag({ doc: 'Understood for compatibility; keepalived sets nothing by it either.', default: 'off' }),
  ops: flag({ doc: 'One packet, one scheduling (UDP only, and not with FULLNAT).', default: 'off' }),
  'flag-1': flag({ doc: 'Scheduler flag 1.', default: 'off' }),
  'flag-2': flag({ doc: 'Scheduler flag 2.', default: 'off' }),
  'flag-3': flag({ doc: 'Scheduler flag 3.', default: 'off' }),
  'sh-port': flag({ doc: 'The port counts too for sh.', default: 'off' }),
  'sh-fallback': flag({ doc: 'sh takes another server when the one hashed to is away.', default: 'off' }),
  'mh-port': flag({ doc: 'The port counts too for mh.', default: 'off' }),
  'mh-fallback': flag({ doc: 'mh takes another server when the one hashed to is away.', default: 'off' }),
  persistence_timeout: custom({
    doc: 'A client stays with its server for this long.',
    default: 'off; alone 360',
    unit: 's',
    min: 1,
    max: 2_678_400,
    syntax: '[SECS]',
    read: (statement, reading) => (statement.words.length < 2 ? 360 : persistenceSeconds.read(statement, reading)),
  }),
  persistence_granularity: word({
    doc: 'Clients of one network are one client: IPv4 mask or IPv6 prefix length.',
    default: '255.255.255.255, or 128',
    syntax: 'MASK',
  }),
  persistence_engine: shortName({ doc: 'What tells clients apart instead of their address: sip.', default: 'none' }),
  protocol: choice({ doc: 'Protocol of the service.', default: 'UDP', of: ['TCP', 'UDP', 'SCTP'], fold: true }),
  ha_suspend: flag({
    doc: "Checks run only while one of the service's addresses is on this host.",
    default: 'off',
  }),
  drain_timeout: timer({
    doc: 'A healthy server that a reload takes out keeps its connections, at weight 0, until they are gone or this long; 0 = not at all, as keepalived. UDP is not drained.',
    default: '0',
    min: 0,
    max: 86_400,
    own: true,
  }),
  smtp_alert: bool({
    doc: 'Mail when the quorum is gained or lost.',
    default: 'smtp_alert_checker, smtp_alert, else off',
  }),
  ...outlets,
  ...returning,
  virtualhost: word({ doc: 'Default Host header of the checkers.', default: 'none' }, 'ignored'),
  alpha: flag({ doc: 'Servers are down until checked.', default: 'off' }),
  omega: flag({ doc: 'Run the down notifications at stop too.', default: 'off' }),
  quorum_up: command({ doc: 'Run when the quorum is reached.' }),
  quorum_down: command({ doc: 'Run when the quorum is lost.' }),
  quorum: integer({ doc: 'Sum of weights that makes the service up.', default: '1', min: 1, max: UINT32 }),
  hysteresis: integer({ doc: 'Margin around the quorum.', default: '0', min: 0, max: UINT32 }),
  weight: integer({ doc: 'Default weight of the servers.', default: '1', min: 1, max: INT32 }),
  sorry_server: custom({ doc: 'Serves while the quorum is lost.', default: 'none; PORT: that of the service', syntax: 'IP [PORT]', read: (statement) => statement }),
  sorry_server_inhibit: flag({ doc: 'Keep the sorry server in IPVS with weight 0.', default: 'off' }),
  sorry_server_lvs_method: {
    ...forwarding('Forwarding method of the sorry server.', 'lb_kind', [], 'ignored'),
    endsBehind: { key: 'sorry_server', isUsable: (server) => parseAddress((server as Statement).words[1]?.text ?? '') !== undefined },
  },
  real_server: all(section({ doc: 'One server of the pool.', syntax: 'IP [PORT] ' }, realServer)),
  backup_server: all(
    section(
      {
        doc: 'Serves while the quorum is lost, like the sorry server and before it, but is checked: with several the first one that is up serves, or the first tier.',
        syntax: 'IP [PORT] ',
        example: 'backup_server 192.0.2.30 80 {\n weight 1\n TCP_CHECK {\n }\n}',
        own: true,
      },
      backupServer,
    ),
  ),
});
