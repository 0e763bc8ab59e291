/**
 * The supervisor's side of the guardian: starts it, starts it again when it ends, and keeps it told which process holds
 * addresses and what is to be done when everything is dead. Why it is no Node process stands in guardian.c.
 */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { hostInt32 } from '../../io/host-bytes.js';
import { nativeFolder } from '../../io/native.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';

/** Milliseconds before a guardian that ended is started again: one that cannot live is no reason for a busy machine. */
const RESTART_DELAY = 1_000;

/** A will of no datagrams. */
const NOTHING: Uint8Array = hostInt32(0);

export interface GuardianSettings {
  /** Of the supervisor: guardian and next daemon find each other by it. */
  readonly pidFile: string;
  /** A syslog ident; undefined = standard error. */
  readonly ident: string | undefined;
}

export interface Guardian {
  /** The process that holds addresses; the will counts once that is dead, too. */
  readonly watch: (pid: number) => void;
  /** Replaces the will, whatever has been done of it. */
  readonly bequeath: (will: Uint8Array) => void;
  /** The watched process is dead, and nobody takes its place in time: goodbyes now, removals in their time. */
  readonly execute: () => void;
  /** A new daemon takes over under the same process id, and the watched process goes on until then; undefined = no longer. */
  readonly awaitHeir: (milliseconds: number | undefined) => void;
  /** The watched process has ended in order: nothing is left behind. */
  readonly forget: () => void;
}

/** Starts it. It outlives this process, in a session of its own, and ends by itself once it has done what is left to do. */
export function startGuardian({ pidFile, ident }: GuardianSettings, tell: (note: LifecycleNote) => void): Guardian {
  let process: ChildProcess | undefined;
  let pid = 0;
  let will = NOTHING;
  const send = (kind: 'W' | 'P' | 'X' | 'H', body: Uint8Array = new Uint8Array(0)): void => {
    const frame = Buffer.concat([hostInt32(1 + body.length), Buffer.from(kind), body]);
    if (process?.stdin?.writable === true) process.stdin.write(frame);
  };
  const start = (): void => {
    const started = spawn(program(), [socketName(pidFile), ident ?? 'stderr'], {
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    process = started;
    // Written to while it ends: its end is what counts.
    started.stdin.on('error', () => undefined);
    const ended = (reason: string): void => {
      if (process !== started) return;
      process = undefined;
      tell({ type: 'guardianEnded', reason });
      setTimeout(start, RESTART_DELAY).unref();
    };
    started.on('error', ({ message }) => ended(message));
    started.on('exit', (status, signal) => ended(signal === null ? `status ${status ?? 'unknown'}` : `signal ${signal}`));
    send('P', hostInt32(pid));
    send('W', will);
  };
  start();
  return {
    watch: (watched) => {
      pid = watched;
      send('P', hostInt32(pid));
    },
    bequeath: (next) => {
      will = next;
      send('W', will);
    },
    execute: () => {
      send('X');
    },
    awaitHeir: (milliseconds = 0) => send('H', hostInt32(milliseconds)),
    forget: () => {
      will = NOTHING;
      send('W', will);
    },
  };
}

/**
 * Waits until the guardian of a dead daemon with this pid file has done its work, which it then does at once, so that it
 * removes nothing that a new daemon has set. Calls back soon when there is none: then no program is started to ask.
 */
export function awaitFormerGuardian(pidFile: string, done: () => void): void {
  if (isNobodyThere(socketName(pidFile))) {
    setImmediate(done);
    return;
  }
  const asker = spawn(program(), [socketName(pidFile)], { stdio: 'ignore' });
  let isDone = false;
  const end = (): void => {
    if (!isDone) done();
    isDone = true;
  };
  asker.on('error', end);
  asker.on('exit', end);
}

/** False where the kernel does not tell. */
function isNobodyThere(name: string): boolean {
  try {
    return !readFileSync('/proc/net/unix', 'latin1').includes(`@${name}`);
  } catch {
    return false;
  }
}

/** In the abstract namespace: it leaves nothing behind in the file system. */
function socketName(pidFile: string): string {
  return `holdfast-guardian-${createHash('sha256').update(pidFile).digest('hex').slice(0, 32)}`;
}

function program(): string {
  return join(nativeFolder(), 'holdfast-guardian');
}
