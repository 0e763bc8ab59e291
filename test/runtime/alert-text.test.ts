/** Mails about checks, word for word. */

import assert from 'node:assert/strict';
import test from 'node:test';

import type { MailCause } from '../../src/health/events.js';
import { poolAlert } from '../../src/runtime/alert-text.js';

const WHO = { type: 'mail', server: '[192.0.2.13]:tcp:25', virtualServer: '[192.0.2.100]:tcp:25' } as const;

function body(cause: MailCause): string {
  return poolAlert({ ...WHO, up: false, cause }).body;
}

test('a mail about a mail server says what was wrong with it', () => {
  const failed = { type: 'checkFailed', check: 'SMTP_CHECK' } as const;
  assert.equal(body({ ...failed, failure: { type: 'badBanner' } }), '=> CHECK failed on service : Bad greeting banner from server [192.0.2.13]:25 <=');
  assert.equal(body({ ...failed, failure: { type: 'readTimeout' } }), '=> CHECK failed on service : Read timeout from server [192.0.2.13]:25 <=');
  assert.equal(body({ type: 'checkPassed', check: 'SMTP_CHECK' }), '=> CHECK succeed on service <=');
});
