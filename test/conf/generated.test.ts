/**
 * The verdict of `-t` on generated configurations against that of the keepalived installed here (2.2.7). A difference is
 * shrunk and printed with its seed; `SEED=N COUNT=N node --test dist/test/conf/generated.test.js` tries others.
 */

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { topLevel } from '../../src/conf/keywords/top-level.js';
import { EXCEPTIONS } from './differential-exceptions.js';
import { createChoices } from './generator/choices.js';
import { agree, compare, describe, shrink } from './generator/compare.js';
import type { Comparison } from './generator/compare.js';
import { generateConfiguration } from './generator/configuration.js';
import { DEMANDS } from './generator/demands.js';
import { mutate } from './generator/mutations.js';
import { MAIN } from './generator/text.js';
import type { Files } from './generator/text.js';
import { wordsOf } from './generator/words.js';
import { openKeepalived } from './keepalived.js';

const FIRST_SEED = Number(process.env['SEED'] ?? 1);
const COUNT = Number(process.env['COUNT'] ?? 2_000);

/**
 * Of all configurations so many may be excepted, so that the list of exceptions cannot swallow the test. Words of our own
 * do not count: each has to be written, and keepalived knows none.
 */
const MOST_EXCEPTED = 0.08;

const keepalived = openKeepalived('generated');
after(() => keepalived.close());

const WORDS = wordsOf(topLevel);
const written = new Set<string>();

/** Each with another keyword that must be in it. Three of five as generated, the others with one slip of the editor. */
function configurationOf(seed: number): Files {
  const choices = createChoices(seed);
  const files = generateConfiguration(choices, DEMANDS[seed % DEMANDS.length] ?? [], written);
  return choices.chance(0.6) ? files : { ...files, [MAIN]: mutate(choices, files[MAIN] ?? '', WORDS) };
}

function exceptionFor(comparison: Comparison): string | undefined {
  return EXCEPTIONS.find(({ holds }) => holds(comparison))?.name;
}

test('generated configurations get the verdict that keepalived gives', { timeout: 600_000 }, async (t) => {
  const different: string[] = [];
  const excepted = new Map<string, number>();
  const verdicts = new Map<number | undefined, number>();
  const pending = Array.from({ length: COUNT }, (_, i) => FIRST_SEED + i);
  async function work(): Promise<void> {
    for (let seed = pending.pop(); seed !== undefined && different.length < 20; seed = pending.pop()) {
      const comparison = await compare(keepalived, configurationOf(seed));
      verdicts.set(comparison.theirs.status, (verdicts.get(comparison.theirs.status) ?? 0) + 1);
      if (agree(comparison)) continue;
      const exception = exceptionFor(comparison);
      if (exception === undefined) {
        const smallest = await shrink(keepalived, comparison, (smaller) => exceptionFor(smaller) === undefined);
        different.push(`=== SEED=${seed}\n${describe(smallest)}`);
      } else excepted.set(exception, (excepted.get(exception) ?? 0) + 1);
    }
  }
  await Promise.all([work(), work(), work()]);
  t.diagnostic(`keepalived's verdicts: ${JSON.stringify(Object.fromEntries(verdicts))}, excepted: ${JSON.stringify(Object.fromEntries(excepted))}`);
  assert.equal(different.length, 0, `${different.length} differences\n${different.join('\n')}`);
  excepted.delete('word of holdfast');
  const sum = [...excepted.values()].reduce((a, b) => a + b, 0);
  assert.ok(sum <= COUNT * MOST_EXCEPTED, `${sum} of ${COUNT} are excepted`);
  // A generator that writes nothing but rubbish, or nothing but clean files, would prove nothing.
  for (const status of [0, 5]) assert.ok((verdicts.get(status) ?? 0) > COUNT / 5, `${verdicts.get(status) ?? 0} of ${COUNT} have status ${status}`);
});

test('every keyword and every option of a line stands in one of the generated configurations', () => {
  assert.ok(COUNT >= DEMANDS.length, `${DEMANDS.length} keywords`);
  const missing = DEMANDS.map((demand) => demand.at(-1) ?? '').filter((name) => !written.has(name));
  assert.deepEqual(missing, []);
});
