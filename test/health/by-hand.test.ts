/** What operators say about servers, laid over the configuration. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { seconds } from '../../src/base/time.js';
import { withOverrides } from '../../src/health/by-hand.js';
import type { ServerOverride } from '../../src/health/by-hand.js';
import { describePool } from '../../src/health/describe.js';
import type { Counted } from '../../src/ipvs/counts.js';
import { PoolRun, realServer, virtualServer } from './samples.js';

const POOL = { virtualServers: [virtualServer(1, [realServer(1), realServer(2)])] };
const [VIRTUAL] = POOL.virtualServers;

const word = (action: ServerOverride['action'], last: number, weight?: number): ServerOverride => ({
  action,
  virtualServer: VIRTUAL?.name ?? '',
  server: `[198.51.100.${last}]:tcp:80`,
  ...(weight === undefined ? {} : { weight }),
});

function say(run: PoolRun, ...words: readonly ServerOverride[]): void {
  run.deliver({ type: 'reconfigured', config: withOverrides(POOL, words) });
}

test('a drained server stays in the tables at weight 0, and has its own weight again when the word is taken back', () => {
  const run = new PoolRun(POOL);
  run.run(seconds(5));
  say(run, word('drain', 2));
  assert.deepEqual(run.table(1), ['1=1', '2=0']);
  say(run);
  assert.deepEqual(run.table(1), ['1=1', '2=1']);
});

test('of a drained server the connections are those of the last look, of the others those of the last count', () => {
  const run = new PoolRun(POOL);
  run.run(seconds(5));
  say(run, word('drain', 2));
  assert.deepEqual(run.table(1), ['1=1', '2=0']);
  const counts = { active: 3, inactive: 1, persistent: 0 };
  const looked: Counted = { tables: new Map(), weightless: new Map([['tcp 192.0.2.1:80 -> 198.51.100.2:80', counts]]) };
  const connectionsIn = (counted: Counted): unknown => describePool(run.state, counted).virtualServers[0]?.realServers.map(({ connections }) => connections);
  assert.deepEqual(connectionsIn(looked), [undefined, counts]);
  const flow = { connections: 9, packetsIn: 8, packetsOut: 7, bytesIn: 6, bytesOut: 5 };
  const traffic = { ...flow, perSecond: flow };
  const older = { connections: { active: 5, inactive: 0, persistent: 0 }, traffic };
  const destinations = new Map([1, 2].map((last) => [`198.51.100.${last}:80`, older]));
  const all: Counted = { ...looked, at: run.state.now, tables: new Map([['tcp 192.0.2.1:80', { traffic, destinations }]]) };
  assert.deepEqual(connectionsIn(all), [older.connections, counts]);
  assert.deepEqual(describePool(run.state, all).virtualServers[0]?.services[0]?.traffic, traffic);
  assert.equal(describePool(run.state).virtualServers[0]?.realServers[1]?.connections, undefined);
});

test('a disabled server is out and is not asked; one that is added is asked like the first', () => {
  const run = new PoolRun(POOL);
  run.run(seconds(5));
  say(run, word('disable', 1), word('add', 3, 9));
  assert.deepEqual(run.table(1), ['2=1', '3=9']);
  const described = describePool(run.state).virtualServers[0]?.realServers;
  assert.deepEqual(described?.map(({ alive, checkers }) => [alive, checkers.length]), [[false, 0], [true, 1], [true, 1]]);
  say(run);
  assert.deepEqual(run.table(1), ['1=1', '2=1']);
});
