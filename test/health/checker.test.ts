import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, milliseconds, seconds } from '../../src/base/time.js';
import { initialChecker, stepChecker } from '../../src/health/checker.js';
import type { CheckerConfig } from '../../src/health/config-check.js';
import type { Verdict } from '../../src/health/events.js';
import { PASSED, PoolRun, failure, realServer, statusFailure, tcpCheck, url, virtualServer, webCheck } from './samples.js';
import type { Answerer } from './samples.js';
import { connectionOf } from '../support/connection.js';
import { given } from '../../src/base/given.js';

const FRESH = { up: true, atStart: true };

function one(checker: CheckerConfig, answer: Answerer): PoolRun {
  const run = new PoolRun({ virtualServers: [virtualServer(1, [realServer(1, { checkers: [checker] })])] });
  run.answer = answer;
  run.told();
  return run;
}

/** Answers in this order, the last one for ever. */
function script(...verdicts: readonly (ReturnType<Answerer>)[]): Answerer {
  let i = 0;
  return () => verdicts[Math.min(i++, verdicts.length - 1)];
}

function times(run: PoolRun): number[] {
  return run.questions.map((line) => Number(line.split(' ')[0]));
}

test('the first run comes after one second and a random part of the warm-up', () => {
  const config = tcpCheck(1, { warmup: seconds(10) });
  const firsts = Array.from({ length: 200 }, (_, seed) => initialChecker(config, FRESH, seed, seconds(5)).state.run);
  const at = firsts.map((run) => (run.kind === 'waiting' ? run.at : 0));
  assert.ok(Math.min(...at) >= seconds(6) && Math.max(...at) <= seconds(16));
  assert.ok(Math.max(...at) - Math.min(...at) > seconds(9), 'spread over the warm-up');
  const calm = initialChecker(tcpCheck(1), FRESH, 7, seconds(5)).state.run;
  assert.deepEqual(calm, { kind: 'waiting', at: seconds(6) });
});

test('while all is well the next run comes delay_loop after the end of the last', () => {
  const run = one(tcpCheck(1), script(PASSED));
  run.run(seconds(25));
  assert.deepEqual(times(run), [1, 11.001, 21.002]);
  assert.deepEqual(run.told(), ['checkSucceeded 1 1'], 'success is told the first time only');
});

test('a healthy server is failed after its retries, delay_before_retry apart, and nothing is told before', () => {
  const run = one(tcpCheck(1, { retry: 2 }), script(PASSED, failure()));
  run.run(seconds(13.5));
  assert.deepEqual(times(run), [1, 11.001, 12.002, 13.003]);
  assert.deepEqual(run.notes, [
    { type: 'checkSucceeded', check: 'TCP_CHECK', server: '[198.51.100.1]:tcp:80', virtualServer: '[192.0.2.1]:tcp:80' },
    { type: 'checkFailed', check: 'TCP_CHECK', retries: 2, server: '[198.51.100.1]:tcp:80', virtualServer: '[192.0.2.1]:tcp:80' },
    { type: 'serverRemoved', server: '[198.51.100.1]:tcp:80', virtualServer: '[192.0.2.1]:tcp:80' },
    { type: 'quorumLost', virtualServer: '[192.0.2.1]:tcp:80', quorum: 1, hysteresis: 0, threshold: 1, weight: 0 },
  ]);
});

test('a success between failures gives all retries back', () => {
  const run = one(tcpCheck(1), script(PASSED, failure(), PASSED, failure(), PASSED));
  run.run(seconds(60));
  assert.deepEqual(run.told(), ['checkSucceeded 1 1']);
});

test('the very first failure takes the server down at once, without retries and without naming them', () => {
  const run = one(tcpCheck(1, { retry: 5 }), script(failure()));
  run.run(seconds(1.5));
  assert.deepEqual(run.notes[0], {
    type: 'checkFailed',
    check: 'TCP_CHECK',
    retries: 0,
    server: '[198.51.100.1]:tcp:80',
    virtualServer: '[192.0.2.1]:tcp:80',
  });
});

test('while down there is one probe every delay_loop, and one success brings the server up', () => {
  const run = one(tcpCheck(1, { retry: 3 }), script(failure(), failure(), failure(), PASSED));
  run.run(seconds(32));
  assert.deepEqual(times(run), [1, 11.001, 21.002, 31.003]);
  assert.deepEqual(run.told(), [
    'checkFailed 1 1',
    'serverRemoved 1 1',
    'quorumLost 1',
    'checkSucceeded 1 1',
    'serverAdded 1 1',
    'quorumGained 1',
  ]);
});

test('with log_all_failures each failure of a checker that is up is told, with its reason', () => {
  const run = one(tcpCheck(1, { logAllFailures: true }), script(PASSED, failure('connectTimeout'), failure(), failure()));
  run.run(seconds(40));
  assert.deepEqual(
    run.notes.filter((note) => note.type === 'probeFailed').map(({ failure: reason }) => reason.type),
    ['connectTimeout', 'refused'],
    'and none once it is down',
  );
});

