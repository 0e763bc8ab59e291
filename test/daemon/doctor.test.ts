/** holdfast doctor on hosts that have something wrong with them: it is named, and mended where that harms nobody. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { inside } from './inside.js';
import { HOLDFAST, VIP, instance, openNetwork, pool } from './network.js';
import type { Host, Network } from './network.js';

interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly message: string;
  readonly done?: string;
}

function network(t: TestContext): Network {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened;
}

const POOL = pool({ servers: { 81: ['TCP_CHECK {', '}'] }, lines: ['persistence_timeout 60'] });

function examine(host: Host, configuration: string, ...options: readonly string[]): readonly Finding[] {
  const { output, errors } = inside(host, ['doctor', host.write('doctor.conf', configuration), '--json', ...options]);
  assert.equal(errors, '');
  return (JSON.parse(output) as { readonly findings: readonly Finding[] }).findings;
}

const ids = (findings: readonly Finding[]): readonly string[] => [...new Set(findings.map(({ id }) => id))].sort();

test('settings of the kernel that stand against the configuration are named, mended, and not named again', (t) => {
  const { left } = network(t);
  left.run('sh', '-c', 'cd /proc/sys/net/ipv4; echo 0 > ip_forward; echo 1 > conf/all/send_redirects; echo 0 > conf/eth0/send_redirects');
  left.run('ip', 'address', 'add', '10.9.9.101/32', 'dev', 'lo');
  const configuration = `${instance()}${POOL}`;
  const before = examine(left, configuration);
  for (const id of ['forwarding-off', 'answers-arp-for-lo', 'announces-lo']) assert.ok(ids(before).includes(id), `${id} is not in ${ids(before).join()}`);
  const mended = examine(left, configuration, '--fix');
  assert.match(mended.find(({ id }) => id === 'forwarding-off')?.done ?? '', /^net\/ipv4\/ip_forward is 1 now, and was 0$/);
  assert.equal(left.run('cat', '/proc/sys/net/ipv4/ip_forward').trim(), '1');
  // Only now that it forwards it would tell of shorter ways.
  assert.deepEqual(examine(left, configuration, '--fix').filter(({ id }) => id === 'redirects-sent').map(({ done }) => done), ['net/ipv4/conf/all/send_redirects is 0 now, and was 1']);
  assert.deepEqual(ids(examine(left, configuration)).filter((id) => id !== 'ipvs-missing'), []);
  const text = inside(left, ['doctor', join(left.folder, 'doctor.conf')]).output;
  assert.match(text, /Nothing about this host|ipvs-missing/);
});

test('a packet filter that drops adverts is named with its rule, and one that lets them in is not', (t) => {
  const { left } = network(t);
  const nft = (...words: readonly string[]): string => left.run('nft', ...words);
  assert.deepEqual(ids(examine(left, instance())), []);
  nft('add table inet filter');
  nft('add chain inet filter input { type filter hook input priority 0; policy drop; }');
  nft('add rule inet filter input ct state established,related accept');
  nft('add rule inet filter input tcp dport 22 accept');
  nft('add rule inet filter input iifname lo accept');
  const [closed] = examine(left, instance());
  assert.match(closed?.message ?? '', /^the packet filter drops VRRP \(protocol 112\) on eth0 \(the policy of chain inet filter input\)/);
  assert.equal(inside(left, ['doctor', join(left.folder, 'doctor.conf')]).status, 1);
  nft('add rule inet filter input ip saddr 10.9.9.2 accept');
  assert.deepEqual(examine(left, instance()).map(({ id, severity }) => [id, severity]), [['firewall-unclear', 'info']]);
  nft('insert rule inet filter input iifname eth0 ip protocol vrrp accept');
  assert.deepEqual(ids(examine(left, instance())), []);
  nft('flush ruleset');
  left.run('iptables', '-A', 'INPUT', '-i', 'eth0', '-p', '112', '-j', 'DROP');
  assert.match(examine(left, instance())[0]?.message ?? '', /drops VRRP \(protocol 112\) on eth0 \(the rule number \d+ of chain ip filter INPUT\)/);
  left.run('iptables', '-I', 'INPUT', '-p', 'vrrp', '-j', 'ACCEPT');
  assert.deepEqual(ids(examine(left, instance())), []);
});

test('whoever answers for a virtual address is named: the other director, or a conflict', (t) => {
  const { left, right } = network(t);
  right.run('ip', 'address', 'add', `${VIP}/32`, 'dev', 'eth0');
  const mac = right.run('cat', '/sys/class/net/eth0/address').trim();
  const [answered] = examine(left, instance());
  assert.deepEqual([answered?.id, answered?.severity], ['address-answered', 'info']);
  assert.ok(answered?.message.startsWith(`${mac} answers for ${VIP} on eth0`), answered?.message);
  left.run('ip', 'address', 'add', `${VIP}/32`, 'dev', 'eth0');
  assert.deepEqual(examine(left, instance()).map(({ id, severity, message }) => [id, severity, message]), [
    ['address-conflict', 'error', `${VIP} is on eth0 here, and ${mac} answers for it too`],
  ]);
  const six = 'vrrp_instance V6 {\ninterface eth0\nvirtual_router_id 61\nvirtual_ipaddress {\nfe80::61\n2001:db8::61\n}\n}\n';
  assert.deepEqual(ids(examine(left, six)), []);
  right.run('ip', 'address', 'add', '2001:db8::61/128', 'dev', 'eth0', 'nodad');
  assert.deepEqual(examine(left, six).map(({ id, message }) => [id, message.startsWith(`${mac} answers for 2001:db8::61 on eth0`)]), [['address-answered', true]]);
});

test('systemd-networkd that takes away what is not its own is named with the file to write', (t) => {
  const { left } = network(t);
  const index = left.run('cat', '/sys/class/net/eth0/ifindex').trim();
  const run = join(left.folder, 'run-systemd');
  const etc = join(left.folder, 'etc-systemd');
  mkdirSync(join(run, 'netif/links'), { recursive: true });
  mkdirSync(join(etc, 'network'), { recursive: true });
  writeFileSync(join(run, 'netif/links', index), 'NETWORK_FILE=/etc/systemd/network/10-eth0.network\n');
  writeFileSync(join(etc, 'network/10-eth0.network'), '[Match]\nName=eth0\n[Network]\nAddress=10.9.9.1/24\n');
  const file = left.write('routes.conf', instance({ lines: ['virtual_routes {\n10.8.0.0/16 dev eth0\n}'] }));
  // With a process 1 of its own the namespace is the machine's.
  const doctor = (): string => {
    const mounts = `mount --bind ${run} /run/systemd && mount --bind ${etc} /etc/systemd`;
    const words = ['netns', 'exec', left.namespace, 'unshare', '-m', '-p', '-f', '--mount-proc', 'sh', '-c', `${mounts} && ${HOLDFAST.join(' ')} doctor ${file}`];
    return spawnSync('ip', words, { encoding: 'utf8' }).stdout;
  };
  mkdirSync('/run/systemd', { recursive: true });
  mkdirSync('/etc/systemd', { recursive: true });
  const before = doctor();
  assert.match(before, /warning: systemd-networkd removes routes that it has not set .*\[networkd-removes-foreign\]\n {4}now: printf '\[Network\]\\nManageForeignRoutes=no/);
  assert.match(before, /warning: systemd-networkd manages eth0 \(\/etc\/systemd\/network\/10-eth0\.network\) without KeepConfiguration=yes/);
  mkdirSync(join(etc, 'networkd.conf.d'));
  mkdirSync(join(etc, 'network/10-eth0.network.d'));
  writeFileSync(join(etc, 'networkd.conf.d/holdfast.conf'), '[Network]\nManageForeignRoutes=no\n');
  writeFileSync(join(etc, 'network/10-eth0.network.d/holdfast.conf'), '[Network]\nKeepConfiguration=yes\n');
  assert.equal(doctor(), 'Nothing about this host stands against the configuration.\n');
});

test('too few open files for the checks are named', (t) => {
  const { left } = network(t);
  const file = left.write('files.conf', POOL);
  const words = ['netns', 'exec', left.namespace, 'sh', '-c', `ulimit -n 200; ${HOLDFAST.join(' ')} doctor ${file}`];
  assert.match(spawnSync('ip', words, { encoding: 'utf8' }).stdout, /warning: 1 checks may be under way at the same time, and a process may have 200 files open \[too-few-files\]/);
});
