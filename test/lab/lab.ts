/**
 * Runs one script in a lab: a kernel with ip_vs of its own (see kernel.ts), the host's files, and nothing left behind.
 * Used by tests, the demo and the benchmarks; knows nothing of topologies or daemons.
 */

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabKernel } from './kernel.js';
import { LAB_MODULES, chooseKernel, kernelCommand } from './kernel.js';

/** The root of the checkout; this file runs as dist/test/lab/lab.js. */
export const CHECKOUT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

export interface LabOptions {
  /** Seconds until the lab is killed; covers booting, about 4 s. Default 600. */
  readonly timeout?: number;
  /** Default: the host's kernel if it has ip_vs, else user-mode Linux. */
  readonly kernel?: LabKernel;
  /** Words given to the script. */
  readonly words?: readonly string[];
  /** Variables of the script's environment besides PATH and HOME. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Kernel modules to load first; default LAB_MODULES. */
  readonly modules?: readonly string[];
  /** Megabytes of memory of a kernel that is not the host's. Default 2048. */
  readonly memory?: number;
  /** Hears output as it comes, besides its being collected. */
  readonly onOutput?: (text: string) => void;
  /** True gives the caller's terminal to the script; output is then not collected. */
  readonly terminal?: boolean;
}

export interface LabResult {
  /** The script's exit status; LAB_TIMED_OUT or LAB_BROKEN when it has none. */
  readonly status: number;
  /** What the script and its children wrote to stdout and stderr. */
  readonly output: string;
}

/** Seconds: many times what a quiet machine takes. */
const TIME_LIMIT = 600;

/** The lab was killed because its time was over. */
export const LAB_TIMED_OUT = 124;
/** The lab's kernel ended without the script's having ended. */
const LAB_BROKEN = 125;

/**
 * Runs `script` (a .js file with this Node, anything else by its own interpreter) as root in a fresh lab and resolves
 * when the lab is gone. Never rejects for what the script does; throws if the lab cannot be started.
 * A signal that ends this process ends the lab first.
 */
export async function runInLab(script: string, options: LabOptions = {}): Promise<LabResult> {
  const kernel = options.kernel ?? chooseKernel();
  const terminal = options.terminal ?? false;
  const runDirectory = mkdtempSync(join(tmpdir(), 'holdfast-lab-'));
  writeInit(runDirectory, kernel, terminal, options.modules ?? LAB_MODULES);
  writeCommand(runDirectory, script, options);
  const command = kernelCommand({ kernel, runDirectory, terminal, memory: options.memory ?? 2048 });
  const child = spawn(command.program, command.words, {
    // A group of its own: a terminal's Ctrl-C reaches only us, and killing the group leaves no helper process.
    detached: !terminal,
    env: { PATH: process.env['PATH'], TERM: process.env['TERM'], ...command.environment },
    stdio: terminal ? ['inherit', 'inherit', 'pipe'] : ['ignore', 'pipe', 'pipe'],
  });
  const release = endWithUs(child, runDirectory, terminal);
  const output = collect(child.stdout, options.onOutput);
  const console = collect(child.stderr, undefined);
  const timeout = AbortSignal.timeout((options.timeout ?? TIME_LIMIT) * 1000);
  const onTimeout = (): void => killLab(child, terminal);
  timeout.addEventListener('abort', onTimeout);
  try {
    await ended(child);
    const status = readStatus(runDirectory);
    if (timeout.aborted) return { status: LAB_TIMED_OUT, output: `${output()}\nlab: killed after ${options.timeout ?? TIME_LIMIT} s\n` };
    if (status === undefined) return { status: LAB_BROKEN, output: `${output()}\nlab: the kernel ended early\n${console()}` };
    return { status, output: output() };
  } finally {
    timeout.removeEventListener('abort', onTimeout);
    release();
    rmSync(runDirectory, { recursive: true, force: true });
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', () => done());
  });
}

function collect(stream: NodeJS.ReadableStream | null, onOutput: ((text: string) => void) | undefined): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    onOutput?.(piece);
  });
  return () => text;
}

function readStatus(runDirectory: string): number | undefined {
  const file = join(runDirectory, 'status');
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function killLab(child: ChildProcess, terminal: boolean): void {
  if (child.pid === undefined) return;
  try {
    process.kill(terminal ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    // It ended by itself in this very moment.
  }
}

/** Ends the lab and removes its files when this process is told to end; returns a function that takes that back. */
function endWithUs(child: ChildProcess, runDirectory: string, terminal: boolean): () => void {
  const clean = (): void => {
    killLab(child, terminal);
    rmSync(runDirectory, { recursive: true, force: true });
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    clean();
    release();
    process.kill(process.pid, signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const release = (): void => {
    process.off('exit', clean);
    for (const signal of signals) process.off(signal, onSignal);
  };
  process.on('exit', clean);
  for (const signal of signals) process.on(signal, onSignal);
  return release;
}

function writeInit(runDirectory: string, kernel: LabKernel, terminal: boolean, modules: readonly string[]): void {
  // A kernel that is not the host's mounts its modules there; its root is read-only, so the mount point must exist before.
  if (kernel !== 'host') mkdirSync('/lib/modules', { recursive: true });
  const lines = [
    '#!/bin/sh',
    ...exports({
      PATH: labPath(),
      LAB_KERNEL: kernel,
      LAB_RUN: runDirectory,
      LAB_CHECKOUT: CHECKOUT,
      LAB_MODULES: modules.join(' '),
      LAB_TERMINAL: terminal ? 'yes' : 'no',
    }),
    `. ${quote(join(CHECKOUT, 'test/lab/init.sh'))}`,
  ];
  writeFileSync(join(runDirectory, 'init'), lines.join('\n') + '\n', { mode: 0o755 });
}

function writeCommand(runDirectory: string, script: string, options: LabOptions): void {
  const program = /\.[cm]?js$/.test(script) ? [process.execPath, resolve(script)] : [resolve(script)];
  const words = [...program, ...(options.words ?? [])].map(quote).join(' ');
  const variables = exports({ PATH: labPath(), HOME: '/tmp', TERM: process.env['TERM'] ?? 'dumb', ...options.environment });
  // The console of a kernel that is not the host's does not know the size of the terminal behind it.
  const { rows, columns } = process.stdout;
  const size = options.terminal === true ? [`stty rows ${rows} cols ${columns}`] : [];
  writeFileSync(join(runDirectory, 'command'), [...variables, ...size, `exec ${words}`].join('\n') + '\n');
}

function labPath(): string {
  return `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${dirname(process.execPath)}`;
}

function exports(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`);
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
