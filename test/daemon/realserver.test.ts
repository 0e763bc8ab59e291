/** holdfast realserver for direct routing: nobody on the wire hears of the address, and down leaves the host as it was. */

import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { inside } from './inside.js';
import { openNetwork } from './network.js';
import type { Host } from './network.js';

const SERVICE = '10.9.9.101';
const SIX = '2001:db8::101';

/** Everything that the command may touch. */
const state = (host: Host): string =>
  host.run('sh', '-c', 'cd /proc/sys/net/ipv4/conf; for f in */rp_filter */arp_ignore */arp_announce; do echo $f $(cat $f); done; ip -o address show dev lo; ip -4 -o address show dev eth0');

/** Whether the other host gets an answer to ARP. */
function answers({ right }: { readonly right: Host }): boolean {
  try {
    right.run('arping', '-c', '1', '-w', '2', '-I', 'eth0', SERVICE);
    return true;
  } catch {
    return false;
  }
}

test('up keeps ARP quiet before the address is there, may be said again, and down undoes exactly that', (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const file = join(left.folder, 'realserver.json');
  const realserver = (...words: readonly string[]) => inside(left, ['realserver', ...words, '--state', file]);
  left.run('sh', '-c', 'echo 0 > /proc/sys/net/ipv4/conf/all/arp_ignore; echo 0 > /proc/sys/net/ipv4/conf/all/arp_announce');
  const before = state(left);
  left.run('ip', 'address', 'add', `${SERVICE}/32`, 'dev', 'lo');
  assert.ok(answers(network), 'Linux answers for what is on lo');
  const wrong = realserver('check', SERVICE);
  assert.equal(wrong.status, 1);
  assert.match(wrong.output, /^10\.9\.9\.101 by dr: 2 wrong\n {2}it answers ARP for 10\.9\.9\.101: clients reach it past the director \(net\/ipv4\/conf\/all\/arp_ignore\)\n {6}sysctl -w /);
  left.run('ip', 'address', 'del', `${SERVICE}/32`, 'dev', 'lo');
  assert.equal(state(left), before);
  const up = realserver('up', SERVICE, SIX);
  assert.deepEqual([up.status, up.output.split('\n').slice(0, -1)], [0, [
    'net/ipv4/conf/all/arp_ignore is 1 now, and was 0',
    'net/ipv4/conf/all/arp_announce is 2 now, and was 0',
    `${SERVICE}/32 is on lo now`,
    `${SIX}/128 is on lo now`,
  ]]);
  assert.ok(!answers(network));
  const again = realserver('up', SERVICE);
  assert.deepEqual([again.status, again.output], [0, `${SERVICE}/32 is on lo already\n`]);
  const check = realserver('check', SERVICE, SIX, '--json');
  assert.equal(check.status, 0);
  assert.deepEqual(JSON.parse(check.output), { version: 1, addresses: [SERVICE, SIX].map((address) => ({ address, method: 'dr', problems: [] })) });
  assert.equal(realserver('down', SIX).status, 0);
  assert.equal(realserver('check', SERVICE).status, 0, 'the other one is still served');
  assert.deepEqual(realserver('down', SERVICE).output.split('\n').slice(0, -1), [
    `${SERVICE}/32 is off lo`,
    'net/ipv4/conf/all/arp_ignore is 0, as it was',
    'net/ipv4/conf/all/arp_announce is 0, as it was',
  ]);
  assert.equal(state(left), before);
  assert.ok(!existsSync(file));
});

test('what was there before, and what somebody else has set since, stays', (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const file = join(left.folder, 'realserver.json');
  const realserver = (...words: readonly string[]) => inside(left, ['realserver', ...words, '--state', file]);
  left.run('ip', 'address', 'add', `${SERVICE}/32`, 'dev', 'lo');
  left.run('sh', '-c', 'echo 0 > /proc/sys/net/ipv4/conf/all/arp_ignore; echo 2 > /proc/sys/net/ipv4/conf/all/arp_announce');
  assert.match(realserver('up', SERVICE).output, /is on lo, and was before: down will leave it there\n$/);
  left.run('sh', '-c', 'echo 8 > /proc/sys/net/ipv4/conf/all/arp_ignore');
  assert.equal(realserver('down', SERVICE).output, 'net/ipv4/conf/all/arp_ignore is 8, which somebody else has set: it stays\n');
  assert.match(state(left), /all\/arp_ignore 8\n[^]*all\/arp_announce 2\n[^]*10\.9\.9\.101\/32/);
  assert.equal(realserver('down', SERVICE).output, `${SERVICE} was not brought up by this command: nothing is done\n`);
  writeFileSync(file, 'nonsense');
  const refused = realserver('up', SERVICE);
  assert.deepEqual([refused.status, /is not as it was written/.test(refused.errors)], [1, true]);
  assert.equal(realserver('up', 'nowhere').status, 2);
});
