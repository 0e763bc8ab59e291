import assert from 'node:assert/strict';
import test from 'node:test';
import { seconds } from '../../src/base/time.js';
import type { PoolConfig, RealServerConfig, VirtualServerConfig } from '../../src/health/config.js';
import { describePool } from '../../src/health/describe.js';
import { PASSED, PoolRun, command, failure, realServer, service, virtualServer } from './samples.js';

const DRAINS = { drainTimeout: seconds(60) };

function pool(servers: readonly RealServerConfig[], changes: Partial<VirtualServerConfig> = DRAINS): PoolConfig {
  return { virtualServers: [virtualServer(1, servers, changes)] };
}

function take(run: PoolRun, servers: readonly RealServerConfig[], changes: Partial<VirtualServerConfig> = DRAINS): void {
  run.deliver({ type: 'reconfigured', config: pool(servers, changes) });
}

function idle(run: PoolRun, ...servers: readonly number[]): void {
  run.deliver({ type: 'entriesSeenIdle', idle: new Set(servers.map((last) => `tcp 192.0.2.1:80 -> 198.51.100.${last}:80`)) });
}

test('a healthy server that the file no longer names stays at weight 0 until its connections are gone', () => {
  const run = new PoolRun(pool([realServer(1), realServer(2, { notifyDown: command('down2') })]));
  run.run(seconds(5));
  run.told();
  take(run, [realServer(1)]);
  assert.deepEqual(run.table(1), ['1=1', '2=0']);
  assert.deepEqual(run.told(), ['serverGone 2 1', 'serverWithdrawn 2 1', 'serverDraining 2 1']);
  assert.deepEqual(run.commands, ['down2'], 'whoever counts servers counts it out at once');
  assert.equal(describePool(run.state).virtualServers[0]?.aliveWeight, 1);
  idle(run, 1);
  assert.deepEqual(run.table(1), ['1=1', '2=0']);
  idle(run, 2);
  assert.deepEqual(run.table(1), ['1=1']);
  assert.deepEqual(run.told(), ['serverDrained 2 1']);
});

test('it goes when its time is up, connections or not', () => {
  const run = new PoolRun(pool([realServer(1), realServer(2)]));
  run.run(seconds(5));
  take(run, [realServer(1)]);
  run.run(seconds(59));
  assert.deepEqual(run.table(1), ['1=1', '2=0']);
  run.run(seconds(2));
  assert.deepEqual(run.table(1), ['1=1']);
  assert.equal(run.state.draining.size, 0);
});

test('a server that comes back while it is drained is an ordinary one again', () => {
  const run = new PoolRun(pool([realServer(1), realServer(2)]));
  run.run(seconds(5));
  take(run, [realServer(1)]);
  take(run, [realServer(1), realServer(2, { weight: 7 })]);
  assert.deepEqual(run.table(1), ['1=1', '2=7']);
  idle(run, 2);
  run.run(seconds(70));
  assert.deepEqual(run.table(1), ['1=1', '2=7']);
});

test('one that is down goes at once, and so does everything without drain_timeout, of UDP, or with its service', () => {
  const dead = new PoolRun(pool([realServer(1), realServer(2)]));
  dead.answer = (last) => (last === 2 ? failure() : PASSED);
  dead.run(seconds(20));
  take(dead, [realServer(1)]);
  assert.deepEqual(dead.table(1), ['1=1']);

  const plain = new PoolRun(pool([realServer(1), realServer(2)], {}));
  plain.run(seconds(5));
  take(plain, [realServer(1)], {});
  assert.deepEqual(plain.table(1), ['1=1']);

  const datagrams = { ...service(1), identity: { ...service(1).identity, protocol: 'udp' as const } };
  const udp = { ...DRAINS, services: [datagrams as ReturnType<typeof service>] };
  const flows = new PoolRun(pool([realServer(1), realServer(2)], udp));
  flows.run(seconds(5));
  take(flows, [realServer(1)], udp);
  assert.equal(flows.state.draining.size, 0);

  const whole = new PoolRun(pool([realServer(1), realServer(2)]));
  whole.run(seconds(5));
  take(whole, [realServer(1)]);
  whole.deliver({ type: 'reconfigured', config: { virtualServers: [] } });
  assert.deepEqual(whole.table(1), []);
  assert.equal(whole.state.draining.size, 0);
});
