import assert from 'node:assert/strict';
import test from 'node:test';
import { seconds } from '../../src/base/time.js';
import type { FollowerConfig } from '../../src/health/config-check.js';
import type { VirtualServerConfig } from '../../src/health/config.js';
import { judgeFollower } from '../../src/health/followers.js';
import { PASSED, PoolRun, realServer, virtualServer } from './samples.js';

function file(weight: number, reverse = false): FollowerConfig {
  return { check: { type: 'FILE_CHECK', file: 'F', path: '/run/f', weight, reverse }, alpha: false };
}

function session(alpha: boolean): FollowerConfig {
  return { check: { type: 'BFD_CHECK', session: 'B' }, alpha };
}

/** One virtual server with one server that follows, and another one that does not. */
function following(followers: readonly FollowerConfig[], changes: Partial<VirtualServerConfig> = {}, value?: number): PoolRun {
  const servers = [realServer(1, { weight: 10, followers }), realServer(2)];
  const run = new PoolRun({ virtualServers: [virtualServer(1, servers, changes)] }, value === undefined ? [] : [{ type: 'fileRead', path: '/run/f', value }]);
  run.answer = () => PASSED;
  return run;
}

test('a number in a file times its weight is added to the weight of the server at once', () => {
  const run = following([file(2)], {}, 5);
  assert.deepEqual(run.table(1), ['1=20', '2=1'], 'what the file held before the start counts');
  run.run(seconds(5));
  run.told();
  run.deliver({ type: 'fileRead', path: '/run/f', value: -3 });
  assert.deepEqual(run.table(1), ['1=4', '2=1']);
  run.deliver({ type: 'fileRead', path: '/run/f', value: -30 });
  assert.deepEqual(run.table(1), ['1=0', '2=1'], 'the kernel knows no weight below 0');
  run.deliver({ type: 'fileRead', path: '/run/f', value: 0 });
  run.deliver({ type: 'fileRead', path: '/run/other', value: 9 });
  assert.deepEqual(run.table(1), ['1=10', '2=1']);
  assert.deepEqual(run.told(), ['weightChanged 1 1', 'weightChanged 1 1', 'weightChanged 1 1']);
});

test('without a weight any number but 0 takes the server down, and the quorum sees it', () => {
  const run = following([file(0)], { quorum: 5 });
  run.run(seconds(5));
  run.told();
  run.deliver({ type: 'fileRead', path: '/run/f', value: 1 });
  assert.deepEqual(run.table(1), ['2=1']);
  assert.deepEqual(run.told(), ['fileFollowed 1 1', 'serverRemoved 1 1', 'quorumLost 1']);
  run.run(seconds(30));
  assert.deepEqual(run.table(1), ['2=1'], 'its checks do not bring it back');
  run.deliver({ type: 'fileRead', path: '/run/f', value: 0 });
  assert.deepEqual(run.table(1), ['1=10', '2=1']);
  assert.deepEqual(run.told(), ['fileFollowed 1 1', 'serverAdded 1 1', 'quorumGained 1']);
});

test('a change of weight can lose and gain the quorum', () => {
  const run = following([file(1)], { quorum: 8 });
  run.told();
  run.deliver({ type: 'fileRead', path: '/run/f', value: -5 });
  assert.deepEqual(run.told(), ['weightChanged 1 1', 'quorumLost 1']);
  run.deliver({ type: 'fileRead', path: '/run/f', value: 0 });
  assert.deepEqual(run.told(), ['weightChanged 1 1', 'quorumGained 1']);
});

test('a reload keeps what has been told, whatever becomes of the follower', () => {
  const run = following([file(0)], {}, 1);
  assert.deepEqual(run.table(1), ['2=1']);
  const reload = (followers: readonly FollowerConfig[]): void => {
    run.deliver({ type: 'reconfigured', config: { virtualServers: [virtualServer(1, [realServer(1, { weight: 10, followers }), realServer(2)])] } });
  };
  reload([file(3)]);
  assert.deepEqual(run.table(1), ['1=13', '2=1']);
  reload([]);
  assert.deepEqual(run.table(1), ['1=10', '2=1']);
  reload([file(0)]);
  assert.deepEqual(run.table(1), ['2=1']);
});

test('a product at or below the smallest number takes the server down; one too large is cut', () => {
  const judge = (value: number, weight: number, reverse = false) =>
    judgeFollower(file(weight, reverse), { files: new Map([['/run/f', value]]), sessions: new Map() });
  assert.deepEqual(judge(-1, 2_147_483_647), { up: true, contribution: -2_147_483_647 });
  assert.deepEqual(judge(-2_147_483_648, 1), { up: false, contribution: 0 });
  assert.deepEqual(judge(2_147_483_647, 2), { up: true, contribution: 2_147_483_647 });
  assert.deepEqual(judge(2_147_483_647, 2, true), { up: false, contribution: 0 });
  assert.deepEqual(judge(0, 0, true), { up: false, contribution: 0 });
  assert.deepEqual(judge(7, 0, true), { up: true, contribution: 0 });
});

test('a BFD session takes its server down and up; with alpha it is down until the session is up', () => {
  const run = following([session(true)]);
  assert.deepEqual(run.table(1), ['2=1']);
  run.deliver({ type: 'sessionChanged', session: 'B', up: true });
  assert.deepEqual(run.table(1), ['1=10', '2=1']);
  run.deliver({ type: 'sessionChanged', session: 'C', up: false });
  run.deliver({ type: 'sessionChanged', session: 'B', up: false });
  assert.deepEqual(run.table(1), ['2=1']);
  assert.deepEqual(following([session(false)]).table(1), ['1=10', '2=1']);
});
