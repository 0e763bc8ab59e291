/**
 * What a daemon leaves to the one that takes its place at a restart: files that are read once. They are worth nothing after a
 * boot, or to a program that has another idea of what is in them.
 */

import { readFileSync, renameSync, rmSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';

import type { Micros } from '../../base/time.js';
import { micros } from '../../base/time.js';
import { openClock } from '../../io/clock.js';
import { errorCodeOf, readOwnFile, writeFileSafely } from '../../io/files/files.js';

/** Another number whenever the shape of anything that is kept changes. */
export const BEQUEST_FORMAT = 3;

/** Keys of authentication are among it. */
const ONLY_FOR_US = 0o177;

interface Envelope {
  readonly format: number;
  readonly boot: string;
  /** Monotonic, when it was written. */
  readonly at: number;
  readonly content: unknown;
}

export interface FoundBequest {
  readonly content: unknown;
  /** How old it is. */
  readonly age: Micros;
}

/** Answers why it failed, if it did. `content`: plain data, Map and typed arrays. */
export function keepBequest(path: string, content: unknown): string | undefined {
  const envelope: Envelope = { format: BEQUEST_FORMAT, boot: bootId(), at: openClock().now(), content };
  const umask = process.umask(ONLY_FOR_US);
  try {
    return writeFileSafely(path, serialize(envelope).toString('base64'));
  } finally {
    process.umask(umask);
  }
}

/** Takes it away: nobody inherits twice, and of two who try at the same time one does. Undefined when there is none, or none for this program since this boot. */
export function takeBequest(path: string): FoundBequest | undefined {
  const taken = `${path}.${process.pid}`;
  try {
    renameSync(path, taken);
  } catch (error) {
    if (errorCodeOf(error) !== 'ENOENT') rmSync(path, { force: true });
    return undefined;
  }
  const found = findBequest(taken);
  rmSync(taken, { force: true });
  return found;
}

/** Looks at it, and leaves it to whoever takes it. */
export function findBequest(path: string): FoundBequest | undefined {
  const envelope = readEnvelope(path);
  if (!isEnvelope(envelope) || envelope.format !== BEQUEST_FORMAT || envelope.boot !== bootId()) return undefined;
  const age = openClock().now() - envelope.at;
  return age < 0 ? undefined : { content: envelope.content, age: micros(age) };
}

function readEnvelope(path: string): unknown {
  try {
    return deserialize(Buffer.from(readOwnFile(path), 'base64'));
  } catch {
    return undefined;
  }
}

function isEnvelope(value: unknown): value is Envelope {
  return typeof value === 'object' && value !== null && 'format' in value && 'boot' in value && 'at' in value && typeof value.at === 'number' && 'content' in value;
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
