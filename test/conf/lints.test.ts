/** The lints: each is shown a configuration that it must speak about, at its place, and one that it must be silent about. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { LintFacts } from '../../src/conf/lint.js';
import { findings, load } from './support.js';

/** `line:column` of every finding of one code. */
function places(code: string, text: string, facts: LintFacts = {}): readonly string[] {
  const { diagnostics } = load(text, { lints: facts });
  return diagnostics.filter((found) => found.code === code).map(({ at }) => `${at.line}:${at.column}`);
}

function instance(body: string): string {
  return `vrrp_instance a {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n  192.0.2.100\n }\n${body}\n}\n`;
}

function service(servers: string, body = ' lb_algo rr\n lb_kind NAT\n protocol TCP'): string {
  return `virtual_server 192.0.2.100 80 {\n${body}\n${servers}\n}\n`;
}

test('lints speak only when they are asked for', () => {
  const text = service(' real_server 198.51.100.1 80 {\n }');
  assert.deepEqual(findings(text), []);
  assert.deepEqual(findings(text, { lints: {} }), [
    '5:2: warning: [192.0.2.100]:tcp:80: nothing checks 198.51.100.1: it stays in the pool when it is dead [HF-602]',
  ]);
});

test('nopreempt with a weighted tracker never moves the addresses', () => {
  assert.deepEqual(places('HF-601', instance(' nopreempt\n track_interface {\n  eth1 weight -20\n }')), ['7:2']);
  assert.deepEqual(places('HF-601', instance(' nopreempt\n track_interface {\n  eth1\n }')), []);
  assert.deepEqual(places('HF-601', instance(' track_interface {\n  eth1 weight -20\n }')), []);
});

test('a real server without a check is never taken out', () => {
  assert.deepEqual(places('HF-602', service(' real_server 198.51.100.1 80 {\n  TCP_CHECK {\n  }\n }')), []);
  assert.deepEqual(places('HF-602', service(' real_server 198.51.100.1 80 {\n }\n real_server 198.51.100.2 80 {\n }')), ['5:2', '7:2']);
});
