/** Coverage-guided fuzzing of the whole loader, and texts made to explode. `npm run fuzz` goes on for longer. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import { BOMBS } from './bombs.js';
import { runFuzzer } from './fuzzer.js';

const EXECUTIONS = Number(process.env['EXECUTIONS'] ?? 200_000);
const SEED = Number(process.env['SEED'] ?? 1);

test('no text crashes or hangs the loader, and every finding lies inside the text', { timeout: 1_200_000 }, async (t) => {
  const outcomes = await runFuzzer({ seed: SEED, executions: EXECUTIONS, threads: 2 });
  const failures = outcomes.flatMap((outcome) => outcome.failures);
  assert.deepEqual(failures.map(({ text, error }) => `${error}\n${JSON.stringify(text)}`), []);
  for (const { executions, branches, cells } of outcomes) {
    t.diagnostic(`${executions} executions reached ${branches} of ${cells} branches`);
    // A target that is not instrumented, or refuses everything at once, would pass too.
    assert.ok(branches > cells / 2, `${branches} of ${cells} branches`);
  }
  assert.ok(outcomes.reduce((sum, { executions }) => sum + executions, 0) >= EXECUTIONS);
});

/** CPU seconds and MiB that a bomb of up to 1 MiB may cost a process, the process itself included. */
const LIMIT = { seconds: 2, mebibytes: 256 };

test('texts made to explode end soon, with little memory and with a finding', { timeout: 600_000 }, () => {
  for (const name of Object.keys(BOMBS)) {
    const program = new URL('./detonate.js', import.meta.url).pathname;
    const output = execFileSync(process.execPath, [program, name], { encoding: 'utf8', timeout: 120_000 });
    const { seconds, mebibytes, findings } = JSON.parse(output) as Record<'seconds' | 'mebibytes' | 'findings', number>;
    assert.ok(findings > 0 && findings <= 10_002, `${name}: ${findings} findings`);
    assert.ok(seconds <= LIMIT.seconds, `${name}: ${seconds} s of CPU`);
    assert.ok(mebibytes <= LIMIT.mebibytes, `${name}: ${mebibytes} MiB`);
  }
});
