/** The supervisor's machine at a restart in place: who leaves, who goes on, and what comes of it when there is no successor. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { seconds } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import type { Child, ChildrenEffect, ChildrenEvent, ChildrenNote } from '../../src/runtime/children-events.js';
import { childrenDeadline, stepChildren } from '../../src/runtime/children.js';
import { initialChildren } from '../../src/runtime/children-state.js';
import type { ChildrenState } from '../../src/runtime/children-state.js';

const WAIT = seconds(5);
const UNWATCHED = { vrrp: seconds(3), checkers: seconds(3), bfd: seconds(3) };
const PIDS: Readonly<Record<Child, number>> = { checkers: 10, vrrp: 11, bfd: 12 };
const DONE = { type: 'status', status: 0 } as const;

class Parent {
  now: Micros = seconds(1000);
  state: ChildrenState = initialChildren({ respawn: true, childWaitTime: WAIT, aliveTimeout: UNWATCHED });
  effects: ChildrenEffect[] = [];
  notes: ChildrenNote[] = [];

  deliver(event: ChildrenEvent): this {
    const { state, effects, notes } = stepChildren(this.state, event, this.now);
    this.state = state;
    this.effects.push(...effects);
    this.notes.push(...notes);
    return this;
  }

  /** Effects since the last look, as `relieve vrrp`, by their names. */
  look(): readonly string[] {
    const texts = this.effects.map((effect) => ('child' in effect ? `${effect.type} ${effect.child}` : effect.type));
    this.effects = [];
    return texts.sort();
  }
}

function running(children: readonly Child[]): Parent {
  const parent = new Parent().deliver({ type: 'started' });
  parent.deliver({ type: 'loaded', generation: 1, children, childWaitTime: WAIT, aliveTimeout: UNWATCHED });
  for (const child of children) {
    const pid = PIDS[child];
    parent.deliver({ type: 'childStarted', child, pid }).deliver({ type: 'childReady', child, pid });
  }
  for (const child of children) parent.deliver({ type: 'childConfigured', child, pid: PIDS[child], generation: 1 });
  parent.look();
  return parent;
}

test('all are relieved, and the other program takes over when all but VRRP have left', () => {
  const parent = running(['checkers', 'vrrp', 'bfd']).deliver({ type: 'replacementRequested' });
  assert.deepEqual(parent.look(), ['relieve bfd', 'relieve checkers', 'relieve vrrp']);
  parent.deliver({ type: 'childExited', child: 'checkers', pid: 10, ending: DONE });
  assert.deepEqual(parent.look(), []);
  parent.deliver({ type: 'childExited', child: 'bfd', pid: 12, ending: DONE });
  assert.deepEqual(parent.look(), ['replace']);
  assert.equal(childrenDeadline(parent.state), undefined, 'a VRRP process without supervisor is silent, and nobody kills it for that');
});

test('as a stop for a start that follows VRRP is waited for as well, and the log says what it is', () => {
  const parent = running(['checkers', 'vrrp']).deliver({ type: 'replacementRequested', way: 'asStop' });
  assert.equal(parent.notes.at(-1)?.type, 'leaving');
  parent.deliver({ type: 'childExited', child: 'checkers', pid: 10, ending: DONE });
  assert.deepEqual(parent.look(), ['relieve checkers', 'relieve vrrp', 'replace']);
  parent.deliver({ type: 'childExited', child: 'vrrp', pid: 11, ending: DONE });
  assert.deepEqual(parent.look(), ['replace']);
});

test('VRRP alone goes on, and the other program takes over at once', () => {
  assert.deepEqual(running(['vrrp']).deliver({ type: 'replacementRequested' }).look(), ['relieve vrrp', 'replace']);
});

