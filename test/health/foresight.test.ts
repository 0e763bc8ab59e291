import assert from 'node:assert/strict';
import test from 'node:test';

import { micros, milliseconds, seconds } from '../../src/base/time.js';
import type { CheckerConfig } from '../../src/health/config-check.js';
import { describePool } from '../../src/health/describe.js';
import { PASSED, PoolRun, failure, realServer, tcpCheck, virtualServer } from './samples.js';

const FORESIGHT = milliseconds(200);

/** `count` servers whose first questions are spread over a second. */
function runOf(count: number, changes = {}): PoolRun {
  const spread = { delayLoop: seconds(1), warmup: seconds(1), ...changes };
  const servers = Array.from({ length: count }, (_, i) => realServer(i + 1, { checkers: [tcpCheck(i + 1, spread)] }));
  return new PoolRun({ virtualServers: [virtualServer(1, servers)] }, [], 1, FORESIGHT);
}

/** When each server was asked, seconds. */
function instantsOf(run: PoolRun): readonly (readonly number[])[] {
  const instants = new Map<string, number[]>();
  for (const question of run.questions) {
    const [at = '', server = ''] = question.split(' ');
    instants.set(server, [...(instants.get(server) ?? []), Number(at)]);
  }
  return [...instants.values()];
}

test('servers that are well are asked delay_loop after the answer before, and half a minute of questions is handed over at once', () => {
  const run = runOf(100);
  run.run(seconds(3));
  run.handedOver.length = 0;
  run.questions.length = 0;
  run.run(seconds(90));
  assert.ok(run.questions.length > 8_800);
  assert.ok(run.handedOver.length > 200 && run.handedOver.length <= 400, `${run.handedOver.length}`);
  assert.ok(run.handedOver.every(({ now, at }) => at - now >= 50_000 && at - now < 250_000));
  for (const instants of instantsOf(run)) {
    for (const [i, at] of instants.slice(1).entries()) assert.equal(Math.round((at - (instants[i] ?? 0)) * 1e6), 1_001_000);
  }
});

test('a failure counts at its instant, its retries keep their own time, and the recovery is not waited for', () => {
  const run = runOf(20, { retry: 1, delayBeforeRetry: seconds(1) });
  run.run(seconds(4));
  run.told();
  run.answer = (last) => (last === 7 ? failure() : PASSED);
  run.questions.length = 0;
  run.run(seconds(2.5));
  const [first = 0, second = 0] = run.questions.filter((each) => each.endsWith(' 7')).map((each) => Number(each.split(' ')[0]));
  assert.equal(Math.round((second - first) * 1e6), 1_001_000);
  assert.deepEqual(run.told().filter((each) => each.startsWith('serverRemoved')), ['serverRemoved 7 1']);
  run.answer = () => PASSED;
  run.handedOver.length = 0;
  run.questions.length = 0;
  while (run.table(1).length < 20) run.run(milliseconds(1));
  const asked = Number(run.questions.findLast((each) => each.endsWith(' 7'))?.split(' ')[0]);
  assert.ok(run.now - asked * 1e6 <= 2_000, 'told as soon as it was answered');
});

test('delays shorter than five such spans are not looked ahead at', () => {
  const run = runOf(5, { delayLoop: milliseconds(900) });
  run.run(seconds(10));
  assert.deepEqual(run.handedOver, []);
});

test('a TCP check with something to say is asked when it is due', () => {
  const check = { ...tcpCheck(1).check, exchange: { send: 'PING' } } as CheckerConfig['check'];
  const checkers = [tcpCheck(1, { delayLoop: seconds(1), check })];
  const run = new PoolRun({ virtualServers: [virtualServer(1, [realServer(1, { checkers })])] }, [], 1, FORESIGHT);
  run.run(seconds(10));
  assert.deepEqual(run.handedOver, []);
  assert.ok(run.questions.length > 5);
});

test('the last answer is shown with its own instant, whether it was told or looked for', () => {
  const run = runOf(1);
  const shown = () => describePool(run.state).virtualServers[0]?.realServers[0]?.checkers[0];
  const answers = (): readonly number[] => run.questions.map((each) => Math.round(Number(each.split(' ')[0]) * 1e6 + 1_000));
  run.run(seconds(10.5));
  assert.ok(answers().slice(0, 3).includes(shown()?.lastAnswer?.at ?? 0));
  run.look();
  assert.equal(shown()?.lastAnswer?.at, answers().at(-1));
  assert.equal(shown()?.probing, false);
  run.run(seconds(90));
  assert.ok(answers().includes(shown()?.lastAnswer?.at ?? 0));
});

test('what was heard of a series after it ended, or of one that is not known, is forgotten', () => {
  const run = runOf(1);
  run.run(seconds(10.5));
  run.answer = () => failure();
  run.run(seconds(5));
  const before = describePool(run.state);
  run.deliver({ type: 'passesSeen', seen: [0, 1, 2, 3, 99].map((id) => ({ id, latency: micros(7), at: run.now })) });
  assert.deepEqual(describePool(run.state), before);
});

test('a series of which nothing is heard is given up at its end, and counts as a failure', () => {
  const run = runOf(1, { retry: 0 });
  run.run(seconds(3.5));
  assert.equal(run.handedOver.length, 1);
  run.answer = () => undefined;
  run.run(seconds(35));
  assert.deepEqual(run.told().filter((each) => each.startsWith('serverRemoved')), ['serverRemoved 1 1']);
});

test('questions farther apart than half a minute are handed over one by one', () => {
  const run = runOf(1, { delayLoop: seconds(60) });
  run.run(seconds(300));
  assert.ok(run.handedOver.length >= 4);
  assert.equal(run.questions.length, run.handedOver.length + 1);
});

test('whoever waits for the answer to a question that was handed over for another hears it at once', () => {
  const shared = { delayLoop: seconds(1), warmup: micros(0) };
  const pools = (count: number) => Array.from({ length: count }, (_, i) => virtualServer(i + 1, [realServer(1, { checkers: [tcpCheck(1, shared)] })]));
  const run = new PoolRun({ virtualServers: pools(1) }, [], 1, FORESIGHT);
  run.run(seconds(3));
  run.run(milliseconds(500));
  run.deliver({ type: 'reconfigured', config: { virtualServers: pools(2) } });
  run.questions.length = 0;
  const due = run.now + seconds(1);
  while (run.attended.length === 0) run.run(milliseconds(1));
  assert.ok(run.now >= due && run.now < due + 2_000, 'the newcomer keeps its own first time');
  const hasRun = () => describePool(run.state).virtualServers[1]?.realServers[0]?.checkers[0]?.hasRun;
  run.run(micros(run.latency + 1_000));
  assert.equal(hasRun(), true, 'the series asks at once and tells the answer');
  run.questions.length = 0;
  run.handedOver.length = 0;
  run.run(seconds(20));
  assert.ok(run.questions.length >= 18 && run.questions.length <= 20, 'both are asked for by one question again');
  assert.equal(run.handedOver.length, 1);
});
