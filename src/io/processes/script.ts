/**
 * Runs one configured program the way keepalived does: own process group, clean environment, /dev/null for input and
 * output, another account if asked. No shell is involved unless the file is a script without interpreter line.
 */

import { type ChildProcess, spawn } from 'node:child_process';

import type { AccountName, Command } from '../../base/command.js';
import { cString } from '../host-bytes.js';
import { errorCode } from '../kernel-error.js';
import { loadAddon } from '../native.js';

interface ProcessAddon {
  accountOf(user: Uint8Array, group: Uint8Array | null, ids: Int32Array): number;
  spawnProgram(
    argv: Uint8Array,
    environment: Uint8Array,
    ids: Int32Array | null,
    listener: (ending: number) => void,
    pid: Int32Array,
  ): object | number;
}

/** uid, gid and the groups to have, as the addon wants them. */
export type Account = Int32Array & { readonly __account?: never };

export type ScriptEnding =
  | { readonly type: 'exited'; readonly status: number }
  | { readonly type: 'killed'; readonly signal: number };

export interface RunningScript {
  readonly pid: number;
  /** Signals the whole process group; does nothing once the script has ended. */
  readonly kill: (signal: 'SIGTERM' | 'SIGKILL') => void;
}

const MOST_IDS = 1_026;

/** Variables that change what a shell, the loader or Node does; whatever the daemon was started with, scripts start clean. */
const REMOVED_VARIABLE = /^(IFS|BASH_ENV|ENV|LD_.*|NODE_.*|HOLDFAST_.*)$/;

/**
 * The ids of an account, its supplementary groups only where asked for; the code ENOENT when there is no such user or
 * group. Asks the system's user database, which may be a directory server: keep the answer.
 */
export function findAccount({ user, group, supplementaryGroups }: AccountName): Account | { readonly code: string } {
  const ids = new Int32Array(MOST_IDS);
  const groupName = group === undefined ? null : cString(group);
  const count = (loadAddon() as ProcessAddon).accountOf(cString(user), groupName, ids);
  if (count < 0) return { code: errorCode(count) };
  if (supplementaryGroups === true) return ids.slice(0, count);
  const [uid = 0, gid = 0] = ids;
  return Int32Array.of(uid, gid, gid);
}

/**
 * Starts `argv`, looked up in PATH as the target account when it has no slash; `account` undefined = the daemon's own.
 * Does not wait: `onEnd` is called once when it ends. Returns the error's code when it cannot be started.
 */
export function startScript(
  argv: Command['argv'],
  account: Account | undefined,
  onEnd: (ending: ScriptEnding, script: RunningScript) => void,
): RunningScript | { readonly code: string } {
  // An argument cannot carry a NUL: the rest of it would become another argument.
  if (argv.some((word) => word.includes('\0'))) return { code: 'EINVAL' };
  const started = new Int32Array(1);
  // The addon's handle must be held for the end to be heard: the closures do.
  let handle: object | undefined;
  const script: { pid: number } & RunningScript = {
    pid: 0,
    kill: (signal) => {
      if (handle === undefined) return;
      try {
        process.kill(-script.pid, signal);
      } catch {
        // The group is gone: its end is on its way.
      }
    },
  };
  const onAddonEnd = (ending: number): void => {
    handle = undefined;
    onEnd(ending < 256 ? { type: 'exited', status: ending } : { type: 'killed', signal: ending - 256 }, script);
  };
  const addon = loadAddon() as ProcessAddon;
  const result = addon.spawnProgram(strings(argv), cleanEnvironment(), account ?? null, onAddonEnd, started);
  if (typeof result === 'number') return { code: errorCode(result) };
  handle = result;
  script.pid = started[0] ?? 0;
  return script;
}

/** A program that is talked to by its input and output. It is an own process group, as scripts are. */
export type PipedProgram = ChildProcess;

/** Starts it without arguments; what fails is told by the event `error`. */
export function startPiped(program: string, ids: { readonly uid?: number; readonly gid?: number }): PipedProgram {
  return spawn(program, [], { ...ids, detached: true, env: cleanVariables(), stdio: ['pipe', 'pipe', 'ignore'] });
}

/** The environment that programs get. */
function cleanVariables(): Record<string, string> {
  const variables = Object.entries(process.env).filter(([name]) => !REMOVED_VARIABLE.test(name));
  return Object.fromEntries(variables.map(([name, value = '']) => [name, value]));
}

function cleanEnvironment(): Uint8Array {
  return strings(Object.entries(cleanVariables()).map(([name, value]) => `${name}=${value}`));
}

function strings(texts: readonly string[]): Uint8Array {
  return new TextEncoder().encode(texts.map((text) => `${text}\0`).join(''));
}
