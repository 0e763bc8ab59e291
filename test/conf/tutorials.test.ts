/** The two published set-ups that holdfast must take as they are. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { parseAddress } from '../../src/base/address.js';
import { loadConfiguration } from '../../src/conf/load.js';
import type { Loaded } from '../../src/conf/load.js';
import { isFatal } from '../../src/conf/verdict.js';
import { examplesSource } from './support.js';

function loadExample(name: string): Loaded {
  return loadConfiguration(examplesSource, `examples/${name}`, {});
}

test('the LVS-DR tutorial starts, and its two outdated keywords are reported where they stand', () => {
  const { model, diagnostics } = loadExample('lvs-dr.conf');
  assert.deepEqual(
    diagnostics.map(({ at, code, hint }) => [at.file, at.line, at.column, code, hint]),
    [
      ['examples/lvs-dr.conf', 5, 5, 'HF-302', 'remove the line: nothing replaces it, the kernel needs no mask'],
      ['examples/lvs-dr.conf', 13, 13, 'HF-302', 'write: retry N'],
      ['examples/lvs-dr.conf', 23, 13, 'HF-302', 'write: retry N'],
    ],
  );
  assert.equal(diagnostics.some((diagnostic) => isFatal(diagnostic)), false);
  const [server] = model?.pool.virtualServers ?? [];
  assert.equal(server?.name, '[192.168.1.100]:tcp:80');
  assert.deepEqual(server.services, [
    {
      identity: { kind: 'address', protocol: 'tcp', address: parseAddress('192.168.1.100'), port: 80 },
      scheduler: 'rr',
      flags: 0,
      persistenceTimeout: 0,
      persistenceGranularity: '255.255.255.255',
    },
  ]);
  assert.deepEqual(
    server.realServers.map(({ address, port, weight, method }) => [address, port, weight, method]),
    [
      ['192.168.1.13', 80, 1, 'direct'],
      ['192.168.1.14', 80, 1, 'direct'],
    ],
  );
  const checker = server.realServers[0]?.checkers[0];
  assert.deepEqual(checker, {
    check: {
      type: 'TCP_CHECK',
      connection: { address: parseAddress('192.168.1.13'), port: 80, fwmark: 0, connectTimeout: 3_000_000 },
    },
    delayLoop: 6_000_000,
    retry: 1,
    delayBeforeRetry: 3_000_000,
    warmup: 6_000_000,
    alpha: false,
    logAllFailures: false,
  });
});

test('the VRRP pair around it includes the tutorial and differs in state and priority only', () => {
  const [master, backup] = ['lvs-dr-master.conf', 'lvs-dr-backup.conf'].map((name) => loadExample(name).model);
  const [first] = master?.director.instances ?? [];
  const [second] = backup?.director.instances ?? [];
  assert.equal(first?.virtualRouterId, 51);
  assert.deepEqual([first.priority, first.wantsMaster, second?.priority, second?.wantsMaster], [100, true, 90, false]);
  assert.deepEqual(first.authentication, { type: 'pass', password: '1111' });
  assert.deepEqual({ ...first, priority: 0, wantsMaster: false }, { ...second, priority: 0, wantsMaster: false });
  assert.deepEqual(master?.pool, loadExample('lvs-dr.conf').model?.pool);
});

test('the LVS-NAT tutorial gives rr, and wrr with weights 2 and 1, without a finding', () => {
  for (const [name, scheduler, weights] of [
    ['lvs-nat.conf', 'rr', [1, 1]],
    ['lvs-nat-weighted.conf', 'wrr', [2, 1]],
  ] as const) {
    const { model, diagnostics } = loadExample(name);
    assert.deepEqual(diagnostics, []);
    const [server] = model?.pool.virtualServers ?? [];
    assert.equal(server?.services[0]?.scheduler, scheduler);
    assert.deepEqual(server.realServers.map(({ weight, method }) => [weight, method]), weights.map((weight) => [weight, 'nat']));
  }
});
