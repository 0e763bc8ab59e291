/** holdfast plan beside a running daemon: it says what the reload then does. */

import assert from 'node:assert/strict';
import { request } from 'node:http';
import { join } from 'node:path';
import test from 'node:test';

import { SCHEMA } from '../../src/control/schema.js';
import { complaints } from '../control/conforms.js';
import { until } from '../lab/process.js';
import { inside } from './inside.js';
import { VIP, instance, openNetwork } from './network.js';

const service = (...servers: readonly string[]): string => `virtual_server 10.9.9.101 80 {
delay_loop 1
lb_algo rr
lb_kind NAT
protocol TCP
${servers.join('\n')}
}
`;
const server = (port: number, weight = 1): string => `real_server 10.9.9.1 ${port} {\nweight ${weight}\n}`;

const authentication = (password: string): string => `authentication {\nauth_type PASS\nauth_pass ${password}\n}`;

test('a plan names what a reload then does, from a real daemon, and nothing is left to plan afterwards', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const socket = ['--socket', join(left.folder, 'keepalived.control.sock')];
  const daemon = left.daemon(`${instance({ priority: 100, lines: [authentication('canary1')] })}${service(server(81), server(82))}`);
  await daemon.line(/Entering MASTER STATE/, 20);
  const same = await until('the daemon can be asked, and knows that it is master', 20, () => {
    const answer = inside(left, ['plan', ...socket]);
    return answer.status === 0 && inside(left, ['status', ...socket]).output.includes(`* ${VIP}`) ? answer : undefined;
  });
  assert.match(same.output, /\n\nNothing would change\.\n$/);
  const running = await get(join(left.folder, 'keepalived.control.admin.sock'), '/v1/configuration');
  assert.deepEqual(complaints(JSON.parse(running), SCHEMA.$defs.configuration), []);
  assert.match(running, /"password":"sealed [0-9a-f]{4}"/);
  const next = instance({ priority: 90, lines: [authentication('canary2')] }).replace(VIP, '10.9.9.99');
  const file = left.write('next.conf', `${next}${service(server(81, 5), server(83))}`);
  const plan = inside(left, ['plan', file, ...socket]);
  assert.equal(plan.status, 3, plan.errors);
  assert.doesNotMatch(plan.output, /canary/);
  for (const line of [
    '  ~ V1: it is MASTER until a router with a better priority speaks',
    '      priority: 100 -> 90',
    '      authentication.password: another secret',
    `  - ${VIP} dev eth0 scope global in V1`,
    '  + 10.9.9.99 dev eth0 scope global in V1',
    '  - [10.9.9.1]:tcp:82 in [10.9.9.101]:tcp:80',
    '  + [10.9.9.1]:tcp:83 in [10.9.9.101]:tcp:80, weight 1',
    '      weight: 1 -> 5',
    `  ip address del ${VIP}/32 dev eth0`,
    '  ip address add 10.9.9.99/32 dev eth0 scope global',
    '  ipvsadm -a -t 10.9.9.101:80 -r 10.9.9.1:83 -m -w 1',
    '  ipvsadm -e -t 10.9.9.101:80 -r 10.9.9.1:81 -m -w 5',
    '  ipvsadm -d -t 10.9.9.101:80 -r 10.9.9.1:82',
  ]) assert.ok(plan.output.includes(`${line}\n`), `${line}\nis not in\n${plan.output}`);
  const { sentences, rolesLost } = JSON.parse(inside(left, ['plan', file, '--json', ...socket]).output) as { readonly sentences: readonly string[]; readonly rolesLost: readonly string[] };
  assert.deepEqual(rolesLost, []);
  assert.ok(sentences.length > 0);
  const before = daemon.lines.length;
  left.write('keepalived.conf', left.read('next.conf'));
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 20, before);
  for (const sentence of sentences) await until(sentence, 10, () => daemon.lines.slice(before).some(({ text }) => text.includes(sentence)) || undefined);
  await until('the new address', 10, () => (left.addresses().includes('10.9.9.99') && !left.addresses().includes(VIP)) || undefined);
  await until('nothing is left to plan', 10, () => inside(left, ['plan', ...socket]).status === 0 || undefined);
});

test("a plan reads the file with the running daemon's configuration id, unless another one is given", async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const socket = ['--socket', join(left.folder, 'keepalived.control.sock')];
  const text = instance().replace('priority 255', '@first priority 255\n@second priority 120');
  const daemon = left.daemon(text, { options: ['-n', '-l', '-D', '-i', 'first'] });
  await daemon.line(/Entering MASTER STATE/, 20);
  const own = await until('the configuration is shown', 20, () => {
    const answer = inside(left, ['plan', ...socket]);
    return answer.errors === '' ? answer : undefined;
  });
  assert.equal(own.status, 0, own.output);
  const other = inside(left, ['plan', '-i', 'second', ...socket]);
  assert.equal(other.status, 3, other.errors);
  assert.match(other.output, /priority: 255 -> 120/);
});

test('a plan says who would lose the role of master, what would be refused, and that there is nobody to ask', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const { left } = network;
  const socket = ['--socket', join(left.folder, 'keepalived.control.sock')];
  assert.deepEqual(inside(left, ['plan', ...socket]).status, 1);
  const daemon = left.daemon(instance());
  await daemon.line(/Entering MASTER STATE/, 20);
  const away = left.write('away.conf', instance().replace('virtual_router_id 51', 'virtual_router_id 52'));
  const plan = await until('the plan, and the role', 20, () => {
    const answer = inside(left, ['plan', away, ...socket]);
    return answer.output.includes('Roles that would be lost\n  V1 is MASTER\n') ? answer : undefined;
  });
  assert.equal(plan.status, 3);
  assert.match(plan.output, / {2}- V1: it is MASTER and gives that up\n {2}\+ V1\n/);
  const broken = inside(left, ['plan', left.write('broken.conf', 'vrrp_instance V1 {\nvirtual_router_id 51\n'), ...socket]);
  assert.equal(broken.status, 1);
  assert.match(broken.errors, /broken\.conf:1:\d+: .*\n[^]*would be refused/);
  const named = inside(left, ['plan', left.write('named.conf', `instance other\n${instance()}`), ...socket]);
  assert.deepEqual([named.status, /instance name changes, which needs a restart/.test(named.output)], [1, true]);
});

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const question = request({ socketPath, path, headers: { Host: 'localhost' } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part)).on('end', () => resolve(text));
    });
    question.on('error', reject).end();
  });
}
