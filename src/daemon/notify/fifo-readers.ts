/** The programs that read the notify FIFOs: started behind them, started again when they end, ended with the process. */

import type { AccountName, Command } from '../../base/command.js';
import type { FifoConfig } from '../../conf/model.js';
import type { FindAccount } from '../../io/processes/accounts.js';
import { createAccounts } from '../../io/processes/accounts.js';
import type { RunningScript } from '../../io/processes/script.js';
import { startScript } from '../../io/processes/script.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';

export interface FifoReaders {
  /** The FIFOs are open: starts what is new or changed and ends what is gone. */
  readonly configure: (fifos: readonly (FifoConfig | undefined)[], scriptUser: AccountName | undefined, find: FindAccount) => void;
  /** The FIFOs are closed: gives readers a moment for the last lines, ends them and calls back once. */
  readonly finish: (done: () => void) => void;
}

/** A reader sees the end of its FIFO and may leave by itself, milliseconds. */
const LAST_LINES = 500;
/** A reader that ends is started again after this, and after twice as long each time it ends again soon. */
const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 60_000;

interface Reader {
  readonly key: string;
  script: RunningScript | undefined;
  restart: NodeJS.Timeout | undefined;
}

type AccountFor = ReturnType<typeof createAccounts>;

export function createFifoReaders(tell: (note: LifecycleNote) => void): FifoReaders {
  const readers = new Map<string, Reader>();
  let onEnd: (() => void) | undefined;

  function start(path: string, reader: Reader, command: Command, accountFor: AccountFor, delay: number): void {
    const argv = [...command.argv, path];
    const account = accountFor(command);
    const began = Date.now();
    const ended = (): void => {
      reader.script = undefined;
      onEnd?.();
      if (readers.get(path) !== reader || onEnd !== undefined) return;
      tell({ type: 'fifoReaderEnded', path, program: argv[0] ?? '' });
      const next = Date.now() - began > LONGEST_DELAY ? FIRST_DELAY : Math.min(delay * 2, LONGEST_DELAY);
      reader.restart = setTimeout(() => start(path, reader, command, accountFor, next), delay).unref();
    };
    const script = account !== undefined && 'code' in account ? account : startScript(argv, account, ended);
    if ('code' in script) tell({ type: 'commandNotRun', subject: `FIFO ${path}`, program: argv[0] ?? '', reason: script.code });
    else reader.script = script;
  }
  function end(path: string, reader: Reader): void {
    readers.delete(path);
    clearTimeout(reader.restart);
    reader.script?.kill('SIGTERM');
  }
  return {
    configure: (fifos, scriptUser, find) => {
      const wanted = new Map<string, Command>();
      for (const fifo of fifos) if (fifo?.reader !== undefined) wanted.set(fifo.path, fifo.reader);
      const accountFor = createAccounts(scriptUser, find);
      for (const [path, reader] of readers) {
        const command = wanted.get(path);
        if (command === undefined || keyOf(command, scriptUser) !== reader.key) end(path, reader);
      }
      for (const [path, command] of wanted) {
        if (readers.has(path)) continue;
        const reader: Reader = { key: keyOf(command, scriptUser), script: undefined, restart: undefined };
        readers.set(path, reader);
        start(path, reader, command, accountFor, FIRST_DELAY);
      }
    },
    finish: (done) => {
      const leave = (): void => {
        clearTimeout(patience);
        onEnd = () => undefined;
        for (const [path, reader] of readers) end(path, reader);
        done();
      };
      const isIdle = (): boolean => [...readers.values()].every(({ script }) => script === undefined);
      const patience = setTimeout(leave, isIdle() ? 0 : LAST_LINES);
      onEnd = () => {
        if (isIdle()) leave();
      };
    },
  };
}

/** Tells whether a reader would be started just as it was. */
function keyOf(command: Command, scriptUser: AccountName | undefined): string {
  return JSON.stringify([command, command.user === undefined ? scriptUser : undefined]);
}
