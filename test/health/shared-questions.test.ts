import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, seconds } from '../../src/base/time.js';
import type { CheckerConfig, ConnectionOptions } from '../../src/health/config-check.js';
import type { VirtualServerConfig } from '../../src/health/config.js';
import { describePool } from '../../src/health/describe.js';
import { address } from '../support/address.js';
import { PASSED, PoolRun, failure, realServer, statusFailure, tcpCheck, url, virtualServer, webCheck } from './samples.js';

const LOOP = { delayLoop: seconds(10), warmup: seconds(10) };

/** Virtual servers `from` to `to`, all with the same real servers and the same checks. */
function pools(from: number, to: number, servers: number, changes = {}): VirtualServerConfig[] {
  const realServers = Array.from({ length: servers }, (_, i) => realServer(i + 1, { checkers: [tcpCheck(i + 1, { ...LOOP, ...changes })] }));
  return Array.from({ length: to - from + 1 }, (_, i) => virtualServer(from + i, realServers));
}

test('500 checks that ask 10 questions cost 10 questions a round, and every virtual server hears every answer', () => {
  const run = new PoolRun({ virtualServers: pools(1, 50, 10, { retry: 0 }) });
  run.run(seconds(11));
  run.questions.length = 0;
  run.answer = (last) => (last === 3 ? failure() : PASSED);
  run.run(seconds(10));
  assert.deepEqual(run.questions.map((each) => each.split(' ')[1]).sort(), ['1', '10', '2', '3', '4', '5', '6', '7', '8', '9'].sort());
  run.run(seconds(2));
  for (let last = 1; last <= 50; last += 1) assert.equal(run.table(last).length, 9, `virtual server ${last}`);
  assert.equal(describePool(run.state).virtualServers[0]?.realServers[0]?.checkers[0]?.sharedBy, 50);
});

test('whatever is asked, and when, tells questions apart; what is made of the answer does not', () => {
  const base = tcpCheck(1, LOOP);
  const { check } = base;
  assert.ok(check.type === 'TCP_CHECK');
  const asking = (connection: Partial<ConnectionOptions>): CheckerConfig => ({ ...base, check: { ...check, connection: { ...check.connection, ...connection } } });
  const others: readonly CheckerConfig[] = [
    asking({ address: address('192.0.2.99') }),
    ...[asking({ port: 81 }), asking({ fwmark: 81 }), asking({ connectTimeout: seconds(9) })],
    ...[asking({ bindAddress: address('192.0.2.98') }), asking({ bindPort: 81 }), asking({ bindInterface: 'eth0' })],
    { ...base, check: { ...check, exchange: { send: '00' } } },
    ...[{ ...base, delayLoop: seconds(9) }, { ...base, delayBeforeRetry: seconds(9) }, { ...base, retry: 9 }, { ...base, warmup: seconds(9) }],
  ];
  const run = new PoolRun({ virtualServers: [virtualServer(1, [realServer(1, { checkers: [base, ...others, { ...base, alpha: !base.alpha, logAllFailures: !base.logAllFailures }] })])] });
  assert.equal(run.state.questions.size, 1 + others.length);
});

test('a shared answer takes every server down at the same instant, and retries are shared too', () => {
  const run = new PoolRun({ virtualServers: pools(1, 3, 1, { retry: 2 }) });
  run.run(seconds(12));
  run.questions.length = 0;
  run.told();
  run.answer = () => failure();
  run.run(seconds(14));
  assert.deepEqual(run.told(), [1, 2, 3].flatMap((virtual) => [`checkFailed 1 ${virtual}`, `serverRemoved 1 ${virtual}`, `quorumLost ${virtual}`]));
  const instants = run.questions.map((each) => Number(each.split(' ')[0]));
  assert.equal(new Set(instants).size, instants.length, 'one question at a time');
});

test('one that a reload adds falls into step', () => {
  const run = new PoolRun({ virtualServers: pools(1, 1, 1) });
  run.run(seconds(15));
  run.deliver({ type: 'reconfigured', config: { virtualServers: pools(1, 2, 1) } });
  run.run(seconds(20));
  run.questions.length = 0;
  run.run(seconds(30));
  assert.equal(run.questions.length, 3);
});

test('whoever asked may go: the answer still counts for the others, and the probe is called back when nobody is left', () => {
  const soon = { warmup: micros(0) };
  const run = new PoolRun({ virtualServers: pools(1, 3, 1, soon) });
  run.answer = () => undefined;
  run.run(seconds(1.5));
  assert.equal(run.questions.length, 1);
  run.deliver({ type: 'reconfigured', config: { virtualServers: pools(2, 3, 1, soon) } });
  assert.deepEqual(run.cancelled, []);
  const [id] = [...run.state.sharedProbes.keys()];
  assert.ok(id !== undefined);
  run.deliver({ type: 'probeAnswered', id, verdict: failure() });
  assert.deepEqual([run.table(2), run.table(3)], [[], []]);
  run.run(seconds(10.5));
  assert.equal(run.questions.length, 2);
  run.deliver({ type: 'reconfigured', config: { virtualServers: pools(3, 3, 1, soon) } });
  assert.deepEqual(run.cancelled, []);
  run.deliver({ type: 'reconfigured', config: { virtualServers: [] } });
  assert.equal(run.cancelled.length, 1);
  assert.equal(run.state.questions.size, 0, 'nothing is remembered of questions that nobody asks');
});

test('other delays, other retries and other targets are asked apart', () => {
  const checkers = [tcpCheck(1, LOOP), tcpCheck(1, { ...LOOP, retry: 5 }), tcpCheck(1, { ...LOOP, delayLoop: seconds(20) }), tcpCheck(101, LOOP)];
  const run = new PoolRun({ virtualServers: [virtualServer(1, [realServer(1, { checkers })])] });
  run.run(seconds(11));
  assert.equal(run.questions.length, 4);
});

test('of a web check with several urls each url is asked once a round', () => {
  const checkers = [webCheck(1, [url('/a'), url('/b')], LOOP)];
  const run = new PoolRun({ virtualServers: [1, 2, 3].map((last) => virtualServer(last, [realServer(1, { checkers })])) });
  run.answer = (_, path) => (path === '/b' ? statusFailure(500) : PASSED);
  run.run(seconds(22));
  assert.deepEqual(run.questions.map((each) => each.split(' ')[2]).slice(0, 2), ['/a', '/b']);
  assert.equal(new Set(run.questions).size, run.questions.length, 'nothing is asked twice at one instant');
});
