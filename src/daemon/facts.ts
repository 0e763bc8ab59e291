/** What the control process shows of the daemon as a whole. */

import type { DaemonFacts } from '../control/feed.js';
import { CHILDREN } from '../runtime/children-events.js';
import type { ChildrenState } from '../runtime/children-state.js';
import type { Options } from './options.js';
import { PACKAGE_VERSION } from './version.js';

const STARTED_AT = Date.now();

/** `loadedAt`: when the configuration in force was taken into use, milliseconds since 1970. */
export function daemonFacts({ children, generation, stopStatus }: ChildrenState, { configurationFile }: Options, loadedAt: number): DaemonFacts {
  return {
    version: PACKAGE_VERSION,
    pid: process.pid,
    startedAt: STARTED_AT,
    configurationFile,
    generation,
    loadedAt,
    stopping: stopStatus !== undefined,
    processes: CHILDREN.flatMap((name) => {
      const child = children.get(name);
      return child === undefined ? [] : [{ name, ...(child.pid === undefined ? {} : { pid: child.pid }) }];
    }),
  };
}
