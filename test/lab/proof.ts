/**
 * The bridge between a script inside a lab and the test suite outside: inside, `prove` runs one named proof and
 * reports it as a line of output; outside, `proveInLab` runs the script and makes a test of every proof.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import type { LabOptions } from './lab.js';
import { CHECKOUT, runInLab } from './lab.js';

interface ProofResult {
  readonly name: string;
  readonly error?: string;
}

/** Seconds that any lab may take at least, whatever it asks for: a busy machine is no defect. Its own number says what it takes on a quiet one. */
const PATIENCE = 900;

const MARK = '@proof ';
const END = '@end of proofs';

/** Inside: runs `body` and reports whether it held. A failure does not keep later proofs from running. */
export async function prove(name: string, body: () => Promise<void>): Promise<void> {
  let result: ProofResult = { name };
  try {
    await body();
  } catch (error) {
    result = { name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.stdout.write(MARK + JSON.stringify(result) + '\n');
}

/** Inside: the last thing a script does. Programs that still run end with the lab. */
export function endProofs(): never {
  process.stdout.write(END + '\n');
  process.exit(0);
}

/** Outside: runs the compiled script `dist/test/lab/SCRIPT` in a lab and makes a test of each of its proofs. */
export function proveInLab(title: string, script: string, options: LabOptions = {}): void {
  test(title, async (context) => {
    const patient = { ...options, timeout: Math.max(options.timeout ?? 0, PATIENCE) };
    const { status, output } = await runInLab(join(CHECKOUT, 'dist/test/lab', script), patient);
    const lines = output.split('\n');
    const results = lines.filter((line) => line.startsWith(MARK)).map((line) => JSON.parse(line.slice(MARK.length)) as ProofResult);
    for (const { name, error } of results) {
      await context.test(name, () => assert.equal(error, undefined, error));
    }
    assert.ok(status === 0 && results.length > 0 && lines.includes(END), `the lab ended early, status ${status}:\n${output}`);
  });
}
