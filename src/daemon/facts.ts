/** What the control process shows of the daemon as a whole. */

import type { DaemonFacts } from '../control/feed.js';
import { CHILDREN } from '../runtime/children-events.js';
import type { ChildrenState } from '../runtime/children-state.js';
import type { Loaded } from './configuration-loader.js';
import { digestsOf } from './digests.js';
import type { Options } from './options.js';
import { PACKAGE_VERSION } from './version.js';

const STARTED_AT = Date.now();

/** `inForce`: the configuration; undefined before the first one. */
export function daemonFacts({ children, generation, stopStatus }: ChildrenState, { configurationFile }: Options, inForce: Pick<Loaded, 'loadedAt' | 'model'> | undefined): DaemonFacts {
  return {
    version: PACKAGE_VERSION,
    pid: process.pid,
    startedAt: STARTED_AT,
    configurationFile,
    generation,
    loadedAt: inForce?.loadedAt ?? 0,
    ...(inForce === undefined ? {} : { digests: digestsOf(inForce.model) }),
    stopping: stopStatus !== undefined,
    processes: CHILDREN.flatMap((name) => {
      const child = children.get(name);
      return child === undefined ? [] : [{ name, ...(child.pid === undefined ? {} : { pid: child.pid }) }];
    }),
  };
}
