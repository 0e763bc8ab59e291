import assert from 'node:assert/strict';
import test from 'node:test';
import { seconds } from '../../src/base/time.js';
import type { PoolConfig, RealServerConfig, VirtualServerConfig } from '../../src/health/config.js';
import { desiredTables } from '../../src/health/desired.js';
import { describePool } from '../../src/health/describe.js';
import { address } from '../support/address.js';
import { PASSED, PoolRun, command, failure, realServer, tcpCheck, virtualServer } from './samples.js';

const SORRY = { address: address('203.0.113.9'), port: 80, method: 'nat', inhibit: false } as const;

function config(servers: readonly RealServerConfig[], changes: Partial<VirtualServerConfig> = {}): PoolConfig {
  return { virtualServers: [virtualServer(1, servers, changes)] };
}

/** Runs `before` for a while with these servers dead, then reloads. */
function reloaded(before: PoolConfig, after: PoolConfig, ...dead: readonly number[]): PoolRun {
  const run = new PoolRun(before);
  run.answer = (last) => (dead.includes(last) ? failure() : PASSED);
  run.run(seconds(5));
  run.told();
  run.commands.splice(0);
  run.questions.splice(0);
  run.deliver({ type: 'reconfigured', config: after });
  return run;
}

test('a reload that changes nothing says nothing and leaves timers and tables alone', () => {
  const same = config([realServer(1), realServer(2)]);
  const run = new PoolRun(same);
  run.run(seconds(5));
  const before = desiredTables(run.state).get('tcp 192.0.2.1:80');
  run.told();
  run.deliver({ type: 'reconfigured', config: structuredClone(same) });
  assert.deepEqual(run.told(), []);
  assert.equal(desiredTables(run.state).get('tcp 192.0.2.1:80'), before);
  run.questions.splice(0);
  run.run(seconds(7));
  assert.deepEqual(run.questions, ['11.001 1', '11.001 2']);
});

test('a server that failed stays out, and comes back by its check', () => {
  const run = reloaded(config([realServer(1), realServer(2)]), config([realServer(1), realServer(2), realServer(3)]), 1);
  assert.deepEqual(run.table(1), ['2=1', '3=1']);
  assert.deepEqual(run.told(), ['checkerActivated 3 1'], 'a new server is in service at once and without a word');
  run.answer = () => PASSED;
  run.run(seconds(8));
  assert.deepEqual(run.table(1), ['1=1', '2=1', '3=1']);
});

test('a new alpha server waits for its check', () => {
  const run = reloaded(config([realServer(1)]), config([realServer(1), realServer(2, { checkers: [tcpCheck(2, { alpha: true })] })]));
  assert.deepEqual(run.table(1), ['1=1']);
});

test('alpha given to a server that is up does not take it down', () => {
  const alpha = realServer(1, { checkers: [tcpCheck(1, { alpha: true }), tcpCheck(101, { alpha: true })] });
  const run = reloaded(config([realServer(1)]), config([alpha]));
  assert.deepEqual(run.table(1), ['1=1']);
});

test('a removed server is named twice, told down and no longer asked', () => {
  const leaving = realServer(2, { notifyDown: command('down2') });
  const run = reloaded(config([realServer(1), leaving]), config([realServer(1)]));
  assert.deepEqual(run.told(), ['serverGone 2 1', 'serverWithdrawn 2 1']);
  assert.deepEqual(run.commands, ['down2']);
  assert.deepEqual(run.table(1), ['1=1']);
  run.run(seconds(30));
  assert.ok(run.questions.every((line) => line.endsWith(' 1')));
});

