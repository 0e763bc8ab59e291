/** The notify FIFOs of one process: opened, closed and replaced as the configuration says, written to as one. */

import type { AccountName } from '../../base/command.js';
import type { FifoConfig } from '../../conf/model.js';
import type { FifoOptions, OpenFifo } from '../../io/files/fifo.js';
import type { FindAccount } from '../../io/processes/accounts.js';
import { openFifo } from '../../io/files/fifo.js';
import type { FifoPort } from '../../runtime/ports.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';

export interface NotifyFifos extends FifoPort {
  /** Opens what is new and closes what is gone. */
  readonly configure: (fifos: readonly (FifoConfig | undefined)[], find: FindAccount) => void;
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
    configure: (fifos, find) => {
      const wanted = fifos.filter((fifo) => fifo !== undefined);
      closeAllBut(new Set(wanted.map(({ path }) => path)));
      for (const { path, owner } of wanted) {
        if (open.has(path)) continue;
        const fifo = openFifo({ path, ...ownerOf(owner, find) }, (reason) => tell({ type: 'fifoLineLost', path, reason }));
        if ('code' in fifo) tell({ type: 'unwritable', path, reason: fifo.code });
        else open.set(path, fifo);
      }
    },
    close: () => closeAllBut(new Set()),
  };
}

/** A FIFO of an account that the machine does not have stays the daemon's. */
function ownerOf(name: AccountName | undefined, find: FindAccount): Pick<FifoOptions, 'owner'> {
  const account = name === undefined ? undefined : find(name);
  if (account === undefined || 'code' in account) return {};
  const [uid = 0, gid = 0] = account;
  return { owner: { uid, gid } };
}
