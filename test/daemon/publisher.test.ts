import assert from 'node:assert/strict';
import test from 'node:test';

import type { LogEntry } from '../../src/base/log.js';
import { micros } from '../../src/base/time.js';
import type { UpMessage } from '../../src/daemon/children/ipc.js';
import { createPublisher, drawAtOnce } from '../../src/daemon/feed/publisher.js';
import type { Drawing } from '../../src/daemon/feed/publisher.js';
import { until } from '../io/support/until.js';

const CLOCK = { now: () => micros(7) };
const entry = (text: string): LogEntry => ({ level: 'info', event: 'test', text, fields: {}, detail: false });

function publishing(draw: () => Drawing) {
  const sent: UpMessage[] = [];
  const publisher = createPublisher({
    clock: CLOCK,
    lag: () => undefined,
    draw,
    send: (message, done) => {
      sent.push(message);
      setImmediate(done);
    },
  });
  publisher.configure(true);
  return { publisher, sent };
}

test('a picture is plain JSON with its instant, and there is none while there is nothing to see', async (t) => {
  const shown: unknown[] = [];
  const { publisher, sent } = publishing(() => drawAtOnce(shown[0]));
  t.after(() => publisher.configure(false));
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.equal(sent.length, 0);
  shown.push({ answer: 42 });
  publisher.refresh();
  await until(() => sent.length > 0);
  const pictures = sent.flatMap((message) => (message.type === 'picture' ? [JSON.parse(message.text) as Record<string, unknown>] : []));
  assert.deepEqual(pictures.map(({ takenAt, shown: seen }) => ({ takenAt, seen })), [{ takenAt: 7, seen: { answer: 42 } }]);
});

test('a picture of much is drawn in turns, and what is told meanwhile comes behind it', async (t) => {
  let pieces = 0;
  let turns = 0;
  const isOver = (): boolean => pieces === 400;
  function* draw(): Drawing {
    for (; pieces < 400; pieces += 1) {
      const end = performance.now() + 0.5;
      while (performance.now() < end);
      if (pieces === 100) publisher.told(entry('in the middle'));
      yield;
    }
    return '"all"';
  }
  const { publisher, sent } = publishing(draw);
  t.after(() => publisher.configure(false));
  const count = (): void => {
    if (pieces > 0 && !isOver()) turns += 1;
    if (!isOver()) setImmediate(count);
  };
  count();
  await until(() => sent.length >= 2);
  assert.deepEqual(sent.slice(0, 2).map(({ type }) => type), ['picture', 'events']);
  assert.ok(turns >= 10, `others had ${turns} turns`);
});
