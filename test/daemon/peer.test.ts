/** holdfast peer between two directors: agreement, and each thing that they may disagree about. */

import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { until } from '../lab/process.js';
import { inside } from './inside.js';
import { instance, openNetwork } from './network.js';
import type { Host } from './network.js';

const pool = (...ports: readonly number[]): string => `virtual_server 10.9.9.101 80 {
delay_loop 1
lb_algo rr
lb_kind NAT
protocol TCP
${ports.map((port) => `real_server 10.9.9.1 ${port} {\n}`).join('\n')}
}
`;

const socketOf = ({ folder }: Host): string => join(folder, 'keepalived.control.sock');

test('a pair that agrees, that disagrees about a server, and that has another configuration', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left, right } = network;
  const peer = (...words: readonly string[]) => inside(left, ['peer', '--socket', socketOf(left), '--with', socketOf(right), ...words]);
  left.daemon(`${instance({ priority: 150 })}${pool(81, 82)}`);
  assert.equal(peer().status, 1, 'there is nobody to compare with');
  const backup = right.daemon(`${instance({ priority: 100 })}${pool(81, 82)}`);
  const agreed = await until('they agree', 30, () => {
    const answer = peer();
    // Either may not show its servers yet.
    return answer.status === 0 && /MASTER 150 +BACKUP 100\n.*up, 2 of 2 servers up +up, 2 of 2 servers up/.test(answer.output) ? answer : undefined;
  });
  assert.match(agreed.output, /\nV1 \(vrid 51, ipv4\) +MASTER 150 +BACKUP 100\n\[10\.9\.9\.101\]:tcp:80 +up, 2 of 2 servers up +up, 2 of 2 servers up\n\nThey agree\.\n$/);
  assert.match(agreed.output, /\nclock +0 s +[+-]?0 s\n/);
  assert.equal(inside(right, ['rs', 'disable', '10.9.9.1:82', '--socket', socketOf(right)]).status, 0);
  const disagreed = await until('they disagree', 30, () => {
    const answer = peer();
    return answer.output.includes('disabled there') ? answer : undefined;
  });
  assert.deepEqual([disagreed.status, disagreed.output.includes('  [10.9.9.1]:tcp:82 in [10.9.9.101]:tcp:80: unchecked here, disabled there (disabled by hand)\n') || disagreed.output], [3, true]);
  assert.equal(inside(right, ['rs', 'enable', '10.9.9.1:82', '--socket', socketOf(right)]).status, 0);
  right.write('keepalived.conf', `${instance({ priority: 100, advertInterval: 2 })}${pool(81)}`);
  const before = backup.lines.length;
  backup.signal('SIGHUP');
  await backup.line(/Reload complete/, 20, before);
  const { disagreements } = await until('the digests differ', 30, () => {
    const answer = JSON.parse(peer('--json').output) as { readonly disagreements: readonly string[] };
    return answer.disagreements.some((text) => text.startsWith('the LVS')) ? answer : undefined;
  });
  assert.ok(disagreements.some((text) => text.startsWith('the VRRP configurations differ')));
  const file = right.write('status.json', inside(right, ['status', '--json', '--socket', socketOf(right)]).output);
  const fromFile = inside(left, ['peer', '--socket', socketOf(left), '--with', file]);
  assert.deepEqual([fromFile.status, /\nclock +0 s +-\n/.test(fromFile.output)], [3, true]);
  assert.equal(inside(left, ['peer', '--socket', socketOf(left), '--with', right.write('other.json', '{}')]).status, 1);
});

test('over HTTP the other director wants its token', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const token = left.write('token', 'a'.repeat(32));
  chmodSync(token, 0o600);
  left.daemon(`global_defs {\ncontrol_http 127.0.0.1:9650\ncontrol_token_file ${token}\n}\n${pool(81)}`);
  const peer = (...words: readonly string[]) => inside(left, ['peer', '--socket', socketOf(left), '--with', 'http://127.0.0.1:9650', ...words]);
  const refused = await until('a token is wanted', 30, () => {
    const answer = peer();
    return answer.errors.includes('wants a token') ? answer : undefined;
  });
  assert.deepEqual([refused.status, refused.errors], [1, 'http://127.0.0.1:9650 wants a token: --token-file names the file that has it\n']);
  await until('they agree', 30, () => {
    const { status, errors, output } = peer('--token-file', token);
    return (status === 0 && errors === '' && output.endsWith('They agree.\n')) || undefined;
  });
});
