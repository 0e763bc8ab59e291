/** How everything ends when checkers have died before: what their process has left is removed by the next one. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { seconds } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import type { Child, ChildrenConfig, ChildrenEffect, ChildrenEvent, Ending } from '../../src/runtime/children-events.js';
import { initialChildren } from '../../src/runtime/children-state.js';
import { childrenDeadline, stepChildren } from '../../src/runtime/children.js';
import { narrateChildren } from '../../src/runtime/narrate/children.js';

const CONFIG: ChildrenConfig = { respawn: true, childWaitTime: seconds(5), aliveTimeout: { vrrp: undefined, checkers: undefined, bfd: undefined } };
const STARTED_TO_TIDY = 'Healthcheck process is started once more, to remove what the one before it has left';
const KILLED: Ending = { type: 'signal', signal: 'SIGKILL' };
const TERMINATED: Ending = { type: 'signal', signal: 'SIGTERM' };
const ORDERLY: Ending = { type: 'status', status: 0 };

/** A supervisor and its clock; `look` = what it has done and said since the last look. */
class Parent {
  #state = initialChildren(CONFIG);
  #now = seconds(100);
  #done: string[] = [];

  constructor(children: readonly Child[]) {
    this.send({ type: 'started' });
    this.load(1, children);
  }