test('local trouble changes nothing and is tried again after delay_loop', () => {
  const local = { type: 'local', operation: 'bind', code: 'EADDRNOTAVAIL' } as const;
  const run = one(tcpCheck(1), script(local, local, failure()));
  run.run(seconds(12));
  assert.deepEqual(times(run), [1, 11.001]);
  assert.deepEqual(run.table(1), ['1=1']);
  assert.deepEqual(run.told(), ['probeRescheduled 1 1', 'probeRescheduled 1 1']);
  run.run(seconds(12));
  assert.deepEqual(run.told()[0], 'checkFailed 1 1', 'and the first real answer still counts as the first');
});

test('a probe that does not answer fails a moment after its deadline', () => {
  const run = one(tcpCheck(1, { retry: 0 }), () => undefined);
  run.run(seconds(2.05));
  assert.deepEqual(run.told(), []);
  run.run(milliseconds(100));
  assert.deepEqual(run.told()[0], 'checkFailed 1 1');
  assert.deepEqual(run.cancelled, [1]);
});

test('after the process slept, an answer that was waiting is heard before the deadline counts', () => {
  const run = one(tcpCheck(1), () => undefined);
  run.run(seconds(1));
  run.now = seconds(60);
  run.deliver({ type: 'timeout' });
  run.deliver({ type: 'probeAnswered', id: 1, verdict: PASSED });
  assert.deepEqual(run.told(), ['checkSucceeded 1 1']);
});

test('after the process slept, checkers that are all overdue do not start in step', () => {
  const servers = Array.from({ length: 50 }, (_, i) => realServer(i + 1, { checkers: [tcpCheck(i + 1, { warmup: seconds(10) })] }));
  const run = new PoolRun({ virtualServers: [virtualServer(1, servers)] });
  run.now = seconds(30);
  run.deliver({ type: 'timeout' });
  assert.deepEqual(run.questions, []);
  run.run(seconds(1));
  const starts = times(run);
  assert.equal(starts.length, 50);
  assert.ok(new Set(starts).size > 45 && Math.max(...starts) - Math.min(...starts) > 0.8, 'spread over the next second');
});

test('answers to other probes than the running one change nothing', () => {
  const run = one(tcpCheck(1), () => undefined);
  run.run(seconds(1));
  run.deliver({ type: 'probeAnswered', id: 99, verdict: failure() });
  assert.deepEqual(run.told(), []);
  const config = tcpCheck(1);
  const { state } = initialChecker(config, FRESH, 1, micros(0));
  const probing = stepChecker(config, state, { type: 'timeout', probeId: 4 }, seconds(2)).state;
  const stale = stepChecker(config, probing, { type: 'probeAnswered', id: 3, verdict: failure() }, seconds(3));
  assert.deepEqual(stale, { state: probing, effects: [], notes: [] });
});

test('a timeout that comes early starts nothing', () => {
  const run = one(tcpCheck(1), script(PASSED));
  run.now = milliseconds(999);
  run.deliver({ type: 'timeout' });
  assert.deepEqual(run.questions, []);
});

const THREE = [url('/a'), url('/b'), url('/c')];

test('urls take turns, one per run', () => {
  const run = one(webCheck(1, THREE), script(PASSED));
  run.run(seconds(42));
  assert.deepEqual(run.questions, ['1 1 /a', '11.001 1 /b', '21.002 1 /c', '31.003 1 /a', '41.004 1 /b']);
  assert.deepEqual(run.told(), ['checkSucceeded 1 1'], 'once all three have passed');
});

test('the url that fails is asked again, and once it passes all urls must pass in sequence', () => {
  let broken = false;
  const run = one(webCheck(1, THREE), (_, path) => (broken && path === '/b' ? statusFailure(500) : PASSED));
  run.run(seconds(30));
  run.told();
  run.questions.splice(0);
  broken = true;
  run.run(seconds(24));
  assert.deepEqual(run.questions, ['31.003 1 /a', '41.004 1 /b', '42.005 1 /b', '52.006 1 /b']);
  assert.deepEqual(run.told(), ['checkFailed 1 1', 'serverRemoved 1 1', 'quorumLost 1']);
  broken = false;
  run.run(seconds(40));
  assert.deepEqual(run.questions.slice(4), ['62.007 1 /b', '72.008 1 /a', '82.009 1 /b', '92.01 1 /c']);
  assert.deepEqual(run.told(), [
    'urlPassed 1 1',
    'urlPassed 1 1',
    'urlPassed 1 1',
    'urlPassed 1 1',
    'checkSucceeded 1 1',
    'serverAdded 1 1',
    'quorumGained 1',
  ]);
});

