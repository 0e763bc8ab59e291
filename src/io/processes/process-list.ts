/** Processes as /proc shows them, read outside of the event loop's thread. */

import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

import type { ProcessIdentity } from '../../vrrp/tracking/process-match.js';

/** A process that is alive; undefined when there is none, or only what is left of it. */
export async function readProcess(pid: number, withArguments: boolean): Promise<ProcessIdentity | undefined> {
  try {
    const comm = livingName(await readFile(`/proc/${pid}/stat`, 'utf8'));
    if (comm === undefined) return undefined;
    return { comm, argv: withArguments ? argumentsIn(await readFile(`/proc/${pid}/cmdline`, 'utf8')) : [] };
  } catch {
    return undefined;
  }
}

/** The name in a line of /proc/PID/stat, whatever it is made of; undefined of a process that has ended. Total. */
export function livingName(stat: string): string | undefined {
  // The name stands in parentheses and may hold some itself.
  const end = stat.lastIndexOf(')');
  const state = stat.charAt(end + 2);
  return state === 'Z' || state === 'X' ? undefined : stat.slice(stat.indexOf('(') + 1, end);
}

function argumentsIn(line: string): readonly string[] {
  return line === '' ? [] : line.replace(/\0$/, '').split('\0');
}

/** The ids of all processes. */
export async function listProcesses(): Promise<readonly number[]> {
  const names = await readdir('/proc');
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** CAP_SYS_PTRACE: who has it sees all processes, whatever /proc hides. */
const SEES_ALL = 1n << 19n;

/** Whether /proc keeps processes of other accounts from this one (its option hidepid, ProtectProc= of systemd). */
export function processesAreHidden(): boolean {
  try {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n').filter((line) => line.split(' ')[4] === '/proc');
    const hides = /[ ,]hidepid=(?!0|off)/.test(mounts.at(-1) ?? '');
    const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
    return hides && (BigInt(`0x${capabilities}`) & SEES_ALL) === 0n;
  } catch {
    return false;
  }
}
