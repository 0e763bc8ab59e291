/** init_file: tracked files that the daemon makes before its children start. A reload makes none, nor does a child's restart. */

import { closeSync, constants, openSync, writeSync } from 'node:fs';

import type { Model } from '../../conf/model.js';
import { serversOf } from '../../health/config.js';
import { errorCodeOf, writeFileSafely } from '../../io/files/files.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';

/** Before the mask. */
const MODE = 0o644;

/** Writes every file that shall exist; what cannot be written is told. */
export function createInitialFiles({ director, pool }: Model, tell: (note: LifecycleNote) => void): void {
  const followed = pool.virtualServers.flatMap((virtualServer) => serversOf(virtualServer).flatMap(({ followers = [] }) => followers));
  const files = [
    ...(director.tracked?.files ?? []),
    ...followed.flatMap(({ check }) => (check.type === 'FILE_CHECK' ? [check] : [])),
  ];
  const done = new Set<string>();
  for (const { path, initial } of files) {
    if (initial === undefined || done.has(path)) continue;
    done.add(path);
    const text = `${initial.value}\n`;
    const reason = initial.overwrite ? writeFileSafely(path, text) : writeNew(path, text);
    if (reason !== undefined && (initial.overwrite || reason !== 'EEXIST')) tell({ type: 'unwritable', path, reason });
  }
}

/** The error's code when that fails. A link is not followed: the directory may be writable for others. */
function writeNew(path: string, text: string): string | undefined {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  try {
    const fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, MODE);
    try {
      writeSync(fd, text);
    } finally {
      closeSync(fd);
    }
    return undefined;
  } catch (error) {
    return errorCodeOf(error);
  }
}
