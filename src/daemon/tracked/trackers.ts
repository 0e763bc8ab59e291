/** Everything the VRRP process tracks by name: what it reports goes to the machine, oddities into the log. */

import { openNumberedScripts, type NumberedScripts } from '../../io/processes/numbered-scripts.js';
import { openTrackedFiles } from '../../io/files/tracked-files.js';
import { openTrackedProcesses, type TrackedProcesses } from '../../io/processes/tracked-processes.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import type { TrackerPort } from '../../runtime/ports.js';
import type { TrackerEvent } from '../../vrrp/events.js';
import { fileEvents } from './file-events.js';

export interface OpenTrackers extends TrackerPort {
  /** Whom scripts without an account of their own run as. */
  readonly configure: NumberedScripts['configure'];
  /** Of events of processes. */
  readonly setReceiveBuffer: TrackedProcesses['setReceiveBuffer'];
  readonly close: () => void;
}

export function openTrackers(tell: (note: LifecycleNote) => void, deliver: (event: TrackerEvent) => void): OpenTrackers {
  const scripts = openNumberedScripts();
  const files = openTrackedFiles(fileEvents(tell, (file, value) => deliver({ type: 'fileRead', file, value })));
  const processes = openTrackedProcesses({
    onCount: (process, count) => deliver({ type: 'processesCounted', process, count }),
    onUntold: (reason) => tell({ type: 'processEventsUntold', reason }),
    onLoss: (reason) => tell({ type: 'processEventsLost', reason }),
    onHidden: () => tell({ type: 'processesHidden' }),
  });
  return {
    runScript: (run, command, limit) => scripts.run(run, command, limit, (ending) => deliver({ type: 'scriptEnded', run, ending })),
    stopScript: scripts.stop,
    watch: (objects) => {
      files.watch(objects.files);
      processes.watch(objects.processes);
    },
    configure: scripts.configure,
    setReceiveBuffer: processes.setReceiveBuffer,
    close: () => {
      scripts.close();
      files.close();
      processes.close();
    },
  };
}
