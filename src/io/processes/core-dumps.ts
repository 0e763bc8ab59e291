/**
 * Core dumps of this process and of those it starts (--core-dump, --core-dump-pattern). Scripts keep the limit that there was
 * before: process.c reads it off the environment.
 */

import { readFileSync, writeFileSync } from 'node:fs';

import { errorCodeOf } from '../files/files.js';
import { errorCode } from '../kernel-error.js';
import { loadAddon } from '../native.js';

interface CoreAddon {
  allowCoreDumps(): number;
}

const PATTERN = '/proc/sys/kernel/core_pattern';
/** They pass to children, and to the program that a restart in place becomes: what was there before is known once. */
const LIMIT_BEFORE = 'HOLDFAST_CORE_LIMIT';
const PATTERN_BEFORE = 'HOLDFAST_CORE_PATTERN';

/** What the system refused, such as `EPERM`. */
export function allowCoreDumps(): string | undefined {
  const before = /^Max core file size +(\S+) +(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  const result = (loadAddon() as CoreAddon).allowCoreDumps();
  if (result < 0) return errorCode(result);
  process.env[LIMIT_BEFORE] ??= `${before?.[1] ?? '0'} ${before?.[2] ?? 'unlimited'}`;
  return undefined;
}

/** Sets the pattern of the whole machine (core(5)); it is put back when this process ends. What the system refused. */
export function setCorePattern(pattern: string): string | undefined {
  try {
    const before = (process.env[PATTERN_BEFORE] ??= readFileSync(PATTERN, 'utf8').trimEnd());
    writeFileSync(PATTERN, pattern);
    process.on('exit', () => putBack(before));
    return undefined;
  } catch (error) {
    return errorCodeOf(error);
  }
}

function putBack(pattern: string): void {
  try {
    writeFileSync(PATTERN, pattern);
  } catch {
    // It could be written before; who took that right away since wants it so.
  }
}
