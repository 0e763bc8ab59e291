/** Searching away from the loop: a pattern that takes for ever costs nobody else their answer. */

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import { translatePattern } from '../../src/conf/pcre.js';
import type { BodyPattern } from '../../src/health/config-check.js';
import { type BodySearcher, openBodySearcher } from '../../src/io/probes/body-searcher.js';
import type { BodyPiece } from '../../src/io/probes/find-pattern.js';
import { until } from './support/until.js';

function pattern(source: string): BodyPattern {
  return { pattern: source, source, flags: '', mustNotMatch: false, minOffset: 0, firstLine: false };
}

/** What looks ahead cannot be searched in linear time. */
const EVIL = '^(?=(a+)+$)';
const EVIL_BODY = whole(`${'a'.repeat(60)}!`);

function whole(text: string): BodyPiece {
  return { bytes: Buffer.from(text), base: 0, from: 0, until: 0, last: true };
}

function open(t: TestContext): BodySearcher {
  const searcher = openBodySearcher();
  t.after(searcher.close);
  return searcher;
}

test('searches are answered one and all, never before they were asked', async (t) => {
  const searcher = open(t);
  const answers = new Map<number, string>();
  for (let id = 0; id < 200; id += 1) {
    searcher.search(id, pattern('ok$'), whole(id % 2 === 0 ? 'ok' : 'no'), (outcome) => answers.set(id, outcome));
  }
  assert.equal(answers.size, 0);
  await until(() => answers.size === 200);
  assert.ok([...answers].every(([id, outcome]) => outcome === (id % 2 === 0 ? 'found' : 'missing')));
});

test('an evil pattern is given up while the loop turns and others are answered', async (t) => {
  const searcher = open(t);
  const evil = pattern(EVIL);
  const outcomes: string[] = [];
  let turns = 0;
  const turning = setInterval(() => (turns += 1), 5);
  t.after(() => clearInterval(turning));
  searcher.search(1, evil, EVIL_BODY, (outcome) => outcomes.push(`evil ${outcome}`));
  searcher.search(2, pattern('ok'), whole('ok'), (outcome) => outcomes.push(`good ${outcome}`));
  await until(() => outcomes.length === 2);
  assert.deepEqual([...outcomes].sort(), ['evil tooSlow', 'good found']);
  assert.ok(turns > 20, String(turns));
  searcher.search(3, evil, EVIL_BODY, (outcome) => outcomes.push(`again ${outcome}`));
  searcher.search(4, evil, whole('aaa'), (outcome) => outcomes.push(`harmless ${outcome}`));
  searcher.search(5, pattern('ok'), whole('ok'), (outcome) => outcomes.push(`good ${outcome}`));
  await until(() => outcomes.length === 5);
  assert.deepEqual(outcomes.slice(2).sort(), ['again tooSlow', 'good found', 'harmless found']);
});

test('a pattern that only goes astray in one way of searching is answered in another', async (t) => {
  const searcher = open(t);
  const translated = translatePattern('^(a+)+$', new Set());
  assert.ok(translated.ok);
  const astray = pattern(translated.source);
  const outcomes = new Map<string, string>();
  searcher.search(1, astray, whole(`${'a'.repeat(60_000)}!`), (outcome) => outcomes.set('not all', outcome));
  searcher.search(2, astray, whole('a'.repeat(60_000)), (outcome) => outcomes.set('all', outcome));
  await until(() => outcomes.size === 2);
  assert.deepEqual([outcomes.get('not all'), outcomes.get('all')], ['missing', 'found']);
});

test('a cancelled search is not answered, and the next one is', async (t) => {
  const searcher = open(t);
  const answered: number[] = [];
  for (const id of [1, 2, 3]) searcher.search(id, pattern('ok'), whole('ok'), () => answered.push(id));
  searcher.cancel(1);
  searcher.cancel(2);
  await until(() => answered.length > 0);
  assert.deepEqual(answered, [3]);
});

test('whoever begins goes before those whose bodies go on and on', async (t) => {
  const searcher = open(t);
  const answered: number[] = [];
  const piece = whole('no');
  for (const id of [1, 2, 3]) searcher.search(id, pattern('ok'), { ...piece, base: 1, last: false }, () => answered.push(id));
  searcher.search(4, pattern('ok'), piece, () => answered.push(4));
  await until(() => answered.length === 4);
  assert.deepEqual(answered, [4, 1, 2, 3]);
});
