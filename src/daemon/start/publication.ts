/** The daemon shows itself: its title in the process list, and the pid file, which it takes once. */

import type { Model } from '../../conf/model.js';
import type { PidFile } from '../../io/files/pid-file.js';
import { openPidFile } from '../../io/files/pid-file.js';
import { unreachable } from '../../base/unreachable.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import type { Launch } from './launch.js';
import { pidFilePath, processTitle } from './process-names.js';

export interface Publication {
  /** With each configuration. A number is the status to leave with instead: the pid file is somebody else's, or cannot be written. */
  readonly publish: (model: Model, umask: number) => number | undefined;
  readonly withdraw: () => void;
}

export function createPublication({ options, onPublished }: Pick<Launch, 'options' | 'onPublished'>, tell: (note: LifecycleNote) => void): Publication {
  let pidFile: PidFile | undefined;
  return {
    publish: (model, umask) => {
      process.umask(umask);
      process.title = processTitle('supervisor', model.global);
      if (pidFile !== undefined) return undefined;
      const path = pidFilePath('supervisor', options, model.global);
      const opened = openPidFile(path);
      switch (opened.type) {
        case 'opened':
          pidFile = opened.file;
          onPublished();
          return undefined;
        case 'locked':
          tell({ type: 'alreadyRunning' });
          return 0;
        case 'failed':
          tell({ type: 'unwritable', path, reason: opened.reason });
          return 1;
        default:
          return unreachable(opened);
      }
    },
    withdraw: () => pidFile?.remove(),
  };
}
