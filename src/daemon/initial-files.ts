/** init_file: tracked files that the daemon makes before its children start. A reload makes none, nor does a child's restart. */

import { closeSync, constants, openSync, writeSync } from 'node:fs';

import type { Model } from '../conf/model.js';
import { errorCodeOf } from '../io/files.js';
import type { LifecycleNote } from '../runtime/narrate-lifecycle.js';

/** Before the mask. */
const MODE = 0o644;

/** Writes every file that shall exist; what cannot be written is told. */
export function createInitialFiles({ director, pool }: Model, tell: (note: LifecycleNote) => void): void {
  const followed = pool.virtualServers.flatMap(({ realServers }) => realServers.flatMap(({ followers = [] }) => followers));
  const files = [
    ...(director.tracked?.files ?? []),
    ...followed.flatMap(({ check }) => (check.type === 'FILE_CHECK' ? [check] : [])),
  ];
  const done = new Set<string>();
  for (const { path, initial } of files) {
    if (initial === undefined || done.has(path)) continue;
    done.add(path);
    try {
      write(path, `${initial.value}\n`, initial.overwrite);
    } catch (error) {
      const reason = errorCodeOf(error);
      if (initial.overwrite || reason !== 'EEXIST') tell({ type: 'unwritable', path, reason });
    }
  }
}

/** A link is not followed: the directory may be writable for others. */
function write(path: string, text: string, overwrite: boolean): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = constants;
  const fd = openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | (overwrite ? O_TRUNC : O_EXCL), MODE);
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
}
