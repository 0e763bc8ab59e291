/** Asks a program of the machine and waits for its answer: for operators' commands only, never in the daemon, where nobody waits. */

import { spawnSync } from 'node:child_process';

/** Milliseconds. */
const PATIENCE = 10_000;
/** Bytes. */
const MOST = 256 * 1_024 * 1_024;

export interface ToolAnswer {
  /** Undefined when it could not be run, was killed or took longer than ten seconds. */
  readonly status: number | undefined;
  readonly output: string;
  /** Or why it could not be run. */
  readonly errors: string;
}

export function runTool(program: string, words: readonly string[]): ToolAnswer {
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8', timeout: PATIENCE, maxBuffer: MOST, stdio: ['ignore', 'pipe', 'pipe'] });
  if (error !== undefined) return { status: undefined, output: '', errors: `${program} cannot be run: ${error.message}` };
  return { status: status ?? undefined, output: stdout, errors: stderr.trim() };
}
