/** Missing and surplus braces are reported where the mistake is, and what can be read is read. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { isFatal } from '../../src/conf/verdict.js';
import { findings, load } from './support.js';

test('a block that is never closed is reported at its opening brace', () => {
  assert.deepEqual(findings('global_defs {\n  router_id a\n'), [
    '1:13: error: the block of global_defs opened here is never closed [HF-201]',
  ]);
});

test('the unclosed block is found by the next block that cannot stand in it', () => {
  const text = `virtual_server 192.0.2.1 80 {
  lb_algo rr
  lb_kind NAT
  protocol TCP
  real_server 192.0.2.11 80 {
    TCP_CHECK {
      connect_timeout 3
    }
  real_server 192.0.2.12 80 {
    TCP_CHECK {
      connect_timeout 3
    }
  }
}
vrrp_instance a {
  interface eth0
  virtual_router_id 1
  virtual_ipaddress {
    192.0.2.1
}
vrrp_instance b {
  interface eth0
  virtual_router_id 2
  virtual_ipaddress {
    192.0.2.2
  }
}
`;
  const { model, diagnostics } = load(text);
  assert.deepEqual(
    diagnostics.map(({ code, at }) => [code, at.line, at.column]),
    [
      ['HF-201', 5, 29],
      ['HF-201', 15, 17],
    ],
  );
  assert.deepEqual(model?.pool.virtualServers[0]?.realServers.map(({ address }) => address), ['192.0.2.11', '192.0.2.12']);
  assert.deepEqual(model.director.instances.map(({ name }) => name), ['a', 'b']);
});

test('a closing brace too many is reported where it stands', () => {
  assert.deepEqual(findings('global_defs {\n}\n  }\nuse_pid_dir\n'), [
    '3:3: error: no block is open that this } could close [HF-202]',
  ]);
});

test('a block keyword without its opening brace is reported, and its lines are read all the same', () => {
  const { model, diagnostics } = load('global_defs\n  router_id a\n}\n');
  assert.deepEqual(diagnostics.map(({ code, at }) => [code, at.line, at.column]), [['HF-203', 1, 1]]);
  assert.equal(model?.global.routerId, 'a');
});

test('an address behind virtual_ipaddress does not swallow the end of the instance', () => {
  const { diagnostics } = load('vrrp_instance a {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress 192.0.2.1\n}\nuse_pid_dir\n');
  assert.deepEqual(
    diagnostics.map(({ code, at }) => [code, at.line, at.column]),
    [
      ['HF-407', 1, 15],
      ['HF-203', 4, 2],
    ],
  );
});

test('a brace without a keyword is reported and its lines belong to the block around it', () => {
  const { model, diagnostics } = load('global_defs {\n  {\n    router_id a\n  }\n}\n');
  assert.deepEqual(diagnostics.map(({ code, at }) => [code, at.line, at.column]), [['HF-204', 2, 3]]);
  assert.equal(model?.global.routerId, 'a');
});

test('a block behind a keyword that takes none is reported, and the value counts', () => {
  const { model, diagnostics } = load('global_defs {\n  router_id a {\n    foo\n  }\n  process_names\n}\n');
  assert.deepEqual(diagnostics.map(({ code, at }) => [code, at.line, at.column]), [['HF-204', 2, 15]]);
  assert.equal(model?.global.routerId, 'a');
  assert.equal(model.global.vrrpProcessName, 'keepalived_vrrp');
});

test('broken structure lets a daemon start as keepalived does, but never replaces a running configuration', () => {
  for (const text of ['global_defs {\n', 'global_defs {\n}\n}\n', 'global_defs\n router_id a\n}\n']) {
    const { model, diagnostics } = load(text);
    assert.notEqual(model, undefined);
    assert.deepEqual(diagnostics.map((diagnostic) => [isFatal(diagnostic, 'start'), isFatal(diagnostic, 'reload')]), [[false, true]]);
  }
});
