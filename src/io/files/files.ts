/** Files for people (dumps, statistics) written where others may have planted something. */

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';

/**
 * Puts `text` at `path` as a new file, complete or not at all. Others may read it as far as the umask lets them (keepalived's
 * own: not at all), nobody else ever writes to it. It is written under a name nobody can guess
 * in the same directory and renamed, so links, pipes and open files of others at `path` see nothing. Returns the error's
 * code when that fails.
 */
export function writeFileSafely(path: string, text: string): string | undefined {
  const temporary = `${path}.${randomBytes(8).toString('hex')}`;
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  let fd: number;
  try {
    fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
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
 * Opens `path` for appending, made with mode 0600 if need be. Throws what node:fs throws, ELOOP for a symbolic link and EPERM
 * for what is no plain file of this user with one name: the usual place is a directory everybody writes to.
 */
export function openForAppending(path: string): number {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
  const fd = openSync(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0o600);
  const status = fstatSync(fd);
  if (status.isFile() && status.uid === process.geteuid?.() && status.nlink === 1) return fd;
  closeSync(fd);
  throw Object.assign(new Error(`${path} is not a plain file of ours`), { code: 'EPERM' });
}

/**
 * The text of a file that this daemon wrote for itself. Throws what node:fs throws, and EPERM for what is no plain file of
 * this user that nobody else may write: somebody else's words are not obeyed, and no pipe is waited for.
 */
export function readOwnFile(path: string): string {
  const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const status = fstatSync(fd);
    const isOurs = status.isFile() && status.uid === process.geteuid?.() && (status.mode & 0o022) === 0;
    if (!isOurs) throw Object.assign(new Error(`${path} is not a plain file of ours`), { code: 'EPERM' });
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/**
 * Writes findings where an operator wants them: behind what is there (`append`) or in its place. Devices (/dev/null,
 * /dev/stderr) are written to as they are. Returns the error's code when that fails.
 */
export function writeReport(path: string, text: string, { append }: { readonly append: boolean }): string | undefined {
  let fd: number | undefined;
  try {
    fd = path.startsWith('/dev/') ? openSync(path, 'a') : openForAppending(path);
    if (!append && fstatSync(fd).isFile()) ftruncateSync(fd);
    writeFileSync(fd, text);
    return undefined;
  } catch (error) {
    return errorCodeOf(error);
  } finally {
    if (fd !== undefined) closeSync(fd);
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
