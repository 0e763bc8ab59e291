/**
 * connect_ip, connect_port, bindto, bind_port, bind_if and fwmark of every kind of check, from the file to the wire: the
 * packet filter of the director counts what leaves it, so that nobody needs to answer.
 */

import assert from 'node:assert/strict';
import test from 'node:test';

import { until } from '../interop/daemon.js';
import { openNetwork } from './network.js';

interface Family {
  readonly nft: 'ip' | 'ip6';
  /** Of the second interface, which no route of its own would choose; the first of them is not what a connection would take. */
  readonly source: string;
  readonly target: string;
  readonly server: string;
  readonly prefix: number;
  readonly icmp: string;
}

const FAMILIES: readonly Family[] = [
  { nft: 'ip', source: '10.8.8.77', target: '10.9.9.42', server: '10.9.9.43', prefix: 24, icmp: 'icmp type echo-request' },
  { nft: 'ip6', source: 'fd00:8::77', target: 'fd00:9::42', server: 'fd00:9::43', prefix: 64, icmp: 'icmpv6 type echo-request' },
];

/** Everything that is written between the braces of a check besides the options under test; `host`: they stand in a host block. */
const KINDS: readonly { readonly kind: string; readonly lines?: string; readonly transport: 'tcp' | 'udp' | 'icmp'; readonly inHost?: true }[] = [
  { kind: 'TCP_CHECK', transport: 'tcp' },
  { kind: 'TCP_CHECK', lines: 'send "x"\nexpect "y"', transport: 'tcp' },
  { kind: 'HTTP_GET', lines: 'url {\npath /\n}', transport: 'tcp' },
  { kind: 'HTTP_GET', lines: 'http_protocol 1.1\nurl {\npath /\n}', transport: 'tcp' },
  { kind: 'HTTP_GET', lines: 'http2\nurl {\npath /\n}', transport: 'tcp' },
  { kind: 'SSL_GET', lines: 'url {\npath /\n}', transport: 'tcp' },
  { kind: 'SSL_GET', lines: 'http_protocol 1.1\nurl {\npath /\n}', transport: 'tcp' },
  { kind: 'SSL_GET', lines: 'http2\nurl {\npath /\n}', transport: 'tcp' },
  { kind: 'SMTP_CHECK', transport: 'tcp' },
  { kind: 'SMTP_CHECK', transport: 'tcp', inHost: true },
  { kind: 'GRPC_CHECK', transport: 'tcp' },
  { kind: 'MYSQL_CHECK', transport: 'tcp' },
  { kind: 'PGSQL_CHECK', transport: 'tcp' },
  { kind: 'REDIS_CHECK', transport: 'tcp' },
  { kind: 'DNS_CHECK', transport: 'udp' },
  { kind: 'UDP_CHECK', transport: 'udp' },
  { kind: 'PING_CHECK', transport: 'icmp' },
];

interface Case {
  readonly name: string;
  readonly block: string;
  readonly rule: string;
}

/** Every number of a case is its own, so that no check is counted for another. */
function cases(): readonly Case[] {
  return FAMILIES.flatMap((family, f) =>
    KINDS.map(({ kind, lines = '', transport, inHost }, i): Case => {
      const port = 2_001 + f * 100 + i;
      const options = [`connect_ip ${family.target}`, `connect_port ${port}`, `bindto ${family.source}`, `bind_port ${port + 30_000}`, 'bind_if eth1', `fwmark ${port + 7}`, 'connect_timeout 1'].join('\n');
      const placed = inHost === true ? `host {\n${options}\n}` : options;
      const ports = transport === 'icmp' ? family.icmp : `${transport} sport ${port + 30_000} ${transport} dport ${port}`;
      return {
        name: `${kind} ${lines.replaceAll('\n', ' ')} over ${family.nft}`,
        block: `virtual_server fwmark ${port} {\nlb_kind DR\nlb_algo rr\ndelay_loop 2\nwarmup 0\n${family.nft === 'ip6' ? 'ip_family inet6\n' : ''}real_server ${family.server} 80 {\n${kind} {\n${placed}\n${lines}\n}\n}\n}\n`,
        rule: `oifname "eth1" ${family.nft} saddr ${family.source} ${family.nft} daddr ${family.target} ${ports} meta mark ${port + 7} counter`,
      };
    }));
}

test('where a check of every kind connects to, and from where, reaches the wire', async (t) => {
  const { left, right, close } = openNetwork();
  t.after(close);
  left.run('sysctl', '-qw', 'net.ipv6.conf.all.accept_dad=0', 'net.ipv6.conf.default.accept_dad=0');
  left.run('ip', 'link', 'add', 'eth1', 'type', 'veth', 'peer', 'name', 'eth1', 'netns', right.namespace);
  right.run('ip', 'link', 'set', 'eth1', 'up');
  left.run('ip', 'address', 'add', 'fd00:9::1/64', 'dev', 'eth0', 'nodad');
  left.run('ip', 'link', 'set', 'eth1', 'up');
  for (const { source, target, prefix } of FAMILIES) {
    for (const address of [source.replace('77', '7'), source]) left.run('ip', 'address', 'add', `${address}/${prefix}`, 'dev', 'eth1', ...(address.includes(':') ? ['nodad'] : []));
    // The second best way there, and nobody need be found on it.
    left.run('ip', 'route', 'add', target.includes(':') ? `${target}/128` : `${target}/32`, 'dev', 'eth1', 'metric', '4096');
    left.run('ip', 'neighbour', 'add', target, 'lladdr', '02:00:00:00:00:42', 'dev', 'eth1');
    left.run('ip', 'route', 'add', target.includes(':') ? `${target}/128` : `${target}/32`, 'dev', 'eth0', 'metric', '1');
  }
  const all = cases();
  left.run('nft', `add table inet wire; add chain inet wire output { type filter hook output priority 0; }; ${all.map(({ rule }) => `add rule inet wire output ${rule};`).join(' ')}`);
  const daemon = left.daemon(all.map(({ block }) => block).join(''), { options: ['-C', '-n', '-l', '-D'] });
  const unseen = (): readonly string[] => {
    const counts = [...left.run('nft', 'list', 'chain', 'inet', 'wire', 'output').matchAll(/counter packets (\d+)/g)].map(([, count]) => Number(count));
    assert.equal(counts.length, all.length);
    return all.filter((_, i) => counts[i] === 0).map(({ name }) => name);
  };
  try {
    await until('every check on the wire', () => unseen().length === 0, 30);
  } catch {
    assert.fail(`never seen: ${unseen().join('\n')}\n${daemon.text()}`);
  }
  assert.doesNotMatch(daemon.text(), /Internal error|died/);
});
