/** Every numeric row of the tables at the borders of its range: what stands just inside is taken, what is just outside is said. */

import assert from 'node:assert/strict';
import test, { after } from 'node:test';

import { exampleOf } from '../../src/cli/example-line.js';
import { languageBlocks } from '../../src/cli/language.js';
import type { LanguageBlock, LanguageWord } from '../../src/cli/language.js';
import { definitionsFor, inPlace, usesOf } from '../support/manual-places.js';
import { NEWER_KEYWORDS } from './differential-exceptions.js';
import { agree, compare, describe } from './generator/compare.js';
import { MAIN } from './generator/text.js';
import { openKeepalived } from './keepalived.js';
import { load } from './support.js';

interface Row {
  readonly block: LanguageBlock;
  readonly word: LanguageWord;
  readonly min: number;
  readonly max: number;
}

/** Rows of which a whole line is the keyword and one number. */
const ROWS: readonly Row[] = languageBlocks().flatMap((block) =>
  block.words.flatMap((word) => {
    const { keyword, syntax, min, max = Number.MAX_SAFE_INTEGER } = word;
    return keyword !== undefined && min !== undefined && /^\[?(N|SECS|MS|PORT)\]?$/.test(syntax) ? [{ block, word, min, max }] : [];
  }),
);

interface Trial {
  readonly name: string;
  readonly text: string;
  /** Where the number stands. */
  readonly place: string;
  readonly inside: boolean;
}

function trialsOf(row: Row): readonly Trial[] {
  const { min, max } = row;
  const top = max > 1e12 ? [] : [trial(row, String(max), true), trial(row, String(Math.floor(max) + 1), false)];
  return [trial(row, String(min), true), trial(row, String(min - 1), false), ...top];
}

function trial({ block, word }: Row, number: string, inside: boolean): Trial {
  const { name } = word;
  const line = `${name} ${number}`;
  const example = (exampleOf(word) ?? '').replace(new RegExp(`^${name}( \\S+)?$`, 'm'), line);
  assert.ok(example.split('\n').includes(line), `${name}: ${example}`);
  const placed = inPlace(block, example);
  const outermost = block.path[0] ?? name;
  const text = `${definitionsFor(outermost, placed)}${placed}\n${usesOf(outermost)}`;
  const lines = text.split('\n');
  const at = lines.findIndex((candidate) => candidate.trim() === line);
  return { name: `${block.path.join('/')} ${line}`, text, place: `${at + 1}:${(lines[at] ?? '').indexOf(line) + name.length + 2}`, inside };
}

const TRIALS = ROWS.flatMap(trialsOf);

/** A number that is no good by itself, not for what stands elsewhere. */
const REFUSALS: ReadonlySet<string> = new Set(['HF-311', 'HF-312', 'HF-314', 'HF-512']);

/** Least numbers that are understood and told of all the same, and why. */
const TOLD: Readonly<Record<string, string>> = {
  'global_defs smtp_connect_timeout 0': '1 s is used instead',
  'vrrp_script interval 0': '1 s is used instead',
  'vrrp_script timeout 0': '1 s is used instead',
  'vrrp_instance advert_int 0.01': 'version 2, which the example has, knows whole seconds only',
};

/** Where 2.2.7 has another range than 2.4.3. */
const OTHER_RANGES: ReadonlySet<string> = new Set(['garp_group gna_interval 4294.967295', 'garp_group garp_interval 4294.967295']);

test('a number at the border of its range is taken, one beyond it is reported where it stands', () => {
  const wrong: string[] = [];
  for (const { name, text, place, inside } of TRIALS) {
    const found = load(text).diagnostics.filter(({ code, at }) => REFUSALS.has(code) && `${at.line}:${at.column}` === place);
    if (found.length !== (inside && !(name in TOLD) ? 0 : 1)) wrong.push(`${name}: ${found.map(({ code, message }) => `${code} ${message}`).join('; ') || 'nothing is said'}`);
  }
  assert.ok(wrong.length === 0, `${wrong.length} of ${TRIALS.length}\n${wrong.join('\n')}`);
  assert.ok(ROWS.length > 150, String(ROWS.length));
});

const keepalived = openKeepalived('borders');
after(() => keepalived.close());

test('keepalived judges the borders alike', { timeout: 300_000 }, async () => {
  const different: string[] = [];
  // A row that many blocks share is judged in the first of them.
  const pending = [...new Map(ROWS.filter(({ word }) => word.own !== true).reverse().map((row) => [row.word.keyword, row])).values()]
    .flatMap(trialsOf)
    .filter(({ name, text }) => !OTHER_RANGES.has(name) && !NEWER_KEYWORDS.some((word) => text.includes(word)));
  async function work(): Promise<void> {
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const comparison = await compare(keepalived, { [MAIN]: next.text });
      if (!agree(comparison)) different.push(`=== ${next.name}\n${describe(comparison)}`);
    }
  }
  await Promise.all([work(), work(), work()]);
  assert.ok(different.length === 0, `${different.length}\n${different.join('\n')}`);
});
