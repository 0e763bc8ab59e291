/** The notify FIFO: lines for a program that reads state changes. A slow reader loses lines, it never delays the daemon. */

import { type Stats, chownSync, closeSync, constants, fstatSync, lstatSync, openSync, unlinkSync, writeSync } from 'node:fs';

import type { FifoPort } from '../../runtime/ports.js';
import { errorCodeOf } from './files.js';
import { cString } from '../host-bytes.js';
import { checked } from '../kernel-error.js';
import { loadAddon } from '../native.js';

interface FifoAddon {
  makeFifo(path: Uint8Array, mode: number): number;
}

export interface FifoOptions {
  readonly path: string;
  /** Owner of a FIFO made here. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

export interface OpenFifo extends FifoPort {
  /** Removes the FIFO if it was made here. */
  readonly close: () => void;
}

/**
 * Makes the FIFO (rw-r--r-- before the umask) or uses one that is there; anything else at `path` is refused. Returns the
 * error's code when it cannot be had. `onLost` hears the code of every line that could not be written.
 */
export function openFifo(options: FifoOptions, onLost: (code: string) => void): OpenFifo | { readonly code: string } {
  const { path, owner } = options;
  const { O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;
  let made = false;
  try {
    const present: Stats | undefined = lstatSync(path, { throwIfNoEntry: false });
    if (present === undefined) {
      checked(`make FIFO ${path}`, (loadAddon() as FifoAddon).makeFifo(cString(path), 0o644));
      made = true;
      if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
    } else if (!present.isFIFO()) {
      return { code: 'EEXIST' };
    }
    // Reading too keeps it open while no reader is there.
    const fd = openSync(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW);
    if (fstatSync(fd).isFIFO()) return createFifo(path, fd, made, onLost);
    closeSync(fd);
    return { code: 'EEXIST' };
  } catch (error) {
    if (made) unlinkSync(path);
    return { code: errorCodeOf(error) };
  }
}

function createFifo(path: string, fd: number, made: boolean, onLost: (code: string) => void): OpenFifo {
  const own = fstatSync(fd);
  let open = true;
  return {
    write: (line) => {
      if (!open) return;
      try {
        // A pipe takes up to PIPE_BUF bytes whole or not at all, and no line is longer.
        writeSync(fd, `${line}\n`);
      } catch (error) {
        onLost(errorCodeOf(error));
      }
    },
    close: () => {
      if (!open) return;
      open = false;
      closeSync(fd);
      const there: Stats | undefined = lstatSync(path, { throwIfNoEntry: false });
      if (made && there?.ino === own.ino) unlinkSync(path);
    },
  };
}
