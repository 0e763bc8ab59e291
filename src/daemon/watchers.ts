/** Tracked files and processes of the VRRP process: what they report goes to the machine, oddities into the log. */

import { openTrackedFiles } from '../io/tracked-files.js';
import { openTrackedProcesses } from '../io/tracked-processes.js';
import type { LifecycleNote } from '../runtime/narrate-lifecycle.js';
import type { TrackerPort } from '../runtime/ports.js';
import type { TrackerEvent } from '../vrrp/events.js';
import { fileEvents } from './file-events.js';

export interface Watchers extends Pick<TrackerPort, 'watch'> {
  readonly close: () => void;
}

export function openWatchers(tell: (note: LifecycleNote) => void, deliver: (event: TrackerEvent) => void): Watchers {
  const files = openTrackedFiles(fileEvents(tell, (file, value) => deliver({ type: 'fileRead', file, value })));
  const processes = openTrackedProcesses({
    onCount: (process, count) => deliver({ type: 'processesCounted', process, count }),
    onUntold: (reason) => tell({ type: 'processEventsUntold', reason }),
    onLoss: (reason) => tell({ type: 'processEventsLost', reason }),
  });
  return {
    watch: (objects) => {
      files.watch(objects.files);
      processes.watch(objects.processes);
    },
    close: () => {
      files.close();
      processes.close();
    },
  };
}
