/** Every parser of other people's bytes and values, bent at random. `npm run fuzz -- --parsers` goes on for longer. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { bend } from './parse.js';
import { withParsers } from './parsers.js';

const SEED = Number(process.env['SEED'] ?? 1);
const EXECUTIONS = Number(process.env['EXECUTIONS'] ?? 4_000);

test('whatever comes, no parser throws and none takes long', { timeout: 300_000 }, () => {
  withParsers((parsers) => {
    assert.ok(parsers.length >= 14, `${parsers.length} parsers`);
    for (const parser of parsers) {
      // A target whose seeds are refused would prove little: they are read without complaint, at least.
      for (const seed of parser.seeds) (parser.parse as (input: unknown) => void)(seed);
      const { executions, failures } = bend(parser, { seed: SEED, executions: EXECUTIONS });
      assert.deepEqual(failures, []);
      assert.equal(executions, EXECUTIONS);
    }
  });
});
