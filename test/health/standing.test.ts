import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, seconds } from '../../src/base/time.js';
import type { FlapDampingConfig, PoolConfig, RealServerConfig, VirtualServerConfig } from '../../src/health/config.js';
import { countFailure, penaltyAt, releaseAt } from '../../src/health/damping.js';
import { verdictsOf } from '../../src/health/standing.js';
import { describePool } from '../../src/health/describe.js';
import { PASSED, PoolRun, command, failure, realServer, virtualServer } from './samples.js';

const HELD = { manualResume: true };
const DAMPING: FlapDampingConfig = { halfLife: seconds(60), suppress: 2_000, reuse: 750, longest: seconds(240) };

function pool(servers: readonly RealServerConfig[], changes: Partial<VirtualServerConfig> = {}): PoolConfig {
  return { virtualServers: [virtualServer(1, servers, changes)] };
}

/** Lets server 1 fail and then pass. */
function flap(run: PoolRun): void {
  run.answer = (last) => (last === 1 ? failure() : PASSED);
  run.run(seconds(13));
  run.answer = () => PASSED;
  run.run(seconds(11));
}

function alphaServer(last: number): RealServerConfig {
  const server = realServer(last);
  return { ...server, checkers: server.checkers.map((checker) => ({ ...checker, alpha: true })) };
}

function keptOut(run: PoolRun): string | undefined {
  return describePool(run.state).virtualServers[0]?.realServers[0]?.keptOut;
}

test('with manual_resume a server that went down stays out although its checks pass, until it is resumed', () => {
  const run = new PoolRun(pool([realServer(1, { ...HELD, notifyUp: command('up1') }), realServer(2)]));
  run.run(seconds(5));
  flap(run);
  run.run(seconds(300));
  assert.deepEqual(run.table(1), ['2=1']);
  assert.equal(keptOut(run), 'held');
  assert.ok(run.told().includes('serverHeld 1 1'), 'the operator is told that it waits');
  run.deliver({ type: 'resumeRequested' });
  assert.deepEqual(run.table(1), ['1=1', '2=1']);
  assert.deepEqual(run.told(), ['serverResumed 1 1', 'serverAdded 1 1']);
  assert.deepEqual(run.commands, ['up1']);
});

test('resuming names servers; one whose checks fail comes back by itself when they pass', () => {
  const run = new PoolRun(pool([realServer(1, HELD), realServer(2, HELD), realServer(3)]));
  run.run(seconds(5));
  run.answer = (last) => (last === 3 ? PASSED : failure());
  run.run(seconds(15));
  run.deliver({ type: 'resumeRequested', server: '[198.51.100.1]:tcp:80', virtualServer: '[192.0.2.1]:tcp:80' });
  run.deliver({ type: 'resumeRequested', virtualServer: '[192.0.2.9]:tcp:80' });
  assert.deepEqual(run.table(1), ['3=1']);
  run.answer = () => PASSED;
  run.run(seconds(15));
  assert.deepEqual(run.table(1), ['1=1', '3=1'], '2 waits');
});

test('at a restart in place servers that failed stay out and those that passed stay in, alpha or not, and nobody is told of it', () => {
  const servers = [realServer(1, { notifyDown: command('down1') }), realServer(2), alphaServer(3)];
  const run = new PoolRun(pool(servers));
  run.answer = (last) => (last === 1 ? failure() : PASSED);
  run.run(seconds(15));
  assert.deepEqual(run.table(1), ['2=1', '3=1']);
  const verdicts = verdictsOf(run.state);
  const next = new PoolRun(pool(servers), [{ type: 'holdsInherited', holds: [], verdicts }]);
  assert.deepEqual([next.table(1), next.commands], [['2=1', '3=1'], []]);
  next.answer = run.answer;
  next.run(seconds(30));
  assert.deepEqual([next.table(1), next.commands], [['2=1', '3=1'], []]);
  next.answer = () => PASSED;
  next.run(seconds(15));
  assert.deepEqual(next.table(1), ['1=1', '2=1', '3=1']);
  assert.deepEqual(new PoolRun(pool(servers)).table(1), ['1=1', '2=1'], 'without them: as at any start');
});

