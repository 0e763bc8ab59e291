/** kill -9 of whatever process at whatever moment; `npm run bench -- kills` does a thousand. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { killRound, startWatcher } from './kill-rounds.js';
import { openNetwork } from './network.js';

test('each process of a master is killed at some moment: it is replaced, the address never moves; the whole of it dead, the successor has it alone', async (t) => {
  const network = openNetwork();
  t.after(() => network.close());
  const watcher = await startWatcher(network, 2);
  const killed = new Set<string>();
  for (const seed of [1, 2]) for (const { victim } of await killRound(network, watcher, 2, seed)) killed.add(victim);
  assert.deepEqual([...killed].sort(), ['bfd', 'checkers', 'control', 'everything', 'guardian', 'script', 'supervisor', 'vrrp']);
});
