/** reload_file: a file that is there while a reload is under way, for programs that wait for its end. */

import { rmSync } from 'node:fs';

import { writeFileSafely } from '../io/files/files.js';
import type { LifecycleNote } from '../runtime/narrate/lifecycle.js';

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
      const problem = writeFileSafely(path, '');
      if (problem === undefined) raised = path;
      else tell({ type: 'unwritable', path, reason: problem });
    },
    lower: () => {
      if (raised !== undefined) rmSync(raised, { force: true });
      raised = undefined;
    },
  };
}
