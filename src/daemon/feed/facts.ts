/** What the control process shows of the daemon as a whole. */

import type { DaemonFacts } from '../../control/feed.js';
import { CHILDREN } from '../../runtime/children-events.js';
import type { ChildrenState } from '../../runtime/children-state.js';
import type { Loaded } from '../configuration/configuration-loader.js';
import { digestsOf } from '../configuration/digests.js';
import type { Options } from '../start/options.js';
import { PACKAGE_VERSION } from '../start/version.js';

const STARTED_AT = Date.now();

/** `inForce`: the configuration; undefined before the first one. */
export function daemonFacts({ children, generation, settling, stopStatus }: ChildrenState, { configurationFile }: Options, inForce: Pick<Loaded, 'loadedAt' | 'model'> | undefined): DaemonFacts {
  return {
    version: PACKAGE_VERSION,
    pid: process.pid,
    startedAt: STARTED_AT,
    configurationFile,
    generation,
    loadedAt: inForce?.loadedAt ?? 0,
    // Of a large configuration they take a while, which those have better use for who are to be set to work.
    ...(inForce === undefined || settling === 'start' ? {} : { digests: digestsOf(inForce.model) }),
    stopping: stopStatus !== undefined,
    processes: CHILDREN.flatMap((name) => {
      const child = children.get(name);
      return child === undefined ? [] : [{ name, ...(child.pid === undefined ? {} : { pid: child.pid }) }];
    }),
  };
}
