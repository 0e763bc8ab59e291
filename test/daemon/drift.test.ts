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

test('a table of the packet filter that is gone is put back', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const socket = ['--socket', join(left.folder, 'keepalived.control.sock')];
  const daemon = left.daemon(`global_defs {\nnftables keepalived\n}\n${instance({ priority: 100, lines: ['no_accept'] })}`);
  await daemon.line(/Entering MASTER STATE/, 20);
  await until('the kernel holds what is wanted', 20, () => inside(left, ['drift', ...socket]).output === 'The kernel holds what the daemon wants.\n' || undefined);
  left.run('nft', 'delete', 'table', 'ip', 'keepalived');
  const answer = await until('it is told', 20, () => {
    const told = inside(left, ['drift', ...socket]);
    // Told when it is seen, before it is put right.
    return told.output.includes('filterRepaired') && told.status === 0 ? told : undefined;
  });
  assert.match(answer.output, /table ip keepalived: missing/);
  assert.ok(left.run('nft', 'list', 'ruleset').includes(VIP));
});

/** VRRP filters what is for its address; a group of addresses is marked. */
const FILTERED = `global_defs {
nftables keepalived
nftables_ipvs marks
}
${instance({ priority: 100, lines: ['no_accept'] })}
virtual_server_group A {
10.9.9.1 5000
10.9.9.7 5000
}
virtual_server group A {
lb_algo rr
lb_kind NAT
protocol UDP
persistence_timeout 60
real_server 10.9.9.2 9 {
}
}
`;

test('what somebody changes within a table of the packet filter is named, put back and counted', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const socket = ['--socket', join(left.folder, 'keepalived.control.sock')];
  const daemon = left.daemon(FILTERED);
  await daemon.line(/Entering MASTER STATE/, 20);
  const ruleset = (): string => left.run('nft', 'list', 'ruleset');
  // IPVS itself may not be there; of the packet filter nothing differs.
  const filterDrift = (): readonly string[] =>
    (JSON.parse(inside(left, ['drift', '--json', ...socket]).output) as { readonly differences: readonly { readonly table: string; readonly what: string }[] }).differences.flatMap(({ table, what }) => (table === 'nftables' ? [what] : []));
  await until('both tables hold what is wanted', 30, () => (ruleset().includes(VIP) && ruleset().includes('10.9.9.7') && inside(left, ['drift', '--json', ...socket]).errors === '' && filterDrift().length === 0) || undefined);
  const whole = ruleset();
  const handleOf = (rule: RegExp, table: string, chain: string): string => rule.exec(left.run('nft', '-a', 'list', 'chain', 'ip', table, chain))?.[1] ?? '';
  const changes: readonly (readonly [words: readonly string[], named: string])[] = [
    [['delete', 'rule', 'ip', 'keepalived', 'in', 'handle', handleOf(/drop # handle (\d+)/, 'keepalived', 'in')], 'rule 1 of chain in: missing'],
    [['insert', 'rule', 'ip', 'keepalived', 'in', 'accept'], 'rule 1 of chain in: too much'],
    [['delete', 'element', 'ip', 'keepalived', 'vips', '{', VIP, '}'], `${VIP} in set vips: missing`],
    [['add', 'element', 'ip', 'keepalived', 'vips', '{', '10.9.9.2', '}'], '10.9.9.2 in set vips: too much'],
    [['add', 'chain', 'ip', 'keepalived', 'in', '{', 'policy', 'drop', ';', '}'], 'chain in: different'],
    [['add', 'table', 'ip', 'keepalived', '{', 'flags', 'dormant', ';', '}'], 'table ip keepalived: different'],
    [['delete', 'element', 'ip', 'marks', 'services', '{', 'udp', '.', '10.9.9.7', '.', '5000', '}'], 'udp . 10.9.9.7 . 5000 in set services: missing'],
    [['flush', 'chain', 'ip', 'marks', 'out'], 'rule 1 of chain out: missing, rule 2 of chain out: missing'],
    [['delete', 'table', 'ip', 'marks'], 'table ip marks: missing'],
  ];
  for (const [words, named] of changes) {
    const before = daemon.lines.length;
    left.run('nft', ...words);
    const { text } = await daemon.line(/Packet filter: .* was changed by somebody else and is put right/, 20, before);
    assert.ok(text.endsWith(`is put right (${named})`), text);
    await until('all of it is back', 20, () => tables(ruleset()) === tables(whole) || undefined);
  }
  const told = await until('the repairs are told', 20, () => {
    const { output } = inside(left, ['drift', ...socket]);
    return output.includes('table ip marks: missing') ? output : undefined;
  });
  assert.match(told, /filterRepaired .*10\.9\.9\.2 in set vips: too much/);
  const { filterRepairs } = JSON.parse(inside(left, ['status', '--json', ...socket]).output) as { readonly filterRepairs?: number };
  assert.equal(filterRepairs, changes.length + 1);
  assert.doesNotMatch(daemon.text(), /Packet filter failed/);
});

test('what somebody takes away again and again is named as differing', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const socket = ['--socket', join(left.folder, 'keepalived.control.sock')];
  const daemon = left.daemon(FILTERED);
  await daemon.line(/Entering MASTER STATE/, 20);
  await until('the address is filtered', 20, () => left.run('nft', 'list', 'ruleset').includes(VIP) || undefined);
  left.start(['sh', '-c', 'while :; do nft flush chain ip keepalived in; sleep 0.05; done']);
  const line = '\n  nftables table ip keepalived: rule 1 of chain in: missing\n';
  await until('it is named', 60, () => inside(left, ['drift', ...socket]).output.split('\n\n')[0]?.concat('\n').includes(line) || undefined);
});

/** The tables in one order, whichever was made first. */
function tables(text: string): string {
  return text.split(/^(?=table )/m).map((table) => table.trim()).sort().join('\n');
}
