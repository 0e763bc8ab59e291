/** virtual_server, real_server and virtual_server_group. */

import type { ForwardingMethod, Tunnel } from '../../ipvs/tables.js';
import type { Statement, Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { readPort } from './arguments.js';
import { httpGet, sslGet, tcpCheck } from './checkers.js';
import { command } from './command.js';
import {
  argument,
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
import type { Keyword } from './schema.js';

/** Every scheduler the kernel has. */
const SCHEDULERS = ['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'sh', 'dh', 'mh', 'fo', 'ovf', 'sed', 'nq', 'twos'] as const;

export interface Forwarding {
  readonly method: ForwardingMethod;
  readonly tunnel?: Tunnel;
}

/** `NAT / DR / TUN [type ipip|gue|gre [port N]] [nocsum|csum|remcsum]`. */
function forwarding(
  doc: string,
  fallback: string,
  aliases: readonly string[],
  bare: 'fatal' | 'ignored' = 'fatal',
): Keyword<Forwarding, 'last'> {
  return custom({
    doc,
    default: fallback,
    aliases,
    syntax: 'NAT / DR / TUN [type T [port N]] [csum]',
    read(statement, { findings }) {
      const kind = argument(statement, findings, bare);
      if (kind === undefined) return undefined;
      if (kind.text === 'TUN') return readTunnel(statement, findings);
      const extra = statement.words[2];
      if (extra !== undefined) {
        findings.report(
          'badValue',
          extra,
          `'${extra.text}' after ${kind.text} has no effect`,
          'only TUN has options',
        );
      }
      if (kind.text === 'NAT') return { method: 'nat' };
      if (kind.text === 'DR') return { method: 'direct' };
      findings.report('badValue', kind, `${kind.text} is no forwarding method; the line is ignored`, 'write NAT, DR or TUN');
      return undefined;
    },
  });
}

/** What keepalived makes of TUN with options it does not understand. */
const PLAIN_TUNNEL: Forwarding = { method: 'tunnel', tunnel: { type: 'ipip', port: 0, checksum: 'none' } };

function readTunnel(statement: Statement, findings: Findings): Forwarding {
  const words = statement.words.slice(2);
  let type: Tunnel['type'] = 'ipip';
  let port = 0;
  let checksum: Tunnel['checksum'] = 'none';
  const checksums: Readonly<Record<string, Tunnel['checksum']>> = { nocsum: 'none', csum: 'checksum', remcsum: 'remote' };
  for (let index = 0; index < words.length; index += 1) {
    const option = words[index];
    const value = words[index + 1];
    if (option === undefined) break;
    const asked = checksums[option.text];
    if (asked !== undefined) {
      checksum = asked;
    } else if (option.text === 'type' && (value?.text === 'ipip' || value?.text === 'gue' || value?.text === 'gre')) {
      type = value.text;
      index += 1;
    } else if (option.text === 'port' && value !== undefined) {
      port = readPort(value, 'port', findings) ?? 0;
      index += 1;
    } else {
      findings.report(
        'badValue',
        option,
        `TUN: '${option.text}' is not understood; plain IP in IP is used`,
        'write: TUN type gue port 6080 csum',
      );
      return PLAIN_TUNNEL;
    }
  }
  return checkTunnel({ type, port, checksum }, statement.words[1], findings);
}

function checkTunnel(tunnel: Tunnel, at: Word | undefined, findings: Findings): Forwarding {
  const { type, port, checksum } = tunnel;
  const wrong =
    type === 'gue' && port === 0
      ? 'gue needs a port'
      : type !== 'gue' && port !== 0
        ? `${type} has no port`
        : type === 'ipip' && checksum !== 'none'
          ? 'ipip has no checksum'
          : type === 'gre' && checksum === 'remote'
            ? 'gre has no remote checksum'
            : undefined;
  if (wrong === undefined) return { method: 'tunnel', tunnel };
  if (at !== undefined) {
    findings.report(
      'badValue',
      at,
      `TUN: ${wrong}; plain IP in IP is used`,
      'write: TUN type gue port 6080 csum',
    );
  }
  return PLAIN_TUNNEL;
}

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

export const realServer = blockTable('real_server', {
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
  TCP_CHECK: all(section({ doc: 'The server is up when it accepts a connection.' }, tcpCheck)),
  HTTP_GET: all(section({ doc: 'The server is up when it answers requests as expected.' }, httpGet)),
  SSL_GET: all(section({ doc: 'HTTP_GET over TLS.' }, sslGet)),
});

const persistenceSeconds = integer({ doc: 'Seconds of persistence.', min: 1, max: 2_678_400 }, 'exact');

export const virtualServer = blockTable('virtual_server', {
  ...retryDefaults,
  ip_family: choice({ doc: 'Address family of a firewall mark service.', default: 'the servers', of: ['inet', 'inet6'] }),
  inhibit_on_failure: flag({ doc: 'Servers get weight 0 instead of removal while down.', default: 'off' }),
  lb_algo: choice({ doc: 'Scheduler.', default: 'wlc', aliases: ['lvs_sched'], of: SCHEDULERS }),
  lb_kind: forwarding('Forwarding method of the servers.', 'NAT', ['lvs_method']),
  hashed: flag({ doc: 'Understood for compatibility; keepalived sets nothing by it either.' }),
  ops: flag({ doc: 'One packet, one scheduling (UDP only).', default: 'off' }),
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
    syntax: '[SECS]',
    read: (statement, reading) => (statement.words.length < 2 ? 360 : persistenceSeconds.read(statement, reading)),
  }),
  persistence_granularity: word({
    doc: 'Clients of one network are one client: IPv4 mask or IPv6 prefix length.',
    syntax: 'MASK',
  }),
  persistence_engine: shortName({ doc: 'What tells clients apart instead of their address: sip.' }),
  protocol: choice({ doc: 'Protocol of the service.', default: 'UDP', of: ['TCP', 'UDP', 'SCTP'], fold: true }),
  virtualhost: word({ doc: 'Default Host header of the checkers.' }, 'ignored'),
  alpha: flag({ doc: 'Servers are down until checked.', default: 'off' }),
  omega: flag({ doc: 'Run the down notifications at stop too.', default: 'off' }),
  quorum_up: command({ doc: 'Run when the quorum is reached.' }),
  quorum_down: command({ doc: 'Run when the quorum is lost.' }),
  quorum: integer({ doc: 'Sum of weights that makes the service up.', default: '1', min: 1, max: UINT32 }),
  hysteresis: integer({ doc: 'Margin around the quorum.', default: '0', min: 0, max: UINT32 }),
  weight: integer({ doc: 'Default weight of the servers.', default: '1', min: 1, max: INT32 }),
  sorry_server: custom({ doc: 'Serves while the quorum is lost.', syntax: 'IP [PORT]', read: (statement) => statement }),
  sorry_server_inhibit: flag({ doc: 'Keep the sorry server in IPVS with weight 0.', default: 'off' }),
  sorry_server_lvs_method: forwarding('Forwarding method of the sorry server.', 'lb_kind', [], 'ignored'),
  real_server: all(section({ doc: 'One server of the pool.', syntax: 'IP [PORT] ' }, realServer)),
});
