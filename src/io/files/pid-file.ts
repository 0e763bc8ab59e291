/**
 * The pid file: says which process runs, and by its lock that it runs. The lock belongs to the open file and ends with the
 * process however it ends, so a file left behind never blocks a start, and nobody is signalled by its content.
 */

import {
  type Stats,
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

import { errorCodeOf } from './files.js';
import { errorCode } from '../kernel-error.js';
import { loadAddon } from '../native.js';

interface LockAddon {
  lockFile(fd: number): number;
}

export interface PidFile {
  /** Removes the file if it is still this process's, and gives up the lock. Does nothing a second time. */
  readonly remove: () => void;
}

export type OpenedPidFile =
  | { readonly type: 'opened'; readonly file: PidFile }
  /** Another process holds it: the daemon is already running. */
  | { readonly type: 'locked' }
  | { readonly type: 'failed'; readonly reason: string };

/** How often a file may vanish between opening and locking before that is called a failure. */
const ATTEMPTS = 10;

/** Takes `path` for this process: created if need be (its directory too), mode 0644, content `PID\n`. Never waits. */
export function openPidFile(path: string): OpenedPidFile {
  try {
    const made = mkdirSync(dirname(path), { recursive: true });
    // The daemon's file mode mask would hide the pid files from everybody else.
    if (made !== undefined) chmodSync(dirname(path), 0o755);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const fd = openPlainFile(path);
      const locked = (loadAddon() as LockAddon).lockFile(fd);
      if (locked < 0) {
        closeSync(fd);
        const code = errorCode(locked);
        return code === 'EAGAIN' || code === 'EACCES' ? { type: 'locked' } : { type: 'failed', reason: code };
      }
      // Its last owner may have removed it meanwhile: then the lock is on a file without a name.
      if (isStillAt(path, fd)) return { type: 'opened', file: claim(path, fd) };
      closeSync(fd);
    }
    return { type: 'failed', reason: 'it keeps being replaced' };
  } catch (error) {
    return { type: 'failed', reason: errorCodeOf(error) };
  }
}

/** True while a process holds the lock of `path`: that one runs. Nothing is changed. */
export function isPidFileHeld(path: string): boolean {
  try {
    const fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const locked = (loadAddon() as LockAddon).lockFile(fd);
    closeSync(fd);
    return locked < 0;
  } catch {
    // There is none.
    return false;
  }
}

/**
 * A link, or anything but a plain file with one name, is refused; the content is untouched until the lock is held. A file of
 * somebody else gives way to a new one: its owner could write any pid into it later.
 */
function openPlainFile(path: string): number {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;
  const fd = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o644);
  const status = fstatSync(fd);
  const isPlain = status.isFile() && status.nlink <= 1;
  if (isPlain && status.uid === process.geteuid?.()) return fd;
  closeSync(fd);
  if (!isPlain) throw new Error('not a plain file');
  unlinkSync(path);
  return openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
}

function claim(path: string, fd: number): PidFile {
  ftruncateSync(fd);
  fchmodSync(fd, 0o644);
  writeSync(fd, `${process.pid}\n`, 0);
  let held = true;
  return {
    remove: () => {
      if (!held) return;
      held = false;
      if (isStillAt(path, fd)) unlinkSync(path);
      closeSync(fd);
    },
  };
}

function isStillAt(path: string, fd: number): boolean {
  const there: Stats | undefined = lstatSync(path, { throwIfNoEntry: false });
  const ours = fstatSync(fd);
  return there !== undefined && there.ino === ours.ino && there.dev === ours.dev;
}
