/** Two hosts on one wire, each a network namespace with a folder for its files, and daemons running in them. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Program } from '../lab/process.js';
import { startProgram } from '../lab/process.js';
import { awaitCarrier } from '../support/carrier.js';
import { pidIn } from '../support/processes.js';

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
  /** The process behind `vrrp.pid` and the like, which is there some moments after the process has said its first words. */
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
  for (const { namespace } of [left, right]) awaitCarrier(namespace, 'eth0');
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
    pidOf: (file) => pidIn(join(folder, `${file}.pid`)),
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

export interface PoolSettings {
  /** Lines of each real server on 10.9.9.1, by its port. */
  readonly servers: Readonly<Record<number, readonly string[]>>;
  /** Of the virtual server. */
  readonly lines?: readonly string[];
}

/** A virtual server on port 80 of an address that nobody holds. Servers without checks answer nobody and count as up. */
export function pool({ servers, lines = [] }: PoolSettings): string {
  return [
    'virtual_server 10.9.9.101 80 {',
    'delay_loop 1',
    'lb_algo rr',
    'lb_kind NAT',
    'protocol TCP',
    ...lines,
    ...Object.entries(servers).flatMap(([port, own]) => [`real_server 10.9.9.1 ${port} {`, ...own, '}']),
    '}',
    '',
  ].join('\n');
}
