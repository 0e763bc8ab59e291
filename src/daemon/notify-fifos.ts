/** The notify FIFOs of one process: opened, closed and replaced as the configuration says, written to as one. */

import type { OpenFifo } from '../io/fifo.js';
import { openFifo } from '../io/fifo.js';
import type { FifoPort } from '../runtime/ports.js';
import type { LifecycleNote } from '../runtime/narrate-lifecycle.js';

export interface NotifyFifos extends FifoPort {
  /** Opens what is new and closes what is gone. */
  readonly configure: (paths: readonly (string | undefined)[]) => void;
  readonly close: () => void;
}

export function createNotifyFifos(tell: (note: LifecycleNote) => void): NotifyFifos {
  const open = new Map<string, OpenFifo>();
  const closeAllBut = (wanted: ReadonlySet<string>): void => {
    for (const [path, fifo] of open) {
      if (wanted.has(path)) continue;
      fifo.close();
      open.delete(path);
    }
  };
  return {
    write: (line) => {
      for (const fifo of open.values()) fifo.write(line);
    },
    configure: (paths) => {
      const wanted = new Set(paths.filter((path) => path !== undefined));
      closeAllBut(wanted);
      for (const path of wanted) {
        if (open.has(path)) continue;
        const fifo = openFifo({ path }, (reason) => tell({ type: 'fifoLineLost', path, reason }));
        if ('code' in fifo) tell({ type: 'unwritable', path, reason: fifo.code });
        else open.set(path, fifo);
      }
    },
    close: () => closeAllBut(new Set()),
  };
}
