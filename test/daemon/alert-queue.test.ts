import assert from 'node:assert/strict';
import test from 'node:test';

import { AlertQueue } from '../../src/daemon/mail/alert-queue.js';

function queue(count: number): AlertQueue {
  const filled = new AlertQueue();
  for (let i = 1; i <= count; i += 1) filled.add({ subject: `server ${i}`, body: `=> ${i} <=` });
  return filled;
}

test('a few alerts are mailed one by one, in order', () => {
  const few = queue(10);
  const subjects = Array.from({ length: 11 }, () => few.next()?.subject);
  assert.deepEqual(subjects, [...Array.from({ length: 10 }, (_, i) => `server ${i + 1}`), undefined]);
});

test('many alerts become one mail that holds them all, and what is too much is counted', () => {
  const many = queue(11);
  const mail = many.next();
  assert.equal(mail?.subject, '11 alerts, the last: server 11');
  assert.equal(mail.body.split('\n').length, 11);
  assert.equal(many.next(), undefined);
  assert.equal(many.isEmpty, true);
  const flood = queue(1_005).next();
  assert.match(flood?.subject ?? '', /^1005 alerts/);
  assert.match(flood?.body ?? '', /\nand 5 more$/);
});
