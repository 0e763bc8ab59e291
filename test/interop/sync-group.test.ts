/** Sync groups of holdfast and keepalived as one pair: both addresses go together, whichever of the two leads. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { type Host, openNetwork } from '../daemon/network.js';
import { until } from '../lab/process.js';

const VIPS = ['10.9.9.100', '10.9.9.101'];

/** Two instances; the second one falls with the interface `guard`. */
function group(priority: number): string {
  const instance = (name: string, id: number, vip: string | undefined, lines = ''): string =>
    `vrrp_instance ${name} {\ninterface eth0\nvirtual_router_id ${id}\npriority ${priority}\nadvert_int 1\n${lines}virtual_ipaddress {\n${vip}/24\n}\n}\n`;
  const tracking = 'track_interface {\nguard\n}\n';
  return `vrrp_sync_group G {\ngroup {\nV1\nV2\n}\n}\n${instance('V1', 51, VIPS[0])}${instance('V2', 52, VIPS[1], tracking)}`;
}

for (const [first, second] of [['holdfast', 'keepalived'], ['keepalived', 'holdfast']] as const) {
  test(`a sync group of ${first} leads one of ${second}, gives way as a whole and takes back as a whole`, { timeout: 600_000 }, async (t) => {
    const network = openNetwork();
    t.after(() => network.close());
    const { left, right } = network;
    const guard = ({ run }: Host, ...words: readonly string[]): string => run('ip', 'link', ...words);
    for (const host of [left, right]) {
      guard(host, 'add', 'guard', 'type', 'veth', 'peer', 'name', 'guarded');
      guard(host, 'set', 'guarded', 'up');
      guard(host, 'set', 'guard', 'up');
    }
    const start = (host: Host, kind: string, priority: number): unknown =>
      kind === 'holdfast' ? host.daemon(group(priority)) : host.daemon(group(priority), { command: ['keepalived'], options: ['-n', '-l', '-D', '-P'] });
    const held = (host: Host): number => host.addresses().filter((address) => VIPS.includes(address)).length;
    const holder = (host: Host, other: Host): true | undefined => (held(host) === 2 && held(other) === 0) || undefined;
    start(right, second, 100);
    await until('the backup leads alone', 20, () => holder(right, left));
    start(left, first, 150);
    await until('the better one leads', 20, () => holder(left, right));
    guard(left, 'set', 'guard', 'down');
    await until('both addresses went', 20, () => holder(right, left));
    guard(left, 'set', 'guard', 'up');
    await until('both came back', 20, () => holder(left, right));
    assert.equal(held(left), 2);
  });
}
