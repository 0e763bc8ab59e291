/** Several daemons behind one API, without sockets: what becomes of what they say. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { createFrameReader, frameOf } from '../../src/control/frames.js';
import type { Feed, NumberedEvent } from '../../src/control/feed.js';
import { createMergedFeeds } from '../../src/control/merged-feeds.js';
import type { MergedFeeds } from '../../src/control/merged-feeds.js';
import { readReport } from '../../src/control/reports.js';

const event = (id: number, time: number, name = 'told'): NumberedEvent => ({ id, from: 'vrrp', time, level: 'info', event: name, text: '', fields: {} });

function merged(): { readonly feeds: MergedFeeds; readonly out: Feed[] } {
  const out: Feed[] = [];
  return { feeds: createMergedFeeds((feed) => out.push(feed)), out };
}

const eventsOf = (out: readonly Feed[]): readonly NumberedEvent[] => out.flatMap((feed) => (feed.type === 'events' ? feed.events : []));

test('events of two daemons get numbers that grow, also past a restart of the one who numbers', () => {
  const { feeds, out } = merged();
  const [vrrp, checkers] = [feeds.open({ name: 'vrrp', run: 'a' }), feeds.open({ name: 'checkers', run: 'b' })];
  vrrp.hear({ type: 'events', events: [event(1, 5_000), event(2, 5_000)] });
  checkers.hear({ type: 'events', events: [event(1, 4_000), event(2, 6_000)] });
  const numbers = eventsOf(out).map(({ id }) => id);
  assert.deepEqual(numbers, [500_000, 500_001, 500_002, 600_000]);
  const next = merged();
  next.feeds.open({ name: 'checkers', run: 'b' }).hear({ type: 'events', events: [event(1, 4_000), event(2, 6_000), event(3, 7_000)] });
  assert.deepEqual(eventsOf(next.out).filter(({ id }) => id > Math.max(...numbers)).map(({ time }) => time), [7_000]);
});

test('who comes back in the same life tells nothing twice; in a new one everything is new', () => {
  const { feeds, out } = merged();
  const first = feeds.open({ name: 'vrrp', run: 'a' });
  first.hear({ type: 'events', events: [event(1, 1), event(2, 2)] });
  first.close();
  feeds.open({ name: 'vrrp', run: 'a' }).hear({ type: 'events', events: [event(1, 1), event(2, 2), event(3, 3)] });
  assert.deepEqual(eventsOf(out).map(({ time }) => time), [1, 2, 3]);
  feeds.open({ name: 'vrrp', run: 'b' }).hear({ type: 'events', events: [event(1, 9)] });
  assert.deepEqual(eventsOf(out).map(({ time }) => time), [1, 2, 3, 9]);
});

test('a connection that was replaced is not heard any more, and its end takes nothing away', () => {
  const { feeds, out } = merged();
  const old = feeds.open({ name: 'vrrp', run: 'a' });
  old.hear({ type: 'picture', of: 'vrrp', text: 'old' });
  const next = feeds.open({ name: 'vrrp', run: 'b' });
  next.hear({ type: 'picture', of: 'vrrp', text: 'new' });
  old.hear({ type: 'picture', of: 'vrrp', text: 'late' });
  old.close();
  assert.deepEqual(out.map((feed) => (feed.type === 'picture' ? feed.text : feed.type)), ['old', 'gone', 'new']);
});

test('a message comes whole however it was cut, and what is too long or no message ends the talk', () => {
  const messages = [{ type: 'picture', of: 'vrrp', text: '{"\u00e9":1}'.repeat(50) }, { type: 'gone', of: 'bfd' }, { type: 'events', events: [event(1, 1)] }];
  const bytes = Buffer.concat(messages.map(frameOf));
  for (const size of [1, 7, 8, 100, bytes.length]) {
    const heard: object[] = [];
    const read = createFrameReader(10_000, (message) => heard.push(message));
    for (let at = 0; at < bytes.length; at += size) assert.ok(read(bytes.subarray(at, at + size)));
    assert.deepEqual(heard, messages);
  }
  const deaf = (): never => assert.fail('nothing is heard');
  assert.equal(createFrameReader(20, deaf)(frameOf({ type: 'x'.repeat(100) })), false);
  assert.equal(createFrameReader(1_000, deaf)(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')), false);
  assert.equal(createFrameReader(1_000, deaf)(Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]), Buffer.from('7')])), false);
});

test('a daemon believes nothing of a control service that has not the shape of a report', () => {
  for (const wrong of [{}, { type: 'command' }, { type: 'command', id: 'x' }, { type: 'posted', webhook: 0.5, id: 1 }, { type: 'masterWanted' }, { type: 'listening' }, []]) assert.equal(readReport(wrong), undefined);
  assert.deepEqual(readReport({ type: 'command', id: 1, command: { any: 'thing' }, more: 1 }), { type: 'command', id: 1, command: { any: 'thing' } });
});
