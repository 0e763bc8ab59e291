/** reload_file: a file that is there while a reload is under way, for programs that wait for its end. */

import { rmSync, writeFileSync } from 'node:fs';

import { errorCodeOf } from '../io/files.js';
import type { LifecycleNote } from '../runtime/narrate-lifecycle.js';

export interface ReloadMarker {
  /** A reload begins. Undefined = nobody wants to know. */
  readonly raise: (path: string | undefined) => void;
  /** It is over, well or not. Does nothing when none was raised. */
  readonly lower: () => void;
}

export function createReloadMarker(tell: (note: LifecycleNote) => void): ReloadMarker {
  let raised: string | undefined;
  return {
    raise: (path) => {
      if (path === undefined) return;
      try {
        writeFileSync(path, '');
        raised = path;
      } catch (error) {
        tell({ type: 'unwritable', path, reason: errorCodeOf(error) });
      }
    },
    lower: () => {
      if (raised !== undefined) rmSync(raised, { force: true });
      raised = undefined;
    },
  };
}
