/** What is said to a mail server, and which of its replies are taken. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { SMTP_OPENING, type SmtpDialogue, hearSmtp } from '../../src/health/smtp-dialogue.js';

/** What is said while `replies` come, each in pieces of `size`, and how it ends: `passed`, a failure's type, or `listening`. */
function talk(replies: readonly string[], size = 1_000): readonly string[] {
  const said: string[] = [];
  let dialogue: SmtpDialogue = SMTP_OPENING;
  for (const reply of replies) {
    for (let at = 0; at < reply.length; at += size) {
      const turn = hearSmtp(dialogue, reply.slice(at, at + size), 'mx.example.org');
      if (turn.type === 'over') return [...said, turn.failure?.type ?? 'passed'];
      dialogue = turn.dialogue;
      if (turn.type === 'listening') continue;
      said.push(turn.line);
      break;
    }
  }
  return [...said, 'listening'];
}

const HELO = 'HELO mx.example.org\r\n';
const QUIT = 'QUIT\r\n';

test('a mail server is greeted, taken leave of, and passes with whatever it says then', () => {
  for (const goodbye of ['221 bye\r\n', '500 what?\r\n', '\r\n']) {
    assert.deepEqual(talk(['220 mx ESMTP\r\n', '250 mx\r\n', goodbye]), [HELO, QUIT, 'passed']);
  }
  assert.deepEqual(talk(['220\n', '250\n', '221\n']), [HELO, QUIT, 'passed'], 'a bare code and a bare line end');
});

test('a reply of several lines is one reply', () => {
  assert.deepEqual(talk(['220-mx\r\n220-no spam\r\n220 ESMTP\r\n', '250-mx\r\n250 HELP\r\n', '221 bye\r\n']), [HELO, QUIT, 'passed']);
  assert.deepEqual(talk(['220-mx\r\n220-more\r\n']), ['listening'], 'as long as it is not over nothing is said');
});

test('a reply in any pieces is the same reply', () => {
  for (let size = 1; size <= 20; size += 1) {
    assert.deepEqual(talk(['220-mx\r\n220 ESMTP\r\n', '250 mx\r\n', '221 bye\r\n'], size), [HELO, QUIT, 'passed'], `pieces of ${size}`);
  }
});

test('another code, another form, or lines that do not agree fail at once', () => {
  for (const banner of ['554 no\r\n', '421-no\r\n', 'hello\r\n', '2200 mx\r\n', '220mx\r\n', '\r\n', ' 220 mx\r\n', '220-mx\r\n554 no\r\n']) {
    assert.deepEqual(talk([banner]), ['badBanner'], JSON.stringify(banner));
  }
  assert.deepEqual(talk(['220 mx\r\n', '550 go away\r\n']), [HELO, 'badHelo']);
  assert.deepEqual(talk(['220 mx\r\n', '220 mx\r\n']), [HELO, 'badHelo']);
});

test('a reply without end is given up', () => {
  assert.deepEqual(talk(['2'.repeat(100_000)]), ['badBanner']);
  assert.deepEqual(talk(['220-x\r\n'.repeat(10_000)]), ['badBanner']);
  assert.deepEqual(talk(['220 mx\r\n', '250-x\r\n'.repeat(10_000)]), [HELO, 'badHelo']);
});
