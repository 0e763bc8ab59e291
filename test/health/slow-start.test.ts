import assert from 'node:assert/strict';
import test from 'node:test';
import { seconds } from '../../src/base/time.js';
import type { PoolConfig, RealServerConfig, VirtualServerConfig } from '../../src/health/config.js';
import { describePool } from '../../src/health/describe.js';
import { PASSED, PoolRun, failure, realServer, virtualServer } from './samples.js';

const SLOW = { slowStart: seconds(60), weight: 100 };

function pool(servers: readonly RealServerConfig[], changes: Partial<VirtualServerConfig> = {}): PoolConfig {
  return { virtualServers: [virtualServer(1, servers, changes)] };
}

/** Server 1 has been down and has just come back. */
function recovered(config: PoolConfig): PoolRun {
  const run = new PoolRun(config);
  run.answer = (last) => (last === 1 ? failure() : PASSED);
  run.run(seconds(30));
  run.told();
  run.answer = () => PASSED;
  while (describePool(run.state).virtualServers[0]?.realServers[0]?.alive !== true) run.run(seconds(0.01));
  return run;
}

function weightOf(run: PoolRun): number {
  const [, weight] = run.table(1).find((line) => line.startsWith('1='))?.split('=') ?? [];
  return Number(weight);
}

test('the weight of a server that comes back grows in a straight line from 1 to its own', () => {
  const run = recovered(pool([realServer(1, SLOW), realServer(2, { weight: 100 })]));
  assert.deepEqual(run.table(1), ['1=1', '2=100'], 'it begins with 1');
  const seen: number[] = [];
  for (let second = 1; second <= 62; second += 1) {
    run.run(seconds(1));
    seen.push(weightOf(run));
    const share = Math.min(1, second / 60);
    assert.ok(Math.abs(weightOf(run) - 100 * share) <= 2.5, `after ${second} s ${weightOf(run)}`);
  }
  assert.ok(seen.every((weight, index) => weight >= (seen[index - 1] ?? 1)), 'never back');
  assert.equal(weightOf(run), 100);
  assert.equal(run.told().filter((line) => line.startsWith('slowStart')).join(), 'slowStartBegan 1 1,slowStartEnded 1 1');
  assert.equal(run.state.serverDeadlines.size, 0, 'nothing is waited for any more');
});

test('the quorum counts the whole weight from the first moment', () => {
  const run = recovered(pool([realServer(1, SLOW)], { quorum: 100 }));
  assert.equal(weightOf(run), 1);
  assert.equal(describePool(run.state).virtualServers[0]?.quorumUp, true);
});

test('servers that are up from the start do not ramp; one that a reload brings does', () => {
  const run = new PoolRun(pool([realServer(1, SLOW)]));
  assert.equal(weightOf(run), 100);
  run.deliver({ type: 'reconfigured', config: pool([realServer(1, SLOW), realServer(2, SLOW)]) });
  assert.deepEqual(run.table(1), ['1=100', '2=1']);
  run.run(seconds(61));
  assert.deepEqual(run.table(1), ['1=100', '2=100']);
});

test('a reload in the midst of it keeps the beginning, and its end with a shorter time may be now', () => {
  const run = recovered(pool([realServer(1, SLOW), realServer(2)]));
  run.run(seconds(30));
  assert.ok(Math.abs(weightOf(run) - 50) <= 3);
  run.deliver({ type: 'reconfigured', config: pool([realServer(1, { ...SLOW, weight: 200 }), realServer(2)]) });
  assert.ok(Math.abs(weightOf(run) - 100) <= 5, `${weightOf(run)} of 200`);
  run.deliver({ type: 'reconfigured', config: pool([realServer(1, { slowStart: seconds(10), weight: 200 }), realServer(2)]) });
  assert.equal(weightOf(run), 200);
});

test('a failure ends it, with inhibit_on_failure at weight 0, and the next return begins anew', () => {
  const run = recovered(pool([realServer(1, { ...SLOW, inhibitOnFailure: true }), realServer(2)]));
  run.run(seconds(40));
  run.answer = (last) => (last === 1 ? failure() : PASSED);
  run.run(seconds(15));
  assert.deepEqual(run.table(1), ['1=0', '2=1']);
  run.answer = () => PASSED;
  run.run(seconds(11));
  assert.ok(weightOf(run) >= 1 && weightOf(run) < 30, `${weightOf(run)}`);
});

test('what a checker says of the weight is what the ramp leads to; 0 stays 0', () => {
  const run = recovered(pool([realServer(1, SLOW), realServer(2)]));
  run.run(seconds(30));
  run.answer = (last) => (last === 1 ? { ...PASSED, weight: 10 } : PASSED);
  run.run(seconds(11));
  assert.ok(weightOf(run) >= 6 && weightOf(run) <= 8, `${weightOf(run)} of 10`);
  run.answer = (last) => (last === 1 ? { ...PASSED, weight: 0 } : PASSED);
  run.run(seconds(11));
  assert.equal(weightOf(run), 0);
});
