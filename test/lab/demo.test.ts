/** The demo is a promise to whoever tries holdfast first: it ends by itself and all of it holds. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { CHECKOUT, runInLab } from './lab.js';

test('the demo ends with everything held', async () => {
  const { status, output } = await runInLab(join(CHECKOUT, 'dist/test/lab/scripts/demo.js'), {
    timeout: 900,
    // What holds is asked here, not how fast a busy machine is.
    environment: { LAB_LATENESS: '10' },
  });
  assert.equal(status, 0, output);
  assert.match(output, /All of it held/);
});
