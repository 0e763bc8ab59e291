/** A body searched while it comes gives what the whole body gives, and little of it is held. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';

import fc from 'fast-check';

import type { BodyPattern } from '../../src/health/config-check.js';
import { BodySearch } from '../../src/io/probes/body-search.js';
import { type BodyPiece, type PieceResult, findPattern } from '../../src/io/probes/find-pattern.js';

function pattern(source: string, changes: Partial<BodyPattern> = {}): BodyPattern {
  return { pattern: source, source, flags: '', mustNotMatch: false, minOffset: 0, firstLine: false, ...changes };
}

interface Run {
  readonly outcome: string;
  readonly mostHeld: number;
}

/** Cut into `sizes` again and again; each piece is answered only when the search has to wait for it. */
function searched(wanted: BodyPattern, body: Uint8Array, sizes: readonly number[]): Run {
  const waiting: (() => void)[] = [];
  let mostHeld = 0;
  const ask = (piece: BodyPiece, onDone: (result: PieceResult, milliseconds: number) => void): void => {
    mostHeld = Math.max(mostHeld, piece.bytes.byteLength);
    const result = findPattern(wanted, structuredClone(piece));
    waiting.push(() => onDone(result, 0));
  };
  const search = new BodySearch(wanted, ask);
  const answer = (): void => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next();
  };
  let room = true;
  for (let at = 0, turn = 0; at < body.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    search.add(body.subarray(at, at + size));
    at += size;
    room = !search.mustWait(() => (room = true));
    answer();
    assert.ok(room, 'whoever waits for room gets it');
  }
  const outcomes: string[] = [];
  search.finish((outcome) => outcomes.push(outcome));
  answer();
  assert.equal(outcomes.length, 1);
  return { outcome: outcomes[0] ?? '', mostHeld };
}

function whole(wanted: BodyPattern, body: Uint8Array): string {
  return findPattern(wanted, { bytes: body, base: 0, from: 0, until: body.length, last: true });
}

/** Patterns whose matches, with all they look at, are short. */
const SOURCES = [
  'needle', '^needle', '\\bneedle\\b', '(?<=\\n)needle', 'needle(?![^])', 'n[^x]{0,20}e$', '(?<![^])needle', 'needle\\n?$', '(?!needle)zz', 'ää*', '.needle.', '(?<=x{30})needle',
];

test('any cut of a body gives the answer of the whole body', () => {
  const filler = fc.constantFrom('x', 'x\n', 'lorem ipsum\n', 'ä', '€uro ', 'zz');
  const mark = fc.constantFrom('needle', '\nneedle\n', ' needle ', 'x'.repeat(30) + 'needle', 'ä', '');
  const bodies = fc.tuple(filler, fc.nat({ max: 120_000 }), mark, fc.nat({ max: 60_000 }), mark).map(([text, before, first, between, last]) =>
    Buffer.from(text.repeat(Math.ceil(before / text.length)) + first + text.repeat(Math.ceil(between / text.length)) + last));
  const offsets = fc.record({ minOffset: fc.option(fc.nat({ max: 130_000 }), { nil: 0 }), maxOffset: fc.option(fc.nat({ max: 130_000 }), { nil: undefined }) });
  const flags = fc.constantFrom('', 'm', 'i', 'u', 's');
  const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }).map((n) => n * 811), fc.constant(16_384)), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.constantFrom(...SOURCES), flags, bodies, offsets, fc.boolean(), sizes, (source, flag, body, { minOffset, maxOffset }, firstLine, cut) => {
      const wanted = pattern(source, { flags: flag, minOffset, firstLine, ...(maxOffset === undefined ? {} : { maxOffset }) });
      assert.equal(searched(wanted, body, cut).outcome, whole(wanted, body));
    }),
    { numRuns: 300 },
  );
});

test('of a long body at most 32 KiB are held, and a match of 8 KiB across its pieces is found', () => {
  const filler = 'x'.repeat(999);
  const long = `BEGIN${'-'.repeat(7_900)}END`;
  for (const before of [30_000, 31_000, 32_700, 65_000, 90_123]) {
    const body = Buffer.from(`${filler.repeat(200).slice(0, before)}${long}${filler.repeat(1_000)}`);
    const { outcome, mostHeld } = searched(pattern('BEGIN-*END'), body, [16_384]);
    assert.equal(outcome, 'found', String(before));
    assert.ok(mostHeld <= 32_768, String(mostHeld));
  }
});

test('where one piece ends and the next begins is no place of its own', () => {
  const cases = [['(?<=x{30})needle', 'found'], ['^needle', 'missing'], ['(?<![^])needle', 'missing'], ['\\bneedle', 'missing'], ['needle(?![^])', 'missing'], ['needle$', 'missing']] as const;
  const around = (place: number): number[] => Array.from({ length: 12 }, (_, i) => place - 9 + i);
  for (const before of [...around(24_576), 24_590, ...around(32_768)]) {
    const body = Buffer.from(`${'x'.repeat(before)}needle${'x'.repeat(40_000)}`);
    for (const [source, outcome] of cases) assert.equal(searched(pattern(source), body, [16_384]).outcome, outcome, `${source} at ${before}`);
  }
});

test('the end of a piece is not the end of the body, however long the match before it', () => {
  const body = Buffer.from(`${'a'.repeat(65_000)}!`);
  for (const [source, outcome] of [['(?:^)a+(?:$)', 'missing'], ['(?:^)a+(?:$)|x', 'missing'], ['(?:^)a+', 'found'], ['(?:^)a{3}', 'found'], ['a!', 'found']] as const) {
    assert.equal(whole(pattern(source), body), outcome, source);
    for (const size of [1_024, 16_384, 32_749]) assert.equal(searched(pattern(source), body, [size]).outcome, outcome, `${source} by ${size}`);
  }
});

test('of a body that waits for its search no more is held than 16 KiB and what one reading brings', () => {
  for (const size of [4_096, 16_384, 32_749]) {
    const { mostHeld } = searched(pattern('never'), Buffer.alloc(200_000, 'x'), [size]);
    assert.ok(mostHeld <= 16_384 + size, `${mostHeld} bytes, read by ${size}`);
  }
});

test('a body that is searched for too long is given up', async () => {
  const search = new BodySearch(pattern('x'), (_piece, onDone) => queueMicrotask(() => onDone('more', 2_600)));
  const outcomes: string[] = [];
  search.add(new Uint8Array(40_000));
  search.finish((outcome) => outcomes.push(outcome));
  await setImmediate();
  assert.deepEqual(outcomes, ['tooSlow']);
});

test('what one body was held in serves the next, whether it was judged or abandoned', () => {
  const buffers = new Set<ArrayBufferLike>();
  const done: (() => void)[] = [];
  const body = Buffer.alloc(20_000, 'x');
  for (let turn = 0; turn < 100; turn += 1) {
    const search = new BodySearch(pattern('never'), ({ bytes }, onDone) => {
      buffers.add(bytes.buffer);
      done.push(() => onDone('missing', 0));
    });
    search.add(body);
    if (turn % 2 === 0) search.abandon();
    // The answer for one that was abandoned comes all the same.
    done.pop()?.();
  }
  assert.equal(buffers.size, 1);
});
