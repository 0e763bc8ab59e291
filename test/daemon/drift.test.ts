/** holdfast drift: what others do to the kernel is named, whether the daemon can put it right or not. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';

import { until } from '../lab/process.js';
import { inside } from './inside.js';
import { VIP, instance, openNetwork } from './network.js';

const STATIC = 'static_ipaddress {\n10.9.9.77/32 dev eth0 no_track\n}\nstatic_routes {\n10.8.0.0/16 dev eth0\n}\n';

test('an address that is taken away and not watched is missing, one that is put back is told, and all is well in between', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const socket = ['--socket', join(left.folder, 'keepalived.control.sock')];
  assert.equal(inside(left, ['drift', ...socket]).status, 1);
  const daemon = left.daemon(`${STATIC}${instance()}`);
  await daemon.line(/Entering MASTER STATE/, 20);
  await until('the kernel holds what is wanted', 20, () => inside(left, ['drift', ...socket]).output === 'The kernel holds what the daemon wants.\n' || undefined);
  left.run('ip', 'address', 'del', '10.9.9.77/32', 'dev', 'eth0');
  const missing = inside(left, ['drift', ...socket]);
  assert.equal(missing.status, 3, missing.errors);
  assert.match(missing.output, /^The kernel differs from what the daemon wants:\n {2}address 10\.9\.9\.77\/32 dev eth0 \(static\): missing\n {6}ip address add 10\.9\.9\.77\/32 dev eth0\n/);
  const { differences } = JSON.parse(inside(left, ['drift', '--json', ...socket]).output) as { readonly differences: readonly unknown[] };
  assert.deepEqual(differences, [{ table: 'address', what: '10.9.9.77/32 dev eth0 (static)', found: 'missing', repair: 'ip address add 10.9.9.77/32 dev eth0' }]);
  left.run('ip', 'address', 'add', '10.9.9.77/32', 'dev', 'eth0');
  left.run('ip', 'address', 'del', `${VIP}/32`, 'dev', 'eth0');
  const repaired = await until('the repair is told', 20, () => {
    const answer = inside(left, ['drift', ...socket]);
    return answer.status === 0 && answer.output.includes('of late:') ? answer : undefined;
  });
  assert.match(repaired.output, new RegExp(`addressLost .*${VIP}`));
});

test('the address of a master on a backup is too much', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left, right } = network;
  const socket = ['--socket', join(right.folder, 'keepalived.control.sock')];
  const master = left.daemon(instance({ priority: 200 }));
  await master.line(/Entering MASTER STATE/, 20);
  const backup = right.daemon(instance({ priority: 100 }));
  await backup.line(/Entering BACKUP STATE/, 20);
  await until('the daemon can be asked', 20, () => inside(right, ['drift', ...socket]).status === 0 || undefined);
  right.run('ip', 'address', 'add', `${VIP}/32`, 'dev', 'eth0');
  const found = await until('it is seen', 20, () => {
    const answer = inside(right, ['drift', ...socket]);
    return answer.status === 3 ? answer : undefined;
  });
  assert.match(found.output, new RegExp(` {2}address ${VIP}/32 dev eth0 of V1 \\(BACKUP\\): too much\n {6}ip address del ${VIP}/32 dev eth0\n`));
});

test('a table of the packet filter that is gone is missing', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const socket = ['--socket', join(left.folder, 'keepalived.control.sock')];
  const daemon = left.daemon(`global_defs {\nnftables keepalived\n}\n${instance({ priority: 100, lines: ['no_accept'] })}`);
  await daemon.line(/Entering MASTER STATE/, 20);
  await until('the kernel holds what is wanted', 20, () => inside(left, ['drift', ...socket]).output === 'The kernel holds what the daemon wants.\n' || undefined);
  left.run('nft', 'delete', 'table', 'ip', 'keepalived');
  const answer = inside(left, ['drift', ...socket]);
  assert.deepEqual([answer.status, answer.output], [3, 'The kernel differs from what the daemon wants:\n  nftables table ip keepalived: missing\n']);
});
