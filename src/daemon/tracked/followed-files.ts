/** Files that FILE_CHECK follows: read before the configuration that follows them comes into force, then as they change. */

import { serversOf } from '../../health/config.js';
import type { PoolConfig } from '../../health/config.js';
import { openTrackedFiles } from '../../io/files/tracked-files.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import type { LvsEvent } from '../../runtime/lvs-machine.js';
import { fileEvents } from './file-events.js';

/** A file system that hangs must not hold up everything else. */
const PATIENCE_MILLISECONDS = 2_000;

export interface FollowedFiles {
  /** Follows the files of this configuration and nothing else; `ready` is called once, when all have been read. */
  readonly follow: (pool: PoolConfig, ready: () => void) => void;
  readonly close: () => void;
}

export function openFollowedFiles(tell: (note: LifecycleNote) => void, deliver: (event: LvsEvent) => void): FollowedFiles {
  let unread = new Set<string>();
  let onRead: (() => void) | undefined;
  const report = fileEvents(tell, (path, value) => {
    deliver({ type: 'fileRead', path, value });
    unread.delete(path);
    if (unread.size === 0) onRead?.();
  });
  const files = openTrackedFiles(report);
  return {
    follow: (pool, ready) => {
      onRead?.();
      const paths = pathsOf(pool);
      unread = new Set(paths);
      const begin = (): void => {
        clearTimeout(patience);
        onRead = undefined;
        ready();
      };
      const patience = setTimeout(begin, PATIENCE_MILLISECONDS);
      onRead = begin;
      files.watch(paths.map((path) => ({ name: path, path })));
      if (paths.length === 0) begin();
    },
    close: files.close,
  };
}

function pathsOf({ virtualServers }: PoolConfig): readonly string[] {
  const followers = virtualServers.flatMap((virtualServer) => serversOf(virtualServer).flatMap((server) => server.followers ?? []));
  return [...new Set(followers.flatMap(({ check }) => (check.type === 'FILE_CHECK' ? [check.path] : [])))];
}
