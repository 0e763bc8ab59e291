/** A part of the status of a large farm: what is written when, so that nobody who asks waits for it. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { createPart } from '../../src/control/part.js';
import type { Part } from '../../src/control/part.js';

interface Shown {
  readonly wallTime: number;
  readonly toJSON: () => unknown;
}

/** A part that remembers of which pictures the text was written. */
function part(): { readonly part: Part<Shown>; readonly written: readonly number[] } {
  const written: number[] = [];
  const read = ({ wallTime }: { readonly wallTime: number }): Shown => ({
    wallTime,
    toJSON: () => {
      written.push(wallTime);
      return { wallTime };
    },
  });
  return { part: createPart<'checkers', Shown>(read, () => []), written };
}

/** Too large to be read while somebody waits. */
function picture(wallTime: number): string {
  return JSON.stringify({ takenAt: 1, wallTime, shown: {}, filler: 'x'.repeat(500_000) });
}

async function readOf(of: Part<Shown>, wallTime: number): Promise<void> {
  for (const end = performance.now() + 30_000; of.view()?.status.wallTime !== wallTime; ) {
    assert.ok(performance.now() < end, 'the newest picture is never read');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('the text of a large picture is written before it is asked for again, and once', async () => {
  const { part: asked, written } = part();
  const now = Date.now();
  asked.put(picture(now));
  assert.equal(asked.view()?.json(), `{"wallTime":${now}}`);
  asked.put(picture(now + 1));
  await readOf(asked, now + 1);
  assert.deepEqual(written, [now, now + 1]);
  assert.equal(asked.view()?.json(), `{"wallTime":${now + 1}}`);
  assert.deepEqual(written, [now, now + 1]);
});

test('the text that nobody has asked for is not written', async () => {
  const { part: seen, written } = part();
  const now = Date.now();
  seen.put(picture(now));
  seen.view();
  seen.put(picture(now + 1));
  await readOf(seen, now + 1);
  assert.deepEqual(written, []);
});