  send(event: ChildrenEvent): void {
    const { state, effects, notes } = stepChildren(this.#state, event, this.#now);
    this.#state = state;
    this.#done.push(...effects.map(effectText), ...notes.map((note) => narrateChildren(note).text));
  }

  load(generation: number, children: readonly Child[]): void {
    this.send({ type: 'loaded', generation, children, childWaitTime: CONFIG.childWaitTime, aliveTimeout: CONFIG.aliveTimeout });
  }

  /** It boots and is told its configuration; with `generation` it says that it has that. */
  run(child: Child, pid: number, generation?: number): void {
    this.send({ type: 'childStarted', child, pid });
    this.send({ type: 'childReady', child, pid });
    if (generation !== undefined) this.send({ type: 'childConfigured', child, pid, generation });
  }

  die(child: Child, pid: number, ending = KILLED): void {
    this.send({ type: 'childExited', child, pid, ending });
  }

  advance(span: Micros): void {
    const end = this.#now + span;
    for (let due = childrenDeadline(this.#state); due !== undefined && due <= end; due = childrenDeadline(this.#state)) {
      assert.ok(due > this.#now || this.#done.length < 100, 'a deadline that does not pass');
      this.#now = due > this.#now ? due : this.#now;
      this.send({ type: 'timeout' });
    }
    this.#now = end as Micros;
  }

  look(): readonly string[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }
}

function effectText(effect: ChildrenEffect): string {
  if (effect.type === 'load' || effect.type === 'replace') return effect.type;
  return effect.type === 'exit' ? `exit ${effect.status}` : `${effect.type} ${effect.child}`;
}

function running(children: readonly Child[]): Parent {
  const parent = new Parent(children);
  for (const [index, child] of children.entries()) parent.run(child, 10 + index, 1);
  parent.look();
  return parent;
}

/** A first process has died, the one in its place has no configuration yet. */
function restarted(children: readonly Child[]): Parent {
  const parent = running(children);
  parent.die('checkers', 10);
  parent.look();
  return parent;
}

test('a reload without services starts checkers that wait to be started again, so that they remove what is left', () => {
  const parent = restarted(['checkers', 'vrrp']);
  parent.send({ type: 'childStarted', child: 'checkers', pid: 20 });
  parent.die('checkers', 20);
  parent.look();
  parent.send({ type: 'reloadRequested' });
  parent.load(2, ['vrrp']);
  parent.send({ type: 'childConfigured', child: 'vrrp', pid: 11, generation: 2 });
  assert.deepEqual(parent.look(), ['load', 'Reloading ...', 'configure vrrp', 'spawn checkers', STARTED_TO_TIDY, 'Reload complete']);
  parent.run('checkers', 21, 2);
  assert.deepEqual(parent.look(), ['Starting Healthcheck child process, pid=21', 'configure checkers', 'terminate checkers']);
  parent.die('checkers', 21, ORDERLY);
  parent.advance(seconds(120));
  assert.deepEqual(parent.look(), []);
});

test('so does one in which they turn out to be dead, or have to be killed; once', () => {
  for (const ending of [KILLED, { type: 'status', status: 70 }] as const) {
    const parent = running(['checkers', 'vrrp']);
    parent.send({ type: 'reloadRequested' });
    parent.load(2, ['vrrp']);
    parent.look();
    parent.die('checkers', 10, ending);
    assert.deepEqual(parent.look().filter((each) => !each.startsWith('pid 10')), ['spawn checkers', STARTED_TO_TIDY]);
    parent.run('checkers', 21);
    parent.look();
    parent.die('checkers', 21, ending);
    parent.advance(seconds(120));
    assert.deepEqual(parent.look().filter((each) => !each.startsWith('pid 21')), []);
  }
});

test('checkers that a reload ends in order are not started again', () => {
  const parent = running(['checkers', 'vrrp']);
  parent.send({ type: 'reloadRequested' });
  parent.load(2, ['vrrp']);
  parent.look();
  parent.die('checkers', 10, ORDERLY);
  assert.deepEqual(parent.look(), []);
});

test('a restarted checkers process that has no configuration yet gets it before it is told to leave', () => {
  const parent = restarted(['checkers']);
  parent.send({ type: 'childStarted', child: 'checkers', pid: 20 });
  parent.send({ type: 'stopRequested' });
  assert.deepEqual(parent.look(), ['Starting Healthcheck child process, pid=20', 'Stopping']);
  parent.send({ type: 'childReady', child: 'checkers', pid: 20 });
  assert.deepEqual(parent.look(), ['configure checkers']);
  parent.send({ type: 'childConfigured', child: 'checkers', pid: 20, generation: 1 });
  assert.deepEqual(parent.look(), ['terminate checkers'], 'and no start is announced');
  parent.die('checkers', 20, ORDERLY);
  assert.deepEqual(parent.look(), ['exit 0']);
});

test('so does one that is only just being started, and one of a first start', () => {
  for (const parent of [restarted(['checkers']), new Parent(['checkers'])]) {
    parent.send({ type: 'stopRequested' });
    parent.look();
    parent.run('checkers', 20, 1);
    assert.deepEqual(parent.look(), ['Starting Healthcheck child process, pid=20', 'configure checkers', 'terminate checkers']);
    parent.die('checkers', 20, ORDERLY);
    assert.deepEqual(parent.look(), ['exit 0']);
  }
});

test('it is killed when it has no configuration after the time that every child has to leave', () => {
  const parent = restarted(['checkers']);
  parent.run('checkers', 20);
  parent.send({ type: 'stopRequested' });
  parent.look();
  parent.advance(seconds(4.999));
  assert.deepEqual(parent.look(), []);
  parent.advance(seconds(0.001));
  assert.deepEqual(parent.look(), ['kill checkers', 'Healthcheck process failed to die - forcing termination']);
  parent.die('checkers', 20);
  assert.deepEqual(parent.look(), ['exit 0', 'pid 20 exited due to signal SIGKILL']);
});

test('VRRP leaves first all the same, and the time of the checkers begins when it has', () => {
  const parent = restarted(['checkers', 'vrrp']);
  parent.run('checkers', 20);
  parent.look();
  parent.send({ type: 'stopRequested' });
  assert.deepEqual(parent.look(), ['terminate vrrp', 'Stopping']);
  parent.advance(seconds(4));
  parent.send({ type: 'childConfigured', child: 'checkers', pid: 20, generation: 1 });
  assert.deepEqual(parent.look(), []);
  parent.die('vrrp', 11, ORDERLY);
  assert.deepEqual(parent.look(), ['terminate checkers']);
  parent.advance(seconds(4.999));
  assert.deepEqual(parent.look(), []);
  parent.die('checkers', 20, ORDERLY);
  assert.deepEqual(parent.look(), ['exit 0']);
});

test('checkers that wait to be started again are started to remove what is left; VRRP that waits is not', () => {
  const parent = running(['checkers', 'vrrp']);
  parent.die('checkers', 10);
  parent.run('checkers', 20);
  parent.die('checkers', 20);
  parent.die('vrrp', 11);
  parent.run('vrrp', 21);
  parent.die('vrrp', 21);
  parent.look();
  parent.send({ type: 'stopRequested' });
  assert.deepEqual(parent.look(), ['spawn checkers', 'Stopping', STARTED_TO_TIDY]);
  parent.run('checkers', 30, 1);
  assert.ok(parent.look().includes('terminate checkers'));
  parent.die('checkers', 30, ORDERLY);
  assert.deepEqual(parent.look(), ['exit 0']);
});

test('what dies once more is not started again', () => {
  const parent = running(['checkers']);
  parent.die('checkers', 10);
  parent.run('checkers', 20);
  parent.die('checkers', 20);
  parent.send({ type: 'stopRequested' });
  parent.run('checkers', 30);
  parent.look();
  parent.die('checkers', 30);
  assert.deepEqual(parent.look(), ['exit 0', 'pid 30 exited due to signal SIGKILL']);
});

test('a service manager that stops every process at once cannot end a checkers process before it has removed everything', () => {
  const parent = restarted(['checkers']);
  parent.send({ type: 'childStarted', child: 'checkers', pid: 20 });
  parent.send({ type: 'stopRequested' });
  parent.advance(seconds(1));
  parent.look();
  // It had no listener for the signal yet.
  parent.die('checkers', 20, TERMINATED);
  assert.deepEqual(parent.look(), ['spawn checkers', 'pid 20 exited due to signal SIGTERM', STARTED_TO_TIDY]);
  parent.run('checkers', 30);
  parent.look();
  parent.advance(seconds(4));
  assert.deepEqual(parent.look(), ['kill checkers', 'Healthcheck process failed to die - forcing termination'], 'within the same time');
});

test('checkers that die while VRRP still leaves are replaced, those that were told to leave are not', () => {
  const parent = running(['checkers', 'vrrp']);
  parent.send({ type: 'stopRequested' });
  parent.look();
  parent.die('checkers', 10);
  assert.deepEqual(parent.look(), ['spawn checkers', 'pid 10 exited due to signal SIGKILL', STARTED_TO_TIDY]);
  parent.run('checkers', 20, 1);
  parent.die('vrrp', 11, ORDERLY);
  assert.ok(parent.look().includes('terminate checkers'));
  parent.die('checkers', 20);
  assert.deepEqual(parent.look(), ['exit 0', 'pid 20 exited due to signal SIGKILL']);
});

test('checkers that end with an error that no restart cures are not started to remove anything', () => {
  const parent = running(['checkers', 'vrrp']);
  parent.send({ type: 'stopRequested' });
  parent.look();
  parent.die('checkers', 10, { type: 'status', status: 4 });
  parent.die('vrrp', 11, ORDERLY);
  assert.deepEqual(parent.look(), ['pid 10 exited with status 4', 'exit 0']);
});
