/**
 * Leaves a supervisor running in the background: a detached process in a session of its own. This process ends when the
 * pid file exists, so that whoever started the daemon may send signals at once.
 */

import { fork } from 'node:child_process';

import { DETACHED } from './internal-words.js';

const PUBLISHED = 'published';

/** Ends this process: status 0 once the daemon is published, otherwise the status the daemon ended with. */
export function startInBackground(words: readonly string[]): void {
  const daemon = fork(process.argv[1] ?? '', [DETACHED, ...words], {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  daemon.on('message', (message) => {
    if (message === PUBLISHED) process.exit(0);
  });
  daemon.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  daemon.on('exit', (status) => process.exit(status ?? 1));
}

/** In the detached supervisor: lets the process that started it end. Does nothing in the foreground. */
export function reportPublished(): void {
  if (process.connected) process.send?.(PUBLISHED, undefined, undefined, () => process.disconnect());
}
