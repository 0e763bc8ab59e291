import assert from 'node:assert/strict';
import test from 'node:test';

import type { Delivery, MailDelivery } from '../../src/daemon/mail/mail-delivery.js';
import { createMailDelivery } from '../../src/daemon/mail/mail-delivery.js';
import { virtualTimers } from '../support/virtual-timers.js';

interface Rig {
  readonly delivery: MailDelivery;
  /** What happened, in order. */
  readonly seen: string[];
  /** What the server says from now on. */
  answer: Delivery;
  /** Lets so many seconds pass. */
  readonly pass: (seconds: number) => Promise<void>;
}

function rig(settings: { readonly digest?: number; readonly retry?: number }): Rig {
  const seen: string[] = [];
  const { now, after, pass } = virtualTimers();
  const made: Rig = {
    seen,
    answer: 'sent',
    delivery: createMailDelivery({
      digest: settings.digest,
      retry: settings.retry,
      send: ({ subject }) => {
        seen.push(`${now() / 1_000}: ${subject}: ${made.answer}`);
        return Promise.resolve(made.answer);
      },
      onDelayed: (_, after) => seen.push(after === undefined ? 'given up' : `again in ${after}`),
      onIdle: () => seen.push('idle'),
      now,
      after,
    }),
    pass,
  };
  return made;
}

const alert = (subject: string): { readonly subject: string; readonly body: string } => ({ subject, body: '' });

test('without a digest each alert is mailed at once', async () => {
  const { delivery, seen, pass } = rig({});
  delivery.add(alert('a'));
  delivery.add(alert('b'));
  await pass(1);
  assert.deepEqual(seen, ['0: a: sent', '0: b: sent', 'idle']);
});

test('a digest leaves when its time is up, and what comes while it is sent waits for the next', async () => {
  const { delivery, seen, pass } = rig({ digest: 60 });
  delivery.add(alert('a'));
  await pass(10);
  delivery.add(alert('b'));
  assert.equal(delivery.isIdle(), false);
  await pass(60);
  delivery.add(alert('c'));
  await pass(59);
  assert.deepEqual(seen, ['60: 2 alerts, the last: b: sent', 'idle']);
  await pass(1);
  assert.deepEqual(seen.slice(2), ['130: c: sent', 'idle']);
});

test('a mail that is not taken for now is tried again, ever more slowly, until its time is up; one that is refused is not', async () => {
  const one = rig({ retry: 60 });
  one.answer = 'passing';
  one.delivery.add(alert('a'));
  await one.pass(300);
  assert.deepEqual(one.seen, ['0: a: passing', 'again in 5', '5: a: passing', 'again in 10', '15: a: passing', 'again in 20', '35: a: passing', 'given up', 'idle']);
  const two = rig({ retry: 60 });
  two.answer = 'failed';
  two.delivery.add(alert('a'));
  await two.pass(300);
  assert.deepEqual(two.seen, ['0: a: failed', 'idle']);
});

test('what comes while a mail waits for its server goes after it, and the end of the daemon waits for no pause', async () => {
  const one = rig({ retry: 60 });
  one.answer = 'passing';
  one.delivery.add(alert('a'));
  await one.pass(1);
  one.delivery.add(alert('b'));
  one.answer = 'sent';
  await one.pass(4);
  assert.deepEqual(one.seen.slice(2), ['5: a: sent', '5: b: sent', 'idle']);
  const two = rig({ retry: 60 });
  two.answer = 'passing';
  two.delivery.add(alert('a'));
  await two.pass(1);
  two.delivery.finish();
  await two.pass(1);
  assert.deepEqual(two.seen.slice(2), ['1: a: passing', 'given up', 'idle']);
});

test('the end of the daemon sends a digest before its time', async () => {
  const { delivery, seen, pass } = rig({ digest: 60 });
  delivery.add(alert('a'));
  delivery.finish();
  await pass(1);
  assert.deepEqual(seen, ['0: a: sent', 'idle']);
});
