/** Holdfast's commands as an operator types them on one of the hosts. */

import { spawnSync } from 'node:child_process';

import type { Answer } from '../cli/command.js';
import { HOLDFAST } from './network.js';
import type { Host } from './network.js';

/** `words` behind the program's name. */
export function inside({ namespace }: Pick<Host, 'namespace'>, words: readonly string[], environment: Readonly<Record<string, string>> = {}): Answer {
  const { status, stdout, stderr } = spawnSync('ip', ['netns', 'exec', namespace, ...HOLDFAST, ...words], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', ...environment },
    maxBuffer: 64 * 1_024 * 1_024,
  });
  return { status, output: stdout, errors: stderr };
}
