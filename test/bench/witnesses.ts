/** Who sees a failover: a client that asks for the address all the time, and the kernels that hold it. */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import type { Pair } from '../interop/pair.js';

export interface Client {
  /** Ends it. Milliseconds from a question to the next answer, at most. */
  readonly longestSilence: () => Promise<number>;
}

/** Compiles the client into `folder`, and answers where it is. */
export function buildClient(folder: string): string {
  const program = join(folder, 'client');
  execFileSync(process.env['CC'] ?? 'cc', ['-O2', '-Wall', '-Wextra', '-o', program, join(process.cwd(), 'test/bench/client/client.c')]);
  return program;
}

/** A neighbour that asks the address for an echo every 2 ms. Resolves when it has been answered. */
export async function startClient(pair: Pair, address: string, program: string): Promise<Client> {
  const client = spawn('ip', ['netns', 'exec', pair.namespace('client'), program, address], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(client, 'close');
  let output = '';
  await new Promise<void>((resolve) => {
    client.stdout.on('data', (part: Buffer) => {
      output += part.toString();
      resolve();
    });
    client.once('close', () => resolve());
  });
  return {
    longestSilence: async () => {
      client.kill('SIGTERM');
      await ended;
      return Number(output.trim().split('\n').at(-1));
    },
  };
}

/** The client forgets where the address was. */
export function flushNeighbours(pair: Pair): void {
  execFileSync('ip', ['-n', pair.namespace('client'), 'neighbour', 'flush', 'dev', 'eth0']);
}

/** Milliseconds in which the address was on neither director, and on both. */
export interface Holding {
  readonly nobody: number;
  readonly both: number;
}

export interface Holders {
  readonly holds: (station: 'a' | 'b') => boolean;
  /** From an instant on, milliseconds since 1970, until now. */
  readonly since: (from: number) => Holding;
  readonly close: () => Promise<void>;
}

interface Change {
  readonly station: 'a' | 'b';
  readonly at: number;
  readonly held: boolean;
}

/** Begins with nobody. */
export function watchHolders(pair: Pair, address: string): Holders {
  const changes: Change[] = [];
  const monitors = (['a', 'b'] as const).map((station) => {
    const words = ['-n', pair.namespace(station), '-ts', '-o', 'monitor', 'address'];
    const monitor = spawn('ip', words, { stdio: ['ignore', 'pipe', 'ignore'] });
    let rest = '';
    monitor.stdout.on('data', (part: Buffer) => {
      const lines = (rest + part.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.filter((each) => each.includes(` ${address}/`))) {
        changes.push({ station, at: timeOf(line), held: !line.includes('Deleted') });
      }
    });
    return monitor;
  });
  return {
    holds: (station) => changes.findLast((change) => change.station === station)?.held ?? false,
    since: (from) => holding([...changes].sort((one, other) => one.at - other.at), from),
    close: async () => {
      await Promise.all(
        monitors.map((monitor) => {
          const ended = once(monitor, 'close');
          monitor.kill('SIGINT');
          return ended;
        }),
      );
    },
  };
}

function holding(changes: readonly Change[], from: number): Holding {
  const holders = new Set<'a' | 'b'>();
  let nobody = 0;
  let both = 0;
  for (const [i, { station, held, at }] of changes.entries()) {
    if (held) holders.add(station);
    else holders.delete(station);
    const until = changes[i + 1]?.at ?? Date.now();
    const span = Math.max(0, until - Math.max(at, from));
    if (holders.size === 0) nobody += span;
    if (holders.size === 2) both += span;
  }
  return { nobody, both };
}

/** `[2026-11-21T16:15:08.123456] ...` in milliseconds. */
function timeOf(line: string): number {
  const [, second = '', fraction = '0'] = /^\[([^.\]]+)\.(\d+)\]/.exec(line) ?? [];
  return Date.parse(`${second}Z`) + Number(`0.${fraction}`) * 1000;
}
