import assert from 'node:assert/strict';
import test from 'node:test';
import { seconds } from '../../src/base/time.js';
import type { PoolConfig, RealServerConfig, VirtualServerConfig } from '../../src/health/config.js';
import { PASSED, PoolRun, failure, realServer, tcpCheck, virtualServer } from './samples.js';

function pool(servers: readonly RealServerConfig[], changes: Partial<VirtualServerConfig> = {}): PoolConfig {
  const config = virtualServer(1, servers, changes);
  return { virtualServers: [config], tracked: [config.name] };
}

function told(run: PoolRun): readonly boolean[] {
  return run.reports.splice(0).flatMap(({ quorums }) => quorums.map(({ up }) => up));
}

test('the quorum of a tracked virtual server is told once its servers have been checked, and whenever it changes', () => {
  const run = new PoolRun(pool([realServer(1), realServer(2)]));
  assert.deepEqual(told(run), [], 'that servers are up is an assumption so far');
  run.run(seconds(5));
  assert.deepEqual(told(run), [true]);
  run.answer = () => failure();
  run.run(seconds(15));
  assert.deepEqual(told(run), [false]);
  run.answer = () => PASSED;
  run.run(seconds(15));
  assert.deepEqual(told(run), [true]);
});

test('a process that starts before dead servers never says that they are alive', () => {
  const run = new PoolRun(pool([realServer(1), realServer(2)]));
  run.answer = () => failure();
  run.run(seconds(15));
  assert.deepEqual(told(run), [false]);
});

test('with alpha servers are down until they are checked: that is no news either', () => {
  const alpha = (last: number): RealServerConfig => realServer(last, { checkers: [tcpCheck(last, { alpha: true })] });
  const run = new PoolRun(pool([alpha(1), alpha(2)]));
  assert.deepEqual(told(run), []);
  run.run(seconds(5));
  assert.deepEqual(told(run), [true]);
});

test('as soon as the rest cannot change it any more it is certain', () => {
  const late = realServer(2, { checkers: [tcpCheck(2, { warmup: seconds(3600) })] });
  const run = new PoolRun(pool([realServer(1), late], { quorum: 1 }), [], 3);
  run.run(seconds(5));
  assert.deepEqual(told(run), [true], 'one is enough for the quorum');
  const two = new PoolRun(pool([realServer(1), late], { quorum: 2 }), [], 3);
  two.answer = () => failure();
  two.run(seconds(5));
  assert.deepEqual(told(two), [false], 'one is missing already');
});

test('nothing is told of virtual servers that nobody tracks; tracked by a reload they are told at once', () => {
  const config = pool([realServer(1)]);
  const run = new PoolRun({ virtualServers: config.virtualServers });
  run.run(seconds(20));
  assert.deepEqual(run.reports, []);
  run.deliver({ type: 'reconfigured', config });
  assert.deepEqual(told(run), [true]);
});
