/** Files for people (dumps, statistics) written where others may have planted something. */

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';

/**
 * Puts `text` at `path` as a new file with mode 0600, complete or not at all: it is written under a name nobody can guess
 * in the same directory and renamed, so links, pipes and open files of others at `path` see nothing. Returns the error's
 * code when that fails.
 */
export function writeFileSafely(path: string, text: string): string | undefined {
  const temporary = `${path}.${randomBytes(8).toString('hex')}`;
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  let fd: number;
  try {
    fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  } catch (error) {
    return errorCodeOf(error);
  }
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
    renameSync(temporary, path);
    return undefined;
  } catch (error) {
    unlinkSync(temporary);
    return errorCodeOf(error);
  } finally {
    closeSync(fd);
  }
}

/**
 * Replaces the content of the file at `path`, complete or not at all: a new file with the old one's owner and mode is written
 * beside it and renamed. A symbolic link stays and what it points at is replaced. Returns the error's code when that fails.
 */
export function replaceFile(path: string, bytes: Uint8Array): string | undefined {
  let temporary: string | undefined;
  let fd: number | undefined;
  try {
    const target = realpathSync(path);
    const { mode, uid, gid } = statSync(target);
    const name = `${target}.${randomBytes(8).toString('hex')}`;
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
    fd = openSync(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    temporary = name;
    for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
    fchownSync(fd, uid, gid);
    fchmodSync(fd, mode & 0o7777);
    fsyncSync(fd);
    renameSync(name, target);
    temporary = undefined;
    return undefined;
  } catch (error) {
    if (temporary !== undefined) unlinkSync(temporary);
    return errorCodeOf(error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** `ENOENT` and the like, of a failed call of node:fs. */
export function errorCodeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
