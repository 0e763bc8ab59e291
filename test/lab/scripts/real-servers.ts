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
const plan = tunnelling('');
await buildTopology({ ...plan, hosts: plan.hosts.map(({ settings, extra, ...host }) => (host.name === 'server1' ? host : { ...host, ...(settings === undefined ? {} : { settings }), ...(extra === undefined ? {} : { extra }) })) });
await startRealServer('server1', ['0.0.0.0:80']);
await run('director1', ['ip', 'address', 'add', `${VIRTUAL_ADDRESS}/32`, 'dev', 'eth0']);

const holdfast = (...words: readonly string[]): Promise<string> => run('server1', [process.execPath, join(CHECKOUT, 'dist/main.js'), 'realserver', ...words]);
const state = (): Promise<string> =>
  run('server1', ['sh', '-c', 'cd /proc/sys/net/ipv4/conf; for f in */rp_filter */arp_ignore */arp_announce; do echo $f $(cat $f); done; ip -o address; ip -o link | cut -d" " -f2,3; ip fou show']);

await run(undefined, ['modprobe', '-a', 'ipip', 'ip_gre', 'fou']);
// The devices of the modules are there from now on, and nobody has raised them.
await run('server1', ['ip', 'link', 'set', 'eth0', 'up']);

const cases = [
  { method: 'ipip', options: [], device: 'tunl0' },
  { method: 'gre', options: ['--tun-type', 'gre'], device: 'gre0' },
  { method: 'gue', options: ['--tun-type', 'gue', '--tun-port', '6080'], device: 'tunl0' },
] as const;

for (const { method, options, device } of cases) {
  await prove(`${method}: requests arrive after up, check has nothing to say, and down leaves nothing`, async () => {
    const before = await state();
    await run('server1', ['sh', '-c', `echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter; echo 1 > /proc/sys/net/ipv4/conf/${device}/rp_filter`]);
    const strict = await state();
    assert.match(await holdfast('up', '--method', method, VIRTUAL_ADDRESS), new RegExp(`^net/ipv4/conf/all/arp_ignore is 1 now, and was 0\\n[^]*${VIRTUAL_ADDRESS}/32 is on ${device} now\\n$`));
    assert.equal(await holdfast('check', VIRTUAL_ADDRESS), `${VIRTUAL_ADDRESS} by ${method}: in order\n`);
    await run('director1', ['ipvsadm', '-A', '-t', `${VIRTUAL_ADDRESS}:80`, '-s', 'rr']);
    await run('director1', ['ipvsadm', '-a', '-t', `${VIRTUAL_ADDRESS}:80`, '-r', '192.168.2.21', '-i', ...options]);
    const answer = await until('an answer', 20, async () => run('client', ['curl', '-s', '--max-time', '2', `http://${VIRTUAL_ADDRESS}/`]).catch(() => undefined));
    assert.equal(answer.trim(), 'server1');
    await run('director1', ['ipvsadm', '-C']);
    await holdfast('down', VIRTUAL_ADDRESS);
    assert.equal(await state(), strict);
    await run('server1', ['sh', '-c', `echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter; echo 0 > /proc/sys/net/ipv4/conf/${device}/rp_filter`]);
    assert.equal(await state(), before);
  });
}
endProofs();
