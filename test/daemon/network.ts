/** Two hosts on one wire, each a network namespace with a folder for its files, and daemons running in them. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { OutputLine, Program } from '../lab/process.js';
import { startProgram } from '../lab/process.js';

/** The command under test, as built. */
export const HOLDFAST: readonly string[] = [process.execPath, join(process.cwd(), 'dist', 'main.js')];

export const VIP = '10.9.9.100';

export interface Host {
  readonly namespace: string;
  readonly folder: string;
  /** The addresses of eth0, IPv4 only. */
  readonly addresses: () => readonly string[];
  readonly run: (program: string, ...words: readonly string[]) => string;
  /** Writes a file into the host's folder and returns its path. */
  readonly write: (name: string, text: string) => string;
  readonly read: (name: string) => string;
  /** Starts a program inside; it is ended with the network. */
  readonly start: (words: readonly string[], environment?: Readonly<Record<string, string>>) => Program;
  /** Starts the daemon in the foreground with pid files of its own and `configuration` as its file. */
  readonly daemon: (configuration: string, options?: DaemonOptions) => Program;
  /** The process behind `vrrp.pid` and the like. */
  readonly pidOf: (file: 'keepalived' | 'vrrp' | 'checkers' | 'bfd') => number;
}

export interface DaemonOptions {
  readonly command?: readonly string[];
  /** Default -n -l -D. */
  readonly options?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Network {
  /** 10.9.9.1. */
  readonly left: Host;
  /** 10.9.9.2. */
  readonly right: Host;
  readonly close: () => Promise<void>;
}

export function openNetwork(): Network {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-daemon-'));
  const programs: Program[] = [];
  const name = folder.slice(-6);
  const left = createHost(`hf-daemon-${name}-l`, mkdtempSync(join(folder, 'left-')), programs);
  const right = createHost(`hf-daemon-${name}-r`, mkdtempSync(join(folder, 'right-')), programs);
  execFileSync('ip', ['-n', left.namespace, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', right.namespace]);
  for (const [host, address] of [
    [left, '10.9.9.1/24'],
    [right, '10.9.9.2/24'],
  ] as const) {
    const commands = ['link set lo up', `address add ${address} dev eth0`, 'link set eth0 up'];
    execFileSync('ip', ['-n', host.namespace, '-batch', '-'], { input: `${commands.join('\n')}\n` });
  }
  return {
    left,
    right,
    close: async () => {
      for (const program of programs) {
        program.signalGroup('SIGTERM');
        const gaveUp = setTimeout(() => program.signalGroup('SIGKILL'), 7_000);
        await program.exited;
        clearTimeout(gaveUp);
        // What it started may have outlived it.
        program.signalGroup('SIGKILL');
      }
      for (const { namespace } of [left, right]) execFileSync('ip', ['netns', 'del', namespace]);
      rmSync(folder, { recursive: true });
    },
  };
}

function createHost(namespace: string, folder: string, programs: Program[]): Host {
  execFileSync('ip', ['netns', 'add', namespace]);
  const run = (program: string, ...words: readonly string[]): string =>
    execFileSync('ip', ['netns', 'exec', namespace, program, ...words], { encoding: 'utf8' });
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o644 });
    return join(folder, name);
  };
  const start = (words: readonly string[], environment: Readonly<Record<string, string>> = {}): Program => {
    const program = startProgram(words, { namespace, environment: { TMPDIR: folder, ...environment } });
    programs.push(program);
    return program;
  };
  return {
    namespace,
    folder,
    run,
    write,
    start,
    read: (name) => readFileSync(join(folder, name), 'utf8'),
    addresses: () => [...run('ip', '-4', '-o', 'address', 'show', 'dev', 'eth0').matchAll(/inet (\S+?)\//g)].map(([, address = '']) => address),
    daemon: (configuration, { command = HOLDFAST, options = ['-n', '-l', '-D'], environment } = {}) =>
      start([...command, ...options, '-G', '-f', write('keepalived.conf', configuration), ...pidFiles(folder)], environment),
    pidOf: (file) => Number(readFileSync(join(folder, `${file}.pid`), 'utf8')),
  };
}

/** The options that put all pid files into `folder`. */
export function pidFiles(folder: string): readonly string[] {
  return ['-p', join(folder, 'keepalived.pid'), '-r', join(folder, 'vrrp.pid'), '-c', join(folder, 'checkers.pid'), '-b', join(folder, 'bfd.pid')];
}

export interface InstanceSettings {
  readonly priority?: number;
  /** Seconds; default 1. */
  readonly advertInterval?: number;
  readonly lines?: readonly string[];
}

/** Prints what changes of addresses, each line with its time; says `ready` first. For `instantOf`. */
export const WATCH_ADDRESSES: readonly string[] = ['sh', '-c', 'echo ready; exec ip -o -ts monitor address'];

/**
 * When something was on the wire or in the kernel, in ms: the stamp of tcpdump -tt or of `ip -ts monitor`, not when this
 * process read it. It stands on the line itself or, with tcpdump -v, on the one before.
 */
export function instantOf({ lines }: Program, line: OutputLine): number {
  const told = lines.slice(0, lines.indexOf(line) + 1).reverse();
  for (const { text } of told) {
    const [, seconds, instant] = /^(\d+\.\d+) |^\[([-\dT:.]+)\]/.exec(text) ?? [];
    if (seconds !== undefined) return Number(seconds) * 1000;
    if (instant !== undefined) return Date.parse(instant);
  }
  throw new Error(`no time at: ${line.text}`);
}

/** One virtual router on eth0 that holds VIP while master. An owner (255) is master at once. */
export function instance({ priority = 255, advertInterval = 1, lines = [] }: InstanceSettings = {}): string {
  return [
    'vrrp_instance V1 {',
    ...(priority === 255 ? ['state MASTER'] : []),
    'interface eth0',
    'virtual_router_id 51',
    `priority ${priority}`,
    `advert_int ${advertInterval}`,
    ...lines,
    'virtual_ipaddress {',
    VIP,
    '}',
    '}',
    '',
  ].join('\n');
}
