/** The order of the daemon's events, and how many of them are kept. */

import assert from 'node:assert/strict';
import test from 'node:test';

import type { FeedEvent } from '../../src/control/feed.js';
import { EVENTS_KEPT, createEventLog } from '../../src/daemon/feed/event-log.js';

const event = (text: string): FeedEvent => ({ time: 0, level: 'info', event: 'told', text, fields: {} });

test('events of all processes are numbered in one order and handed out in parts', () => {
  const log = createEventLog();
  log.add('supervisor', [event('a')], 0);
  log.add('vrrp', [event('b'), event('c')], 0);
  assert.deepEqual(log.after(0, 2).map(({ id, from, text }) => [id, from, text]), [[1, 'supervisor', 'a'], [2, 'vrrp', 'b']]);
  assert.deepEqual(log.after(2, 2).map(({ id, text }) => [id, text]), [[3, 'c']]);
  assert.deepEqual(log.after(3, 2), []);
});

test('events that a process could not send are told as lost, in their place', () => {
  const log = createEventLog();
  log.add('checkers', [event('a')], 3);
  log.add('checkers', [event('b')], 0);
  assert.deepEqual(log.after(0, 9).map(({ id, event: name, fields }) => [id, name, fields['lost']]), [[1, 'told', undefined], [2, 'eventsLost', 3], [3, 'told', undefined]]);
});

test('the oldest are forgotten, whatever anybody has heard', () => {
  const log = createEventLog();
  for (let i = 0; i < 5 * EVENTS_KEPT; i += 1) log.add('vrrp', [event(String(i))], 0);
  const kept = log.after(0, 5 * EVENTS_KEPT);
  assert.deepEqual([kept.length, kept[0]?.id, kept.at(-1)?.id], [EVENTS_KEPT, 4 * EVENTS_KEPT + 1, 5 * EVENTS_KEPT]);
  assert.deepEqual(log.after(3 * EVENTS_KEPT, 1).map(({ id }) => id), [4 * EVENTS_KEPT + 1]);
});
