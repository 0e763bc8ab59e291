/** The daemon that runs, as a command sees it from outside: its process, and what it leaves beside its pid file. Asks it nothing. */

import { readFileSync } from 'node:fs';

import type { Command } from 'commander';

import { given } from '../base/given.js';
import type { ReloadOutcome } from '../daemon/configuration/reload-report.js';
import type { RestartOutcome } from '../daemon/restart/restart.js';
import { pidFilePath, reloadOutcomePath, restartOutcomePath } from '../daemon/start/process-names.js';
import { readOwnFile } from '../io/files/files.js';
import { isPidFileHeld } from '../io/files/pid-file.js';
import { loadText } from './configuration.js';

/** Of a configuration that names no instance and no network namespace. */
export const STANDARD_PID_FILE = '/run/keepalived.pid';

/** What a command line says of the daemon that is meant. */
export interface DaemonOptions {
  readonly configId?: string;
  readonly pid?: string;
  readonly namespace?: string;
}

/** The options of DaemonOptions, for every command that has them. */
export function withDaemonOptions(command: Command): Command {
  return command
    .option('-i, --config-id <id>', 'configuration id for lines that begin with @ (default: the host name)')
    .option('-p, --pid <file>', 'pid file of the daemon (default: as the configuration says)')
    .option('-s, --namespace <name>', 'network namespace (default: as the configuration says)');
}

/** Where the daemon that is meant has its pid file; a configuration that cannot be used says nothing of it. */
export function pidFileOf(file: string, { pid, configId, namespace }: DaemonOptions): string {
  if (pid !== undefined) return pid;
  const { model } = loadText(file, { offline: true, ...given({ configId }) });
  if (model === undefined) return STANDARD_PID_FILE;
  return pidFilePath('supervisor', { pidFiles: {} }, { ...model.global, ...given({ networkNamespace: namespace }) });
}

/** The daemon that holds this pid file; undefined without one. */
export function holderOf(pidFile: string): number | undefined {
  if (!isPidFileHeld(pidFile)) return undefined;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}

/** An older program, or one that is not the daemon, would be ended by the signal. */
export function isHeard(pid: number, signal: number): boolean {
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(statusOf(pid))?.[1] ?? '0';
  return (BigInt(`0x${caught}`) & (1n << BigInt(signal - 1))) !== 0n;
}

export function isAlive(pid: number): boolean {
  return /^State:\s*[^ZX\s]/m.test(statusOf(pid));
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

/** How the last reload went; undefined when it is not known. */
export function reloadOutcome(pidFile: string): ReloadOutcome | undefined {
  return readOutcome(reloadOutcomePath(pidFile)) as ReloadOutcome | undefined;
}

/** How the last restart went; undefined when it is not known. */
export function restartOutcome(pidFile: string): RestartOutcome | undefined {
  return readOutcome(restartOutcomePath(pidFile)) as RestartOutcome | undefined;
}

function readOutcome(path: string): object | undefined {
  try {
    const outcome: unknown = JSON.parse(readOwnFile(path));
    return typeof outcome === 'object' && outcome !== null && 'at' in outcome ? outcome : undefined;
  } catch {
    return undefined;
  }
}
