/** What a plan says of two configurations, without a daemon. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { loadText } from '../../src/cli/configuration.js';
import { makePlan } from '../../src/cli/plan/plan.js';
import { sealed } from '../../src/conf/sealing.js';
import type { Model } from '../../src/conf/model.js';
import { holdfast, openFolder } from './command.js';

const folder = openFolder();
const KEY = new Uint8Array(32);

const examples: readonly (readonly [string, Model])[] = readdirSync('examples')
  .filter((name) => name.endsWith('.conf'))
  .flatMap((name) => {
    const { model } = loadText(join('examples', name), { offline: true });
    return model === undefined ? [] : [[name, model] as const];
  });

test('a configuration compared with itself changes nothing, however often it is read', () => {
  assert.ok(examples.length > 30);
  for (const [name, model] of examples) {
    const again = loadText(join('examples', name), { offline: true }).model;
    assert.ok(again !== undefined);
    const { changes, kernel, rolesLost } = makePlan(sealed(model, KEY), sealed(again, KEY), undefined);
    assert.deepEqual([changes, kernel, rolesLost], [[], [], []], name);
  }
});

test('every example can become every other one, and the way back is the other way round', () => {
  const opposite = { add: 'remove', remove: 'add', change: 'change' } as const;
  for (const [from, before] of examples) {
    for (const [to, after] of examples) {
      const there = makePlan(before, after, undefined);
      const back = makePlan(after, before, undefined);
      assert.equal(there.refusal === undefined, back.refusal === undefined, `${from} ${to}`);
      const told = (plan: typeof there, of: (change: 'add' | 'remove' | 'change') => string): readonly string[] =>
        plan.changes.filter(({ subject }) => ['instance', 'virtualServer', 'address', 'process'].includes(subject)).map(({ subject, change, name }) => (change === 'change' ? '' : `${of(change)} ${subject} ${name}`)).filter((text) => text !== '').sort();
      assert.deepEqual(told(there, (change) => change), told(back, (change) => opposite[change]), `${from} ${to}`);
    }
  }
});

const service = (lines: string): string => `virtual_server 192.0.2.100 80 {\nlb_kind DR\nlb_algo wlc\nprotocol TCP\n${lines}\n}\n`;

test('schedulers, checks, and secrets that differ are named; a secret is not shown', () => {
  const server = (more: string): string => `real_server 192.0.2.11 80 {\n${more}\n}`;
  const instance = (password: string): string => `vrrp_instance V1 {\ninterface eth0\nvirtual_router_id 51\npriority 100\nauthentication {\nauth_type PASS\nauth_pass ${password}\n}\nvirtual_ipaddress {\n192.0.2.100\n}\n}\n`;
  const before = folder.write('before.conf', `${instance('canary1')}${service(server('TCP_CHECK {\nconnect_timeout 3\n}'))}`);
  const after = folder.write('after.conf', `${instance('canary2')}${service(`persistence_timeout 60\n${server('TCP_CHECK {\nconnect_timeout 5\n}\nHTTP_GET {\nurl {\npath /\n}\n}')}`)}`);
  const plan = holdfast(['plan', '--offline', after, '--against', before]);
  assert.equal(plan.status, 3, plan.errors);
  for (const line of [
    '      authentication.password: another secret',
    '      persistenceTimeout: 0 -> 60',
    '      TCP_CHECK check.connection.connectTimeout: 3 s -> 5 s',
    '      HTTP_GET: asked (new)',
    '  ipvsadm -E -t 192.0.2.100:80 -s wlc -p 60',
  ]) assert.ok(plan.output.includes(`${line}\n`), `${line}\nis not in\n${plan.output}`);
  assert.doesNotMatch(plan.output, /canary/);
  const json = JSON.parse(holdfast(['plan', '--offline', '--json', after, '--against', before]).output) as { readonly version: number; readonly changes: readonly { readonly subject: string }[] };
  assert.deepEqual([json.version, json.changes.map(({ subject }) => subject)], [1, ['instance', 'virtualServer', 'realServer']]);
  assert.equal(holdfast(['plan', '--offline', after, '--against', after]).status, 0);
  const refused = holdfast(['plan', '--offline', folder.write('broken.conf', 'vrrp_instance {'), '--against', before]);
  assert.deepEqual([refused.status, /would be refused/.test(refused.errors)], [1, true]);
});