test('a hold survives a reload and is handed to the next process; taking the word out of the file ends it', () => {
  const config = pool([realServer(1, HELD), realServer(2)]);
  const run = new PoolRun(config);
  run.run(seconds(5));
  flap(run);
  run.deliver({ type: 'reconfigured', config: pool([realServer(1, { ...HELD, weight: 3 }), realServer(2)]) });
  assert.deepEqual(run.table(1), ['2=1']);
  const { holds } = run.reports.at(-1) ?? { holds: [] };
  assert.equal(holds.length, 1);

  const next = new PoolRun(config, [{ type: 'holdsInherited', holds }]);
  assert.equal(next.told()[0], 'serverHeld 1 1');
  next.run(seconds(60));
  assert.deepEqual(next.table(1), ['2=1']);
  next.deliver({ type: 'resumeRequested' });
  assert.deepEqual(next.table(1), ['1=1', '2=1']);
  assert.deepEqual(next.reports.at(-1)?.holds, []);

  run.deliver({ type: 'reconfigured', config: pool([realServer(1), realServer(2)]) });
  assert.deepEqual(run.table(1), ['1=1', '2=1']);

  // Another daemon's configuration knows nothing of it: should it ever be written again, it is new.
  const without = new PoolRun(pool([realServer(2)]), [{ type: 'holdsInherited', holds }]);
  assert.deepEqual(without.reports.at(-1)?.holds, []);
  without.deliver({ type: 'reconfigured', config });
  assert.deepEqual(without.table(1), ['1=1', '2=1']);
});

test('the penalty halves every half-life, is bounded, and says when the server may come back', () => {
  const once = countFailure(DAMPING, undefined, micros(0));
  assert.equal(once.penalty, 1_000);
  assert.equal(Math.round(penaltyAt(DAMPING, once, seconds(60))), 500);
  const twice = countFailure(DAMPING, once, seconds(60));
  assert.equal(Math.round(twice.penalty), 1_500);
  assert.equal(twice.suppressed, false);
  const thrice = countFailure(DAMPING, twice, seconds(61));
  assert.equal(thrice.suppressed, true);
  assert.equal(Math.round(penaltyAt(DAMPING, thrice, releaseAt(DAMPING, thrice))), 750);
  let many = thrice;
  for (let n = 0; n < 100; n += 1) many = countFailure(DAMPING, many, seconds(62));
  assert.ok(releaseAt(DAMPING, many) - seconds(62) <= seconds(240) + 1, 'no longer than the longest');
});

test('a server that flaps is suppressed and released by itself when it has been quiet', () => {
  const run = new PoolRun(pool([realServer(1, { flapDamping: DAMPING }), realServer(2)]));
  run.run(seconds(5));
  flap(run);
  flap(run);
  assert.deepEqual(run.table(1), ['1=1', '2=1'], 'twice is bad luck');
  run.told();
  flap(run);
  assert.deepEqual(run.table(1), ['2=1']);
  assert.equal(keptOut(run), 'suppressed');
  assert.ok(run.told().includes('serverSuppressed 1 1'));
  run.run(seconds(60));
  assert.deepEqual(run.table(1), ['2=1']);
  run.run(seconds(90));
  assert.deepEqual(run.table(1), ['1=1', '2=1']);
  assert.deepEqual(run.told(), ['serverReleased 1 1', 'serverAdded 1 1']);
});

test('a suppressed server that goes on failing stays out for longer, and comes back by its checks when its time is over', () => {
  const run = new PoolRun(pool([realServer(1, { flapDamping: DAMPING }), realServer(2)]));
  run.run(seconds(5));
  for (let n = 0; n < 6; n += 1) flap(run);
  run.run(seconds(100));
  assert.deepEqual(run.table(1), ['2=1']);
  run.answer = (last) => (last === 1 ? failure() : PASSED);
  run.run(seconds(300));
  assert.equal(keptOut(run), undefined, 'its time is over while it is down');
  run.answer = () => PASSED;
  run.run(seconds(11));
  assert.deepEqual(run.table(1), ['1=1', '2=1']);
});

test('damping never costs the quorum', () => {
  const run = new PoolRun(pool([realServer(1, { flapDamping: DAMPING }), realServer(2)]));
  run.run(seconds(5));
  for (let n = 0; n < 3; n += 1) flap(run);
  assert.deepEqual(run.table(1), ['2=1']);
  run.told();
  run.answer = (last) => (last === 2 ? failure() : PASSED);
  run.run(seconds(13));
  assert.deepEqual(run.table(1), ['1=1']);
  const told = run.told();
  assert.ok(told.indexOf('serverReleased 1 1') > told.indexOf('serverRemoved 2 1'), told.join());
});