test('a failure during the recovery starts it over', () => {
  const bad = statusFailure(500);
  // /a fails first; passes; /a passes; /b fails; passes; then /a /b /c.
  const run = one(webCheck(1, THREE), script(bad, PASSED, PASSED, bad, PASSED, PASSED, PASSED, PASSED));
  run.run(seconds(75));
  assert.deepEqual(
    run.questions.map((line) => line.split(' ')[2]),
    ['/a', '/a', '/a', '/b', '/b', '/a', '/b', '/c'],
  );
  assert.ok(run.told().includes('serverAdded 1 1'));
});

test('with fast_recovery the sequence is asked without pauses', () => {
  const run = one(webCheck(1, THREE, {}, true), script(statusFailure(500), PASSED));
  run.run(seconds(12));
  assert.deepEqual(run.questions, ['1 1 /a', '11.001 1 /a', '11.002 1 /a', '11.003 1 /b', '11.004 1 /c']);
  assert.ok(run.told().includes('serverAdded 1 1'));
});

test('while down a failing url waits for the longer of delay_loop and delay_before_retry', () => {
  const run = one(webCheck(1, THREE, { delayBeforeRetry: seconds(25) }), script(statusFailure(500)));
  run.run(seconds(30));
  assert.deepEqual(times(run), [1, 26.001]);
});

test('a web check that fails in its first run names its retries all the same', () => {
  const run = one(webCheck(1, THREE, { retry: 3 }), script(statusFailure(500)));
  run.run(seconds(2));
  assert.deepEqual(run.notes[0]?.type === 'checkFailed' && run.notes[0].retries, 3);
});

test('a web probe may use its connect timeout in several steps, but not for ever', () => {
  const run = one(webCheck(1, THREE), () => undefined);
  run.run(seconds(10.9));
  assert.deepEqual(run.told(), []);
  run.run(seconds(1));
  assert.equal(run.told()[0], 'checkFailed 1 1');
});

test('a DNS check comes up in silence and goes down with its last failure, told once', () => {
  const dns: CheckerConfig = {
    ...tcpCheck(1, { retry: 1, logAllFailures: true }),
    check: { type: 'DNS_CHECK', connection: connectionOf(tcpCheck(1).check), queryType: 'SOA', name: '' },
  };
  const timeout = { type: 'failed', failure: { type: 'readTimeout' }, latency: milliseconds(1) } as const;
  const run = one(dns, script(PASSED, timeout, timeout, PASSED));
  run.run(seconds(30));
  assert.deepEqual(
    run.notes.filter(({ type }) => /^(check|probe)/.test(type)).map((note) => ('failure' in note ? [note.type, note.failure.type] : [note.type])),
    [['probeFailed', 'readTimeout'], ['checkFailed', 'readTimeout']],
  );
  assert.deepEqual(run.told().filter((line) => line.startsWith('server')), ['serverRemoved 1 1', 'serverAdded 1 1']);
});

test('a mail server is asked all its attempts each time, at the start and while it is down, and one success brings it back', () => {
  const connection = connectionOf(tcpCheck(1).check);
  const smtp = { ...tcpCheck(1, { retry: 2 }), check: { type: 'SMTP_CHECK', connection, heloName: 'x' } } satisfies CheckerConfig;
  const bad = { type: 'failed', failure: { type: 'badBanner' }, latency: milliseconds(1) } as const;
  const run = one(smtp, script(bad, bad, bad, bad, bad, bad, bad, PASSED));
  run.run(seconds(30));
  assert.deepEqual(times(run), [1, 2.001, 3.002, 13.003, 14.004, 15.005, 25.006, 26.007], 'delay_before_retry between attempts, delay_loop between rounds');
  assert.deepEqual(run.told(), ['checkFailed 1 1', 'serverRemoved 1 1', 'quorumLost 1', 'checkSucceeded 1 1', 'serverAdded 1 1', 'quorumGained 1']);
});

test('a certificate that is about to expire is told once for each number of days', () => {
  const days = (certificateDays: number): Verdict => ({ type: 'passed', latency: milliseconds(1), certificateDays });
  const asked = (warnBelow?: number): CheckerConfig => ({
    ...tcpCheck(1),
    check: { type: 'GRPC_CHECK', connection: connectionOf(tcpCheck(1).check), service: '', tls: true, certificate: { verify: 'none', ...given({ warnBelow }) } },
  });
  const unheard = one(asked(), script(days(3), days(-1)));
  unheard.run(seconds(30));
  assert.ok(!unheard.notes.some(({ type }) => type === 'certificateExpiring'), 'nobody wants to hear of it');
  const run = one(asked(4), script(days(4), days(3), days(3), days(2), PASSED, days(2), days(-1)));
  run.run(seconds(70));
  const told = run.notes.flatMap((note) => (note.type === 'certificateExpiring' ? [note.days] : []));
  assert.deepEqual(told, [3, 2, -1]);
});
