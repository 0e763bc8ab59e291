/** Which changes of servers and quorums are mailed. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { seconds } from '../../src/base/time.js';
import type { PoolConfig, RealServerConfig } from '../../src/health/config.js';
import { PASSED, PoolRun, failure, realServer, tcpCheck, virtualServer } from './samples.js';

function pool(config: PoolConfig): PoolRun & { dead: Set<number> } {
  const run = Object.assign(new PoolRun(config), { dead: new Set<number>() });
  run.answer = (last) => (run.dead.has(last) ? failure() : PASSED);
  return run;
}

const twoChecks = (last: number): RealServerConfig => realServer(last, { checkers: [tcpCheck(last), tcpCheck(last + 10)] });

test('servers are mailed unless they say otherwise, quorums only when they ask for it', () => {
  const virtualServers = [
    virtualServer(1, [realServer(1), realServer(2, { smtpAlert: false })], { smtpAlert: true }),
    virtualServer(2, [realServer(3)]),
  ];
  const run = pool({ virtualServers });
  assert.deepEqual(run.mails.splice(0), ['1 UP quorumGained']);
  for (const last of [1, 2, 3]) run.dead.add(last);
  run.run(seconds(10));
  assert.deepEqual(run.mails.splice(0).sort(), ['1 1 DOWN checkFailed', '1 DOWN quorumLost', '3 2 DOWN checkFailed']);
});

test('every checker of a server is mailed with what the server is then, and with no_checker_emails only the server', () => {
  for (const noCheckerMails of [false, true]) {
    const run = pool({ virtualServers: [virtualServer(1, [twoChecks(1)])], noCheckerMails });
    run.dead.add(1);
    run.run(seconds(10));
    run.dead.add(11);
    run.run(seconds(20));
    run.dead.clear();
    run.run(seconds(20));
    const [down, up] = ['1 1 DOWN checkFailed', '1 1 UP checkPassed'];
    assert.deepEqual(run.mails, noCheckerMails ? [down, up] : [down, down, '1 1 DOWN checkPassed', up]);
  }
});

test('what a reload removes is mailed, and what the end of the daemon takes down with omega', () => {
  const run = pool({ virtualServers: [virtualServer(1, [realServer(1), realServer(2)], { omega: true, smtpAlert: true }), virtualServer(2, [realServer(3)])] });
  run.mails.splice(0);
  run.deliver({ type: 'reconfigured', config: { virtualServers: [virtualServer(1, [realServer(1)], { omega: true, smtpAlert: true })] } });
  assert.deepEqual(run.mails.splice(0), ['2 1 DOWN removed', '3 2 DOWN removed']);
  run.deliver({ type: 'stopRequested', keepTables: false });
  assert.deepEqual(run.mails, ['1 1 DOWN stopped', '1 DOWN stopped']);
});

test('rs_init_notifies tells the first success of a server that counted as up, once all its checkers have seen it', () => {
  const run = pool({ virtualServers: [virtualServer(1, [twoChecks(1)])], notifyFirstSuccess: true });
  run.states.splice(0);
  run.run(seconds(60));
  assert.deepEqual(run.states, ['1 1 UP']);
  const quiet = pool({ virtualServers: [virtualServer(1, [twoChecks(1)])] });
  quiet.states.splice(0);
  quiet.run(seconds(60));
  assert.deepEqual(quiet.states, []);
});
