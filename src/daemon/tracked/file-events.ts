/** What both children do with word of tracked files: numbers go to the machine, oddities into the log. */

import type { TrackedFilesEvents } from '../../io/files/tracked-files.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';

export function fileEvents(
  tell: (note: LifecycleNote) => void,
  onValue: (name: string, value: number) => void,
): TrackedFilesEvents {
  return {
    onValue,
    onInvalid: (path, text) => tell({ type: 'fileNumberInvalid', path, text }),
    onUnwatched: (path, reason) => tell({ type: 'fileUnwatched', path, reason }),
  };
}