test('a removed virtual server takes its servers with it', () => {
  const leaving = virtualServer(2, [realServer(3), realServer(4, { inhibitOnFailure: true })], { quorumDown: command('quorum-down') });
  const stays = virtualServer(1, [realServer(1)]);
  const run = reloaded({ virtualServers: [leaving, stays] }, { virtualServers: [stays] }, 4);
  assert.deepEqual(run.told(), ['virtualServerGone 2', 'serverWithdrawn 3 2', 'serverWithdrawn 4 2']);
  assert.deepEqual(run.commands, ['quorum-down']);
  assert.deepEqual([...desiredTables(run.state).keys()], ['tcp 192.0.2.1:80']);
});

test('a changed weight is told and edited, and the quorum is looked at again', () => {
  const run = reloaded(config([realServer(1, { weight: 2 })], { quorum: 2 }), config([realServer(1)], { quorum: 2 }));
  assert.deepEqual(run.notes[0], {
    type: 'weightChanged',
    from: 2,
    to: 1,
    active: true,
    server: '[198.51.100.1]:tcp:80',
    virtualServer: '[192.0.2.1]:tcp:80',
  });
  assert.deepEqual(run.told(), ['weightChanged 1 1', 'quorumLost 1']);
  assert.deepEqual(run.table(1), ['1=1']);
});

test('a changed method or threshold makes a new destination of the same server', () => {
  const run = reloaded(config([realServer(1)]), config([realServer(1, { method: 'tunnel', upperThreshold: 9 })]));
  const [destination] = desiredTables(run.state).get('tcp 192.0.2.1:80')?.destinations.values() ?? [];
  assert.deepEqual([destination?.method, destination?.upperThreshold], ['tunnel', 9]);
});

test('a changed scheduler is a change of the service alone', () => {
  const before = config([realServer(1)]);
  const scheduler = before.virtualServers.map((each) => ({ ...each, services: each.services.map((s) => ({ ...s, scheduler: 'wlc' })) }));
  const run = reloaded(before, { virtualServers: scheduler }, 1);
  assert.equal(desiredTables(run.state).get('tcp 192.0.2.1:80')?.service.scheduler, 'wlc');
  assert.deepEqual(run.table(1), []);
  assert.deepEqual(run.told(), []);
});

test('another schedule keeps what is known and starts the timer afresh', () => {
  const slower = realServer(1, { checkers: [tcpCheck(1, { delayLoop: seconds(30) })] });
  const run = reloaded(config([realServer(1)]), config([slower]), 1);
  assert.deepEqual(run.table(1), []);
  run.run(seconds(40));
  assert.deepEqual(run.questions, ['6 1', '36.001 1']);
  assert.deepEqual(run.told(), [], 'a checker that is down needs one success, not a first failure again');
});

test('used attempts are kept, up to the new number of retries', () => {
  const retry = (count: number): PoolConfig => config([realServer(1, { checkers: [tcpCheck(1, { retry: count, delayBeforeRetry: seconds(2) })] })]);
  const run = new PoolRun(retry(5));
  run.run(seconds(5));
  run.answer = () => failure();
  run.run(seconds(11));
  assert.deepEqual(describePool(run.state).virtualServers[0]?.realServers[0]?.checkers[0]?.retries, 3);
  run.deliver({ type: 'reconfigured', config: retry(2) });
  run.told();
  run.run(seconds(2));
  assert.deepEqual(run.told(), ['checkFailed 1 1', 'serverRemoved 1 1', 'quorumLost 1']);
});

test('a changed question starts as a new checker: the server comes up and the answers to come decide', () => {
  const before = realServer(1, { checkers: [tcpCheck(101)] });
  const run = reloaded(config([before]), config([realServer(1, { checkers: [tcpCheck(102)] })]), 101, 102);
  assert.deepEqual(run.table(1), ['1=1']);
  assert.deepEqual(run.told(), ['serverAdded 1 1', 'quorumGained 1', 'checkerActivated 1 1']);
  run.run(seconds(3));
  assert.deepEqual(run.questions, ['6 102', '7.001 102']);
  assert.deepEqual(run.told(), ['checkFailed 1 1', 'serverRemoved 1 1', 'quorumLost 1']);
});

