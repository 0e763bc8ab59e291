/** A director process under test: holdfast as built, or Debian's keepalived, started the same way with the same options. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, closeSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { descendantsOf } from '../support/processes.js';

export type DaemonKind = 'holdfast' | 'keepalived';

export interface Daemon {
  readonly kind: DaemonKind;
  readonly pid: number;
  /** The daemon and everything it started. */
  readonly pids: () => readonly number[];
  readonly log: () => string;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** TERM, then waits for the end. */
  readonly stop: () => Promise<void>;
  /** kill -9 of the whole tree at once: none may see another's death first. */
  readonly crash: () => Promise<void>;
}

export interface DaemonOptions {
  /** Absent: where the caller itself is. */
  readonly namespace?: string;
  readonly folder: string;
  readonly configuration: string;
  readonly options?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const COMMANDS: Readonly<Record<DaemonKind, readonly string[]>> = {
  holdfast: [process.execPath, join(process.cwd(), 'dist', 'main.js')],
  keepalived: ['keepalived'],
};

/** Starts the daemon in the foreground with its own pid files, log in FOLDER/log. */
export function startDaemon(kind: DaemonKind, { namespace, folder, configuration, options = [], environment = {} }: DaemonOptions): Daemon {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'keepalived.conf');
  writeFileSync(file, configuration, { mode: 0o644 });
  const log = join(folder, 'log');
  const output = openSync(log, 'a');
  const pidFiles = ['p', 'r', 'c', 'b'].flatMap((letter) => [`-${letter}`, join(folder, `${letter}.pid`)]);
  const place = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
  const words = [...place, ...COMMANDS[kind], '-n', '-l', '-D', '-f', file, ...pidFiles, ...options];
  const [program = '', ...rest] = words;
  const child = spawn(program, rest, {
    stdio: ['ignore', output, output],
    detached: true,
    env: { ...process.env, ...environment },
  });
  closeSync(output);
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${kind} did not start`);
  const ended = once(child, 'exit');
  return {
    kind,
    pid,
    pids: () => [pid, ...descendantsOf(pid)],
    log: () => readFileSync(log, 'utf8'),
    signal: (signal) => void child.kill(signal),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
    crash: async () => {
      const all = [pid, ...descendantsOf(pid)];
      for (const each of all) kill(each, 'SIGSTOP');
      for (const each of all) kill(each, 'SIGKILL');
      await ended;
    },
  };
}

/** Waits until `condition` holds, looking every 20 ms; throws with `what` after `seconds`. Many pairs may be at work at the same time. */
export async function until(what: string, condition: () => boolean, seconds = 120): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited ${seconds} s for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone meanwhile.
  }
}

