import assert from 'node:assert/strict';
import test from 'node:test';

import { micros, milliseconds, seconds } from '../../src/base/time.js';
import type { CheckerConfig } from '../../src/health/config-check.js';
import { PASSED, PoolRun, failure, realServer, tcpCheck, virtualServer } from './samples.js';

const SLACK = milliseconds(50);

/** `count` servers whose first questions are spread over a second. */
function runOf(count: number, changes: Partial<CheckerConfig> = {}, slack = SLACK): PoolRun {
  const spread = { delayLoop: seconds(1), warmup: seconds(1), ...changes };
  const servers = Array.from({ length: count }, (_, i) => realServer(i + 1, { checkers: [tcpCheck(i + 1, spread)] }));
  return new PoolRun({ virtualServers: [virtualServer(1, servers)] }, [], 1, micros(0), slack);
}

/** How many questions each instant had, by the second they were asked in. */
function instantsOf(run: PoolRun): ReadonlyMap<string, number> {
  const instants = new Map<string, number>();
  for (const question of run.questions) {
    const [at = ''] = question.split(' ');
    instants.set(at, (instants.get(at) ?? 0) + 1);
  }
  return instants;
}

const instantsOfServer = (run: PoolRun, server: number): readonly number[] =>
  run.questions.filter((each) => each.endsWith(` ${server}`)).map((each) => Math.round(Number(each.split(' ')[0]) * 1e6));

test('servers that are well are asked together with one that is due, at most a twentieth of a second before their time', () => {
  const run = runOf(100);
  run.run(seconds(4));
  run.questions.length = 0;
  run.run(seconds(60));
  const instants = instantsOf(run);
  assert.ok(run.questions.length >= 5_900 && run.questions.length <= 6_100, `${run.questions.length}`);
  assert.ok(instants.size <= 60 * 21, `${instants.size} wake-ups for ${run.questions.length} questions`);
  for (let server = 1; server <= 100; server += 1) {
    const asked = instantsOfServer(run, server);
    for (const [i, at] of asked.slice(1).entries()) {
      const interval = at - (asked[i] ?? 0);
      assert.ok(interval >= 1_001_000 - SLACK && interval <= 1_001_000, `${interval}`);
    }
  }
});

test('no more than sixteen come together only because some ask before their time', () => {
  const run = runOf(250, {}, milliseconds(100));
  run.run(seconds(4));
  run.questions.length = 0;
  run.run(seconds(60));
  const counts = [...instantsOf(run).values()];
  assert.equal(Math.max(...counts), 16);
});

test('without slack each is asked when it is due', () => {
  const run = runOf(100, {}, micros(0));
  run.run(seconds(4));
  run.questions.length = 0;
  run.run(seconds(10));
  for (let server = 1; server <= 100; server += 1) {
    const asked = instantsOfServer(run, server);
    for (const [i, at] of asked.slice(1).entries()) assert.equal(at - (asked[i] ?? 0), 1_001_000);
  }
});

test('a retry comes after its whole delay, and so does a question of a server that is down', () => {
  const run = runOf(100, { retry: 1, delayBeforeRetry: seconds(1) });
  run.run(seconds(4));
  run.answer = (last) => (last === 7 ? failure() : PASSED);
  run.run(seconds(2));
  run.questions.length = 0;
  run.run(seconds(30));
  const asked = instantsOfServer(run, 7);
  assert.ok(asked.length > 25);
  for (const [i, at] of asked.slice(1).entries()) assert.ok(at - (asked[i] ?? 0) >= 1_001_000, `${at - (asked[i] ?? 0)}`);
});

test('one that is asked every few hundred milliseconds keeps its time', () => {
  const run = runOf(100, { delayLoop: milliseconds(400) });
  run.run(seconds(4));
  run.questions.length = 0;
  run.run(seconds(10));
  for (let server = 1; server <= 100; server += 1) {
    const asked = instantsOfServer(run, server);
    for (const [i, at] of asked.slice(1).entries()) assert.equal(at - (asked[i] ?? 0), 401_000);
  }
});

test('those that share a question are asked once, when it is due', () => {
  const shared = { delayLoop: seconds(1), warmup: micros(0) };
  const others = Array.from({ length: 50 }, (_, i) => realServer(i + 10, { checkers: [tcpCheck(i + 10, { delayLoop: seconds(1), warmup: seconds(1) })] }));
  const same = [1, 2, 3, 4].map((number) => virtualServer(number, [realServer(1, { checkers: [tcpCheck(1, shared)] }), ...(number === 1 ? others : [])]));
  const run = new PoolRun({ virtualServers: same }, [], 1, micros(0), SLACK);
  run.run(seconds(4));
  run.questions.length = 0;
  run.run(seconds(30));
  const asked = instantsOfServer(run, 1);
  assert.ok(asked.length >= 29 && asked.length <= 31, `${asked.length} questions for four`);
  for (const [i, at] of asked.slice(1).entries()) assert.equal(at - (asked[i] ?? 0), 1_001_000);
});
