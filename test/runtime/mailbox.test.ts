import assert from 'node:assert/strict';
import test from 'node:test';
import { createMailbox } from '../../src/runtime/mailbox.js';

test('an event delivered while another is handled waits until that one is finished', () => {
  const trace: string[] = [];
  const deliver = createMailbox<string>(
    (event) => {
      trace.push(`begin ${event}`);
      if (event === 'a') {
        deliver('b');
        deliver('c');
      }
      trace.push(`end ${event}`);
    },
    { limit: 8, onOverflow: () => assert.fail('no overflow expected') },
  );
  deliver('a');
  assert.deepEqual(trace, ['begin a', 'end a', 'begin b', 'end b', 'begin c', 'end c']);
});

test('beyond its limit an event is refused and reported, and those that wait are still handled', () => {
  const handled: number[] = [];
  const refused: number[] = [];
  const deliver = createMailbox<number>(
    (event) => {
      handled.push(event);
      if (event === 0) for (const next of [1, 2, 3, 4]) deliver(next);
    },
    { limit: 2, onOverflow: (event) => refused.push(event) },
  );
  deliver(0);
  assert.deepEqual(handled, [0, 1, 2]);
  assert.deepEqual(refused, [3, 4]);
});

test('the limit counts events that wait, not events that were handled in the same turn', () => {
  let handled = 0;
  const deliver = createMailbox<number>(
    (event) => {
      handled += 1;
      if (event > 0) deliver(event - 1);
    },
    { limit: 1, onOverflow: () => assert.fail('one event waits at a time') },
  );
  deliver(1_000);
  assert.equal(handled, 1_001);
});

test('a handler that throws leaves the mailbox empty and usable', () => {
  const handled: string[] = [];
  const deliver = createMailbox<string>(
    (event) => {
      handled.push(event);
      if (event !== 'bad') return;
      deliver('lost');
      throw new Error('a bug');
    },
    { limit: 8, onOverflow: () => assert.fail('no overflow expected') },
  );
  assert.throws(() => deliver('bad'), /a bug/);
  deliver('good');
  assert.deepEqual(handled, ['bad', 'good']);
});
