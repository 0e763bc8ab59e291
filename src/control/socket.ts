/**
 * The path of the control socket: whose it is and who may use it. A socket that somebody answers on is never taken away;
 * one that a killed process has left is.
 */

import { type Stats, chmodSync, chownSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import type { Server } from 'node:net';
import { dirname } from 'node:path';

import { errorCodeOf } from '../io/files/files.js';

/** Read and write for root and the group: the file mode mask leaves it. */
const SOCKET_MODE = 0o660;
/** Of a directory that had to be made: root and the group may look in. */
const DIRECTORY_MODE = 0o750;

/** Why there is no socket, in words. */
export type Outcome = { readonly type: 'listening' } | { readonly type: 'refused'; readonly reason: string };

/** Makes `server` listen on `path`, readable and writable for `groupId`. Calls back once. */
export function listenOn(server: Server, path: string, groupId: number, done: (outcome: Outcome) => void): void {
  const refuse = (error: unknown): void => done({ type: 'refused', reason: errorCodeOf(error) });
  prepare(path, groupId, (reason) => {
    if (reason !== undefined) {
      done({ type: 'refused', reason });
      return;
    }
    server.once('error', refuse);
    // It is born with its mode and group: nothing is changed at a path that somebody else could have put something at.
    const umask = process.umask(0o777 & ~SOCKET_MODE);
    const group = process.getegid?.() ?? 0;
    try {
      process.setegid?.(groupId);
      server.listen(path, () => {
        server.off('error', refuse);
        done({ type: 'listening' });
      });
    } catch (error) {
      refuse(error);
    } finally {
      process.setegid?.(group);
      process.umask(umask);
    }
  });
}

/** Makes the directory and removes a socket that nobody listens on. Answers why that cannot be. */
function prepare(path: string, groupId: number, done: (reason: string | undefined) => void): void {
  try {
    const made = mkdirSync(dirname(path), { recursive: true });
    if (made !== undefined) {
      chownSync(dirname(path), 0, groupId);
      chmodSync(dirname(path), DIRECTORY_MODE);
    }
    const there: Stats | undefined = lstatSync(path, { throwIfNoEntry: false });
    if (there === undefined) done(undefined);
    else if (!there.isSocket()) done('something else than a socket is there');
    else removeStale(path, done);
  } catch (error) {
    done(errorCodeOf(error));
  }
}

function removeStale(path: string, done: (reason: string | undefined) => void): void {
  const client = connect(path);
  client.on('connect', () => {
    client.destroy();
    done('another process listens there');
  });
  client.on('error', (error) => {
    if (errorCodeOf(error) !== 'ECONNREFUSED') {
      done(errorCodeOf(error));
      return;
    }
    try {
      unlinkSync(path);
      done(undefined);
    } catch (failure) {
      done(errorCodeOf(failure));
    }
  });
}
