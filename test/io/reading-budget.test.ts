/** Long bodies of many servers share what this process has time for. */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type TestContext } from 'node:test';

import { ReadingBudget } from '../../src/io/probes/reading-budget.js';
import { until } from './support/until.js';

interface Scene {
  readonly budget: ReadingBudget;
  /** Whose turn it has been. */
  readonly served: readonly string[];
  readonly wait: (name: string) => boolean;
  readonly pass: (milliseconds: number) => void;
}

/** A budget on a clock that stands still, all of it spent. */
function spent(t: TestContext): Scene {
  let now = 1_000;
  const served: string[] = [];
  const budget = new ReadingBudget(() => now);
  t.after(() => budget.close());
  assert.equal(budget.mustWait(() => undefined), false);
  budget.spend(1024 * 1024);
  return {
    budget,
    served,
    wait: (name) => budget.mustWait(() => served.push(name)),
    pass: (milliseconds) => (now += milliseconds),
  };
}

test('when more has come than there is time for, everybody waits for his turn', async (t) => {
  const { budget, served, wait, pass } = spent(t);
  for (const name of ['first', 'second', 'third']) assert.equal(wait(name), true);
  assert.deepEqual(served, []);
  await sleep(60);
  assert.deepEqual(served, []);
  pass(0.5);
  await until(() => served.length === 1);
  budget.spend(16 * 1024);
  assert.equal(wait('first again'), true);
  pass(1);
  await until(() => served.length >= 3);
  assert.deepEqual(served, ['first', 'second', 'third']);
  budget.spend(2 * 16 * 1024);
  pass(1_000);
  await until(() => served.length === 4);
  assert.equal(wait('nobody is before me'), false);
});

test('who comes while others wait does not go before them', (t) => {
  const { wait, pass } = spent(t);
  assert.equal(wait('first'), true);
  pass(1_000);
  assert.equal(wait('second'), true);
});

test('after the end nobody is called', async (t) => {
  const { budget, served, wait, pass } = spent(t);
  assert.equal(wait('first'), true);
  budget.close();
  pass(1_000);
  await sleep(60);
  assert.deepEqual(served, []);
});
