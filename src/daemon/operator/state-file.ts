/** Values that shall outlive the daemon, each a file of JSON: written whole or not at all, and read once at the start. */

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

import { errorCodeOf, readOwnFile, writeFileSafely } from '../../io/files/files.js';

/** Makes the directory if need be. Answers why it failed, if it did. */
export function keepState(path: string, value: unknown): string | undefined {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  } catch (error) {
    return errorCodeOf(error);
  }
  return writeFileSafely(path, `${JSON.stringify(value)}\n`);
}

/** What was kept, undefined if there is none. `onProblem` hears why a file cannot be used; that is then as if there were none. */
export function recallState<T>(path: string, isValid: (value: unknown) => value is T, onProblem: (reason: string) => void): T | undefined {
  let text: string;
  try {
    text = readOwnFile(path);
  } catch (error) {
    if (errorCodeOf(error) !== 'ENOENT') onProblem(errorCodeOf(error));
    return undefined;
  }
  const value = parsed(text);
  if (isValid(value)) return value;
  onProblem('not as it was written');
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
