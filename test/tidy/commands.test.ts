/** The commands that the README shows, run as they stand there: each ends with the status written behind it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { COMMANDS } from '../../src/cli/commands.js';
import { holdfast } from '../cli/command.js';

const section = /^## Commands\n([^]*?)^## /m.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';
const shown = [...section.matchAll(/^holdfast (.+?) +# (\d)$/gm)].map(([, words = '', status]) => ({ words, status: Number(status) }));

test('the README shows commands, and names no option that they do not have', () => {
  assert.ok(shown.length >= 8, section);
  const help = COMMANDS.map(({ name }) => holdfast(['help', name]).output).join('\n');
  for (const [option] of section.matchAll(/--[a-z-]+/g)) assert.ok(help.includes(option), option);
});

for (const { words, status } of shown) {
  test(`holdfast ${words} ends with status ${status}`, () => {
    const answer = holdfast(words.split(' '));
    assert.equal(answer.status, status, answer.errors);
    assert.ok(answer.output.length > 0);
    assert.equal(answer.errors, '');
  });
}
