/** The same daemon once more, for what one has left at its end that nobody else takes over: started only to be stopped in order. */

import { spawn } from 'node:child_process';

import { ourProgram } from '../../io/processes/our-program.js';
import type { Heritage } from './inheritance.js';

/** Variables that mean one process of one unit. */
const OF_THE_UNIT: ReadonlySet<string> = new Set(['INVOCATION_ID', 'JOURNAL_STREAM', 'MAINPID', 'SYSTEMD_EXEC_PID']);

export interface LastHeir {
  readonly hasEnded: () => boolean;
  /** TERM; resolves at its end. */
  readonly stop: () => Promise<void>;
}

/** With the command line and the variables of the daemon before, and our standard error. */
export function startLastHeir({ words, environment }: Pick<Heritage, 'words' | 'environment'>): LastHeir {
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => !OF_THE_UNIT.has(name)));
  const [program, ...argv] = ourProgram(words);
  const heir = spawn(program, argv, { env, cwd: '/', stdio: ['ignore', 'inherit', 'inherit'] });
  let isOver = false;
  const ended = new Promise<void>((done) => {
    const over = (): void => {
      isOver = true;
      done();
    };
    heir.once('exit', over).once('error', over);
  });
  return {
    hasEnded: () => isOver,
    stop: () => {
      heir.kill('SIGTERM');
      return ended;
    },
  };
}
