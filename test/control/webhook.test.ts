/** What a webhook posts and when, on a virtual clock, and how it is signed. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';

import type { ControlEvent } from '../../src/control/status.js';
import { createWebhookSender, signed, wants } from '../../src/control/webhook.js';
import type { Webhook, WebhookSender } from '../../src/control/webhook.js';
import type { PostOutcome } from '../../src/io/poster.js';
import { virtualTimers } from '../support/virtual-timers.js';

const HOOK: Webhook = { url: 'http://127.0.0.1/', director: 'lb1', events: ['all'], timeout: 5, batch: 1, retry: 60, after: 0 };

interface Rig {
  readonly sender: WebhookSender;
  readonly seen: string[];
  answer: PostOutcome;
  readonly pass: (seconds: number) => Promise<void>;
  readonly event: (id: number) => ControlEvent;
}

function rig(settings: Partial<Webhook> = {}): Rig {
  const seen: string[] = [];
  const { now, after, pass } = virtualTimers();
  const made: Rig = {
    seen,
    answer: { type: 'answered', status: 204 },
    sender: createWebhookSender(
      { ...HOOK, ...settings },
      {
        post: (_, body) => {
          const { events, lost } = JSON.parse(body) as { readonly events: readonly ControlEvent[]; readonly lost: number };
          seen.push(`${now() / 1_000}: ${events.map(({ id }) => id).join(' ')}${lost === 0 ? '' : `, ${lost} lost`}`);
          return Promise.resolve(made.answer);
        },
        onDone: (id) => seen.push(`done ${id}`),
        tell: (note) => seen.push(JSON.stringify(note)),
        now,
        after,
      },
    ),
    pass,
    event: (id) => ({ id, time: new Date(now()).toISOString(), process: 'vrrp', level: 'info', event: 'stateChanged', text: '', fields: {} }),
  };
  return made;
}

test('events of one batch go in one request, and what comes later in the next', async () => {
  const { sender, seen, pass, event } = rig();
  sender.hear([event(1), event(2)]);
  await pass(0.5);
  sender.hear([event(3)]);
  await pass(1);
  sender.hear([event(4)]);
  await pass(2);
  assert.deepEqual(seen, ['1: 1 2 3', 'done 3', '2.5: 4', 'done 4']);
});

test('a server that fails is asked again, ever more slowly, and told what was lost meanwhile', async () => {
  const one = rig({ retry: 10 });
  one.answer = { type: 'answered', status: 500 };
  one.sender.hear([one.event(1)]);
  await one.pass(12);
  assert.deepEqual(one.seen, ['1: 1', '{"type":"failing","reason":"status 500"}', '2: 1', '4: 1', '8: 1']);
  one.sender.hear([one.event(2)]);
  one.answer = { type: 'answered', status: 200 };
  await one.pass(60);
  assert.deepEqual(one.seen.slice(5), ['16: 2, 1 lost', '{"type":"works","lost":1}', 'done 2']);
});

test('what a server refuses is not posted again', async () => {
  const one = rig();
  one.answer = { type: 'answered', status: 410 };
  one.sender.hear([one.event(1)]);
  await one.pass(100);
  assert.deepEqual(one.seen, ['1: 1', '{"type":"refused","status":410,"count":1}', 'done 1']);
});

test('no more than a thousand events wait', async () => {
  const one = rig({ retry: 3_600 });
  one.answer = { type: 'failed', reason: 'ECONNREFUSED' };
  one.sender.hear(Array.from({ length: 1_500 }, (_, i) => one.event(i + 1)));
  await one.pass(1);
  one.answer = { type: 'answered', status: 200 };
  await one.pass(1);
  const posts = one.seen.filter((line) => /^\d+: /.test(line));
  assert.match(posts[1] ?? '', /^2: 501 .*, 500 lost$/);
  assert.equal(posts.length, 11);
});

test('the end of the process waits for no pause', async () => {
  const one = rig();
  one.sender.hear([one.event(1)]);
  let finished = false;
  one.sender.finish(() => {
    finished = true;
  });
  await one.pass(0.1);
  assert.deepEqual([one.seen, finished], [['0: 1', 'done 1'], true]);
});

test('events are chosen by name and by level, and those posted by an earlier process are left out', async () => {
  const { event } = rig();
  const warning: ControlEvent = { ...event(1), event: 'driftFound', level: 'warn' };
  assert.deepEqual([wants({ events: ['warn'] }, warning), wants({ events: ['error'] }, warning), wants({ events: ['driftFound'] }, warning), wants({ events: ['stateChanged'] }, warning)], [true, false, true, false]);
  const one = rig({ after: 5 });
  one.sender.hear([one.event(5), one.event(6)]);
  await one.pass(2);
  assert.deepEqual(one.seen, ['1: 6', 'done 6']);
});

test('the signature is the HMAC-SHA256 of time and body', () => {
  const expected = createHmac('sha256', 'key').update('1700000000.{}').digest('hex');
  assert.deepEqual(signed('key', 1_700_000_000, '{}'), { 'X-Holdfast-Timestamp': '1700000000', 'X-Holdfast-Signature': `sha256=${expected}` });
  assert.deepEqual(signed(undefined, 1_700_000_000, '{}'), { 'X-Holdfast-Timestamp': '1700000000' });
});