test('who does not leave in time is killed, and then the other program takes over', () => {
  const parent = running(['checkers', 'vrrp']).deliver({ type: 'replacementRequested' });
  parent.look();
  parent.now = (parent.now + WAIT) as Micros;
  assert.deepEqual(parent.deliver({ type: 'timeout' }).look(), ['kill checkers']);
  parent.deliver({ type: 'childExited', child: 'checkers', pid: 10, ending: { type: 'signal', signal: 'SIGKILL' } });
  assert.deepEqual(parent.look(), ['replace']);
});

test('while a configuration is on its way, or everything ends, the answer is no', () => {
  const reloading = running(['vrrp']).deliver({ type: 'reloadRequested' });
  reloading.look();
  assert.deepEqual(reloading.deliver({ type: 'replacementRequested' }).look(), []);
  assert.equal(reloading.notes.at(-1)?.type, 'replacementRefused');
  const stopping = running(['vrrp']).deliver({ type: 'stopRequested' });
  stopping.look();
  assert.deepEqual(stopping.deliver({ type: 'replacementRequested' }).look(), []);
});

test('a program that cannot be started after all: VRRP is retained and the others start again, as often as it takes', () => {
  const parent = running(['checkers', 'vrrp']).deliver({ type: 'replacementRequested' });
  parent.deliver({ type: 'childExited', child: 'checkers', pid: 10, ending: DONE });
  parent.look();
  assert.deepEqual(parent.deliver({ type: 'replacementFailed' }).look(), ['retain vrrp', 'spawn checkers']);
  parent.deliver({ type: 'childStarted', child: 'checkers', pid: 20 }).deliver({ type: 'childReady', child: 'checkers', pid: 20 });
  parent.deliver({ type: 'childConfigured', child: 'checkers', pid: 20, generation: 1 });
  parent.look();
  assert.deepEqual(parent.deliver({ type: 'replacementRequested' }).look(), ['relieve checkers', 'relieve vrrp']);
});

test('a stop meanwhile stops in order: services that relieved checkers have left behind are removed', () => {
  const gone = running(['checkers', 'vrrp']).deliver({ type: 'replacementRequested' });
  gone.deliver({ type: 'childExited', child: 'checkers', pid: 10, ending: DONE });
  gone.look();
  assert.deepEqual(gone.deliver({ type: 'stopRequested' }).look(), ['spawn checkers', 'terminate vrrp']);
  const leaving = running(['checkers', 'vrrp']).deliver({ type: 'replacementRequested' });
  leaving.look();
  leaving.deliver({ type: 'stopRequested' });
  leaving.deliver({ type: 'childExited', child: 'checkers', pid: 10, ending: DONE });
  assert.deepEqual(leaving.look(), ['spawn checkers', 'terminate vrrp']);
});

test('a reload while the other program takes over is that program\'s', () => {
  const parent = running(['vrrp']).deliver({ type: 'replacementRequested' });
  parent.look();
  assert.deepEqual(parent.deliver({ type: 'reloadRequested' }).look(), []);
});

test('services that the program before has left are removed although the new file has none, by checkers that then leave', () => {
  const parent = new Parent().deliver({ type: 'started' });
  const part = { generation: 1, children: ['vrrp'], childWaitTime: WAIT, aliveTimeout: UNWATCHED } as const;
  parent.look();
  parent.deliver({ type: 'loaded', ...part, inheritsServices: true });
  assert.deepEqual(parent.look(), ['spawn checkers', 'spawn vrrp']);
  parent.deliver({ type: 'childStarted', child: 'checkers', pid: 10 }).deliver({ type: 'childReady', child: 'checkers', pid: 10 });
  assert.deepEqual(parent.look(), ['configure checkers']);
  parent.deliver({ type: 'childConfigured', child: 'checkers', pid: 10, generation: 1 });
  assert.deepEqual(parent.look(), ['terminate checkers']);
  parent.deliver({ type: 'childExited', child: 'checkers', pid: 10, ending: DONE });
  assert.deepEqual(parent.look(), []);
  assert.deepEqual(new Parent().deliver({ type: 'started' }).deliver({ type: 'loaded', ...part }).look(), ['load', 'spawn vrrp']);
});
