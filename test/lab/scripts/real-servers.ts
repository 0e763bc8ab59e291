/**
 * Inside a user-mode lab: holdfast realserver makes a bare host take what a director sends by direct routing, IPIP, GRE and GUE,
 * and leaves it afterwards as it was.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';

import { CHECKOUT } from '../lab.js';
import { run } from '../namespace.js';
import { tunnelling } from '../networks.js';
import { until } from '../process.js';
import { endProofs, prove } from '../proof.js';
import { buildTopology } from '../topology.js';
import { startRealServer } from '../traffic.js';

const VIRTUAL_ADDRESS = '192.168.1.100';
const VIRTUAL_ADDRESS_6 = 'fd00:1::100';
const plan = tunnelling('');
await buildTopology({ ...plan, hosts: plan.hosts.map(({ settings, extra, ...host }) => (host.name === 'server1' ? host : { ...host, ...(settings === undefined ? {} : { settings }), ...(extra === undefined ? {} : { extra }) })) });
await startRealServer('server1', [':::80']);
await run('director1', ['ip', 'address', 'add', `${VIRTUAL_ADDRESS}/32`, 'dev', 'eth0']);
// The same network once more with IPv6. As directors set it the address is deprecated: packets wrapped in its name would be refused where it is local too.
for (const [host, ...lines] of [
  ['router', 'sysctl -qw net.ipv6.conf.all.forwarding=1', 'ip address add fd00::1/64 dev eth0 nodad', 'ip address add fd00:1::1/64 dev eth1 nodad', 'ip address add fd00:2::1/64 dev eth2 nodad'],
  ['client', 'ip address add fd00::2/64 dev eth0 nodad', 'ip route add default via fd00::1'],
  ['director1', 'ip address add fd00:1::11/64 dev eth0 nodad', `ip address add ${VIRTUAL_ADDRESS_6}/128 dev eth0 nodad preferred_lft 0`, 'ip route add default via fd00:1::1'],
  ['server1', 'ip address add fd00:2::21/64 dev eth0 nodad', 'ip route add default via fd00:2::1'],
] as const) await run(host, ['sh', '-ec', lines.join('\n')]);

const holdfast = (...words: readonly string[]): Promise<string> => run('server1', [process.execPath, join(CHECKOUT, 'dist/main.js'), 'realserver', ...words]);
const state = (): Promise<string> =>
  run('server1', ['sh', '-c', 'cd /proc/sys/net/ipv4/conf; for f in */rp_filter */arp_ignore */arp_announce; do echo $f $(cat $f); done; ip -o address; ip -o link | cut -d" " -f2,3; ip fou show; ip -6 fou show']);

await run(undefined, ['modprobe', '-a', 'ipip', 'ip_gre', 'fou', 'ip6_tunnel', 'ip6_gre', 'fou6']);
// The devices of the modules are there from now on, and nobody has raised them.
await run('server1', ['ip', 'link', 'set', 'eth0', 'up']);

interface Case {
  readonly method: string;
  /** Of ipvsadm. */
  readonly options: readonly string[];
  readonly device: string;
}

const cases: readonly Case[] = [
  { method: 'ipip', options: [], device: 'tunl0' },
  { method: 'gre', options: ['--tun-type', 'gre'], device: 'gre0' },
  { method: 'gue', options: ['--tun-type', 'gue', '--tun-port', '6080'], device: 'tunl0' },
];

for (const { method, options, device } of cases) {
  await prove(`${method}: requests arrive after up, check has nothing to say, and down leaves nothing`, async () => {
    const before = await state();
    await run('server1', ['sh', '-c', `echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter; echo 1 > /proc/sys/net/ipv4/conf/${device}/rp_filter`]);
    const strict = await state();
    assert.match(await holdfast('up', '--method', method, VIRTUAL_ADDRESS), new RegExp(`^net/ipv4/conf/all/arp_ignore is 1 now, and was 0\\n[^]*${VIRTUAL_ADDRESS}/32 is on ${device} now\\n$`));
    assert.equal(await holdfast('check', VIRTUAL_ADDRESS), `${VIRTUAL_ADDRESS} by ${method}: in order\n`);
    await answersThrough(VIRTUAL_ADDRESS, '192.168.2.21', options);
    await holdfast('down', VIRTUAL_ADDRESS);
    assert.equal(await state(), strict);
    await run('server1', ['sh', '-c', `echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter; echo 0 > /proc/sys/net/ipv4/conf/${device}/rp_filter`]);
    assert.equal(await state(), before);
  });
}

const casesOf6: readonly Case[] = [
  { method: 'ipip', options: [], device: 'ip6tnl0' },
  { method: 'gre', options: ['--tun-type', 'gre'], device: 'ip6gre0' },
  { method: 'gue', options: ['--tun-type', 'gue', '--tun-port', '6080'], device: 'ip6tnl0' },
];

for (const { method, options, device } of casesOf6) {
  await prove(`${method} of IPv6: requests arrive after up, check has nothing to say, and down leaves nothing`, async () => {
    const before = await state();
    assert.match(await holdfast('up', '--method', method, VIRTUAL_ADDRESS_6), new RegExp(`${VIRTUAL_ADDRESS_6}/128 is on ${device} now\\n$`));
    assert.equal(await holdfast('check', VIRTUAL_ADDRESS_6), `${VIRTUAL_ADDRESS_6} by ${method}: in order\n`);
    assert.match(await holdfast('up', '--method', method, VIRTUAL_ADDRESS_6), new RegExp(`^${VIRTUAL_ADDRESS_6}/128 is on ${device} already\\n$`));
    await answersThrough(VIRTUAL_ADDRESS_6, 'fd00:2::21', options);
    await holdfast('down', VIRTUAL_ADDRESS_6);
    assert.equal(await state(), before);
  });
}
endProofs();

/** A director wraps what is for the address, and the client hears the server. */
async function answersThrough(virtualAddress: string, server: string, options: readonly string[]): Promise<void> {
  const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);
  await run('director1', ['ipvsadm', '-A', '-t', `${bracketed(virtualAddress)}:80`, '-s', 'rr']);
  await run('director1', ['ipvsadm', '-a', '-t', `${bracketed(virtualAddress)}:80`, '-r', `${bracketed(server)}:80`, '-i', ...options]);
  const answer = await until('an answer', 20, async () => run('client', ['curl', '-gs', '--max-time', '2', `http://${bracketed(virtualAddress)}/`]).catch(() => undefined));
  assert.equal(answer.trim(), 'server1');
  await run('director1', ['ipvsadm', '-C']);
}
