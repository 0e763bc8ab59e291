/** A mistyped command starts no daemon. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { holdfast } from './command.js';

test('a first word that is no command is refused with the one that was meant, and nothing is started', () => {
  assert.deepEqual(holdfast(['statsu', '--json']), {
    status: 2,
    output: '',
    errors: 'There is no command statsu: did you mean status? holdfast help lists all; options of the daemon begin with a dash.\n',
  });
  assert.match(holdfast(['frobnicate']).errors, /^There is no command frobnicate\. holdfast help lists all/);
});
