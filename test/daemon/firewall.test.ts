/** no_accept and the quieting of virtual MACs: rules of the kernel's packet filter, beside keepalived's, and what they do. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { until } from '../lab/process.js';
import type { Host, Network } from './network.js';
import { VIP, instance, openNetwork } from './network.js';

function network(t: TestContext): Network {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened;
}

const ruleset = (host: Host): string => host.run('nft', '-nn', 'list', 'ruleset');

function router(id: number, lines: readonly string[], addresses: readonly string[]): readonly string[] {
  const block = ['virtual_ipaddress {', ...addresses, '}'];
  return [`vrrp_instance V${id} {`, 'interface eth0', `virtual_router_id ${id}`, 'priority 200', 'no_accept', ...lines, ...block, '}'];
}

/** Of both families, on macvlans and not, link-local and not. */
const EVERYTHING = [
  'global_defs {',
  'nftables filter',
  'nftables_priority 5',
  'nftables_ifindex',
  '}',
  ...router(51, ['use_vmac'], ['10.9.9.100', '10.9.9.101/24']),
  ...router(52, [], ['10.9.9.110']),
  ...router(53, ['use_vmac', 'version 3'], ['fe80::100', '2001:db8::100/64']),
  ...router(54, ['version 3'], ['2001:db8::103/64', '2001:db8::104/64']),
  '',
].join('\n');

const ALL = ['10.9.9.100', '10.9.9.101', '10.9.9.110', 'fe80::100', '2001:db8::100', '2001:db8::103', '2001:db8::104'];

test('the rules are those of keepalived, and gone after a stop', async (t) => {
  const { left } = network(t);
  const rules: string[] = [];
  for (const options of [{ command: ['keepalived'], options: ['-n', '-l', '-D', '-P'] }, {}]) {
    const daemon = left.daemon(EVERYTHING, options);
    for (const id of [51, 52, 53, 54]) await daemon.line(new RegExp(`\\(V${id}\\) Entering MASTER STATE`), 15);
    await until('all addresses are filtered', 5, () => ALL.every((address) => ruleset(left).includes(address)));
    rules.push(tables(ruleset(left)));
    daemon.signal('SIGTERM');
    await daemon.exited;
    assert.equal(ruleset(left), '');
  }
  assert.equal(rules[1], rules[0]);
});

/** The tables in one order, whichever was made first. */
function tables(text: string): string {
  return text.split(/^(?=table )/m).sort().join('');
}

test('packets to an address that its master does not own are dropped from its first moment on, and while it is handed over', async (t) => {
  const { left, right } = network(t);
  const watch = left.start(['sh', '-c', `while :; do nft list set ip keepalived vips 2>/dev/null | grep -q ${VIP} && f=1 || f=0; ip -o address show dev eth0 | grep -q ${VIP} && a=1 || a=0; echo f$f a$a; done`]);
  const daemon = left.daemon(instance({ priority: 200, lines: ['no_accept'] }));
  await daemon.line(/\(V1\) setting firewall drop rule/, 10);
  await until('the address is set', 5, () => left.addresses().includes(VIP) || undefined);
  assert.throws(() => right.run('ping', '-c', '1', '-W', '1', VIP));
  right.run('ping', '-c', '1', '-W', '2', '10.9.9.1');
  daemon.signal('SIGTERM');
  await daemon.exited;
  assert.deepEqual(left.addresses(), ['10.9.9.1']);
  // The filter is looked at first, so it may only be seen without the address, never the address without it.
  const bare = watch.lines.filter(({ text }, i) => text === 'f0 a1' && watch.lines[i + 1]?.text === 'f0 a1');
  assert.deepEqual(bare, []);
});

test('an owner accepts packets whatever no_accept says', async (t) => {
  const { left, right } = network(t);
  const daemon = left.daemon(instance({ lines: ['no_accept'] }));
  await daemon.line(/\(V1\) Entering MASTER STATE/, 5);
  await until('the address is set', 5, () => left.addresses().includes(VIP) || undefined);
  right.run('ping', '-c', '1', '-W', '2', VIP);
});
