/** One program in the place of another under the same process id, and the children that the next one finds there. */

import { readFileSync } from 'node:fs';

import { cString } from '../host-bytes.js';
import { errorCode } from '../kernel-error.js';
import { loadAddon } from '../native.js';

interface ReplaceAddon {
  replaceProgram(path: Uint8Array, argv: Uint8Array, environment: Uint8Array): number;
  watchProcess(pid: number, listener: (ending: number) => void): object | number;
}

/**
 * Becomes `program`, which sees `argv` with its own name first; only the standard descriptors stay open. Returns only when that
 * failed, with the error's code.
 */
export function replaceProgram(program: string, argv: readonly string[], environment: Readonly<Record<string, string | undefined>>): string {
  const variables = Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  return errorCode((loadAddon() as ReplaceAddon).replaceProgram(cString(program), strings(argv), strings(variables)));
}

function strings(words: readonly string[]): Uint8Array {
  return Buffer.concat(words.map(cString));
}

/** The children this process has already when it begins: those of the program before it under this id. */
export function inheritedChildren(): readonly number[] {
  try {
    const text = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
    return text.split(' ').map(Number).filter((pid) => pid > 0);
  } catch {
    // A kernel without CONFIG_PROC_CHILDREN: those who are named elsewhere are known all the same.
    return [];
  }
}

/** Handles that must be held for ends to be heard. */
const watched = new Set<object>();

/** Calls back once when that process has ended, at once when there is none; a child that nobody else takes note of is one. */
export function onProcessEnd(pid: number, ended: () => void): void {
  const handle = (loadAddon() as ReplaceAddon).watchProcess(pid, () => {
    if (typeof handle === 'object') watched.delete(handle);
    ended();
  });
  if (typeof handle === 'number') setImmediate(ended);
  else watched.add(handle);
}