test('a checker that a reload brings has all its retries, unlike one at the start', () => {
  const patient = tcpCheck(2, { retry: 2 });
  const run = reloaded(config([realServer(1)]), config([realServer(1), realServer(2, { checkers: [patient] })]), 2);
  run.told();
  run.run(seconds(2.5));
  assert.deepEqual(run.told(), []);
  assert.deepEqual(run.table(1), ['1=1', '2=1']);
  run.run(seconds(1));
  assert.deepEqual(run.notes[0]?.type === 'checkFailed' && run.notes[0].retries, 2);
});

test('an alpha server that a reload brings and that stays dead is not worth a word', () => {
  const alpha = realServer(2, { checkers: [tcpCheck(2, { alpha: true })], notifyDown: command('down2') });
  const run = reloaded(config([realServer(1)]), config([realServer(1), alpha]), 2);
  run.told();
  run.run(seconds(30));
  assert.deepEqual([run.told(), run.commands, run.table(1)], [[], [], ['1=1']]);
});

test('a server whose failing checker is taken away comes up', () => {
  const both = realServer(1, { checkers: [tcpCheck(1), tcpCheck(101)], notifyUp: command('up1') });
  const run = reloaded(config([both]), config([{ ...both, checkers: [tcpCheck(1)] }]), 101);
  assert.deepEqual(run.told(), ['serverAdded 1 1', 'quorumGained 1']);
  assert.deepEqual(run.commands, ['up1']);
});

test('a probe that was running under the old configuration is called back and its answer ignored', () => {
  const run = new PoolRun(config([realServer(1)]));
  run.answer = () => undefined;
  run.run(seconds(1));
  run.deliver({ type: 'reconfigured', config: config([realServer(2)]) });
  assert.deepEqual(run.cancelled, [1]);
  run.told();
  run.deliver({ type: 'probeAnswered', id: 1, verdict: failure() });
  assert.deepEqual(run.told(), []);
});

test('a sorry server given to a service without quorum comes in, another one replaces it, none lets it go', () => {
  const servers = [realServer(1)];
  const run = reloaded(config(servers), config(servers, { sorryServer: SORRY }), 1);
  assert.deepEqual(run.told(), ['quorumDownAtStart 1', 'sorryServerAdded 9 1', 'aliveServersRemoved 1']);
  assert.deepEqual(run.table(1), ['9=1']);
  run.deliver({ type: 'reconfigured', config: config(servers, { sorryServer: { ...SORRY, address: address('203.0.113.8') } }) });
  assert.deepEqual(run.told(), ['sorryServerRemoved 9 1', 'quorumDownAtStart 1', 'sorryServerAdded 8 1', 'aliveServersRemoved 1']);
  assert.deepEqual(run.table(1), ['8=1']);
  run.deliver({ type: 'reconfigured', config: config(servers) });
  assert.deepEqual(run.told(), ['sorryServerRemoved 8 1']);
  assert.deepEqual(run.table(1), []);
});

test('removals of all virtual servers come before the changes of any', () => {
  const first = virtualServer(1, [realServer(1, { weight: 1 })]);
  const second = virtualServer(2, [realServer(3), realServer(4)]);
  const run = reloaded(
    { virtualServers: [first, second] },
    { virtualServers: [virtualServer(1, [realServer(1, { weight: 2 })]), virtualServer(2, [realServer(3)])] },
  );
  assert.deepEqual(run.told(), ['serverGone 4 2', 'serverWithdrawn 4 2', 'weightChanged 1 1']);
});

test('the same server named twice is one server', () => {
  const run = new PoolRun(config([realServer(1), realServer(1, { weight: 9 })]));
  assert.deepEqual(run.table(1), ['1=1']);
  run.deliver({ type: 'reconfigured', config: config([realServer(1, { weight: 2 }), realServer(1)]) });
  run.questions.splice(0);
  run.run(seconds(5));
  assert.deepEqual([run.table(1), run.questions.length], [['1=2'], 1]);
});
