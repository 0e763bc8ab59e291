/** ha_suspend: checks run only while an address of the service is on this host. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { seconds } from '../../src/base/time.js';
import type { VirtualServerConfig } from '../../src/health/config.js';
import type { PoolEvent } from '../../src/health/events.js';
import { address } from '../support/address.js';
import { PASSED, PoolRun, failure, realServer, service, tcpCheck, virtualServer } from './samples.js';

const suspending = (changes: Partial<VirtualServerConfig> = {}): VirtualServerConfig =>
  virtualServer(1, [realServer(1, { checkers: [tcpCheck(1, { retry: 0 })] })], { haSuspend: true, ...changes });

function here(last: number, present = true): PoolEvent {
  return { type: 'addressChanged', address: address(`192.0.2.${last}`), present };
}

test('without its address a service is not checked, and its servers are in service', () => {
  const run = new PoolRun({ virtualServers: [suspending(), virtualServer(2, [realServer(2)])] });
  assert.deepEqual(run.told(), ['quorumGained 1', 'quorumGained 2', 'checkerSuspended 1 1', 'checkerActivated 2 2']);
  run.run(seconds(30));
  assert.deepEqual(run.questions.filter((line) => line.split(' ')[1] === '1'), []);
  assert.deepEqual(run.table(1), ['1=1']);
});

test('with its address told before the configuration it is checked from the start', () => {
  const run = new PoolRun({ virtualServers: [suspending()] }, [here(1)]);
  assert.deepEqual(run.told(), ['quorumGained 1', 'checkerActivated 1 1']);
  run.run(seconds(2));
  assert.equal(run.questions.length, 1);
});

test('checks start as at the beginning when the address comes, and rest when it goes; what is known stays', () => {
  const run = new PoolRun({ virtualServers: [suspending()] });
  run.answer = () => failure();
  run.told();
  run.run(seconds(20));
  run.deliver(here(1));
  assert.deepEqual(run.told(), ['checkerActivated 1 1']);
  run.run(seconds(5));
  assert.deepEqual(run.questions, ['21 1'], 'one second after the address came');
  assert.deepEqual(run.told(), ['checkFailed 1 1', 'serverRemoved 1 1', 'quorumLost 1']);
  run.answer = () => PASSED;
  run.deliver(here(1, false));
  run.run(seconds(60));
  assert.deepEqual(run.told(), ['checkerSuspended 1 1']);
  assert.equal(run.questions.length, 1);
  assert.deepEqual(run.table(1), [], 'it was down and stays down');
  run.deliver(here(1));
  run.run(seconds(2));
  assert.deepEqual(run.told(), ['checkerActivated 1 1', 'checkSucceeded 1 1', 'serverAdded 1 1', 'quorumGained 1']);
});

test('a running probe is called back, and another address changes nothing', () => {
  const run = new PoolRun({ virtualServers: [suspending()] }, [here(1)]);
  run.latency = seconds(0.9);
  run.run(seconds(1.5));
  run.deliver(here(7));
  assert.deepEqual(run.cancelled, []);
  run.deliver(here(1, false));
  assert.equal(run.cancelled.length, 1);
});

test('any one address of several keeps the checks going', () => {
  const run = new PoolRun({ virtualServers: [suspending({ services: [service(1), service(2)] })] }, [here(1), here(2)]);
  run.told();
  run.deliver(here(1, false));
  assert.deepEqual(run.told(), []);
  run.deliver(here(2, false));
  assert.deepEqual(run.told(), ['checkerSuspended 1 1']);
});

test('a reload that takes ha_suspend away starts the checks, and one that brings it puts them to rest', () => {
  const run = new PoolRun({ virtualServers: [suspending()] });
  run.told();
  run.deliver({ type: 'reconfigured', config: { virtualServers: [suspending({ haSuspend: false })] } });
  assert.deepEqual(run.told(), ['checkerActivated 1 1']);
  run.deliver({ type: 'reconfigured', config: { virtualServers: [suspending()] } });
  assert.deepEqual(run.told(), ['checkerSuspended 1 1']);
  run.run(seconds(30));
  assert.deepEqual(run.questions, []);
});

test('who rests stops no probe of another that asks the same, and hears none of its answers', () => {
  const check = tcpCheck(1, { retry: 0 });
  const resting = virtualServer(1, [realServer(1, { checkers: [check] })], { haSuspend: true });
  const other = virtualServer(2, [realServer(1, { checkers: [check] })]);
  const run = new PoolRun({ virtualServers: [resting, other] }, [here(1)]);
  run.latency = seconds(0.5);
  run.answer = () => failure();
  run.run(seconds(1.2));
  assert.equal(run.questions.length, 1, 'one asks for both');
  // The one that asked goes to rest while the answer is under way.
  run.deliver(here(1, false));
  assert.deepEqual(run.cancelled, []);
  run.run(seconds(10));
  assert.deepEqual([run.table(1), run.table(2)], [['1=1'], []]);

  run.answer = () => PASSED;
  run.questions.length = 0;
  run.run(seconds(30));
  assert.equal(run.questions.length, 3, 'the other goes on in its rhythm');
  assert.deepEqual(run.table(2), ['1=1']);
  run.questions.length = 0;
  run.deliver(here(1));
  run.run(seconds(30));
  assert.ok(run.questions.length <= 4, `one asks for both again: ${run.questions.join(', ')}`);
});
