/** Who sees a failover: a client that asks for the address all the time, and the kernels that hold it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';

import type { Pair } from '../interop/pair.js';

/** A neighbour that pings the address every 2 ms. */
export function startClient(pair: Pair, address: string): { readonly longestSilence: () => Promise<number> } {
  const ping = watchOutput(['ip', 'netns', 'exec', pair.namespace('client'), 'ping', '-n', '-D', '-i', '0.002', address]);
  return {
    longestSilence: async () => {
      const output = await ping.end();
      const answered = [...output.matchAll(/^\[([\d.]+)\] \d+ bytes/gm)].map((match) => Number(match[1]) * 1000);
      return Math.max(...answered.slice(1).map((at, i) => at - (answered[i] ?? at)));
    },
  };
}

/** Milliseconds in which the address was on neither director, and on both. */
export interface Holding {
  readonly nobody: number;
  readonly both: number;
}

/** Begins with `a` as the only holder, or with `b`. */
export function watchHolders(pair: Pair, address: string, first: 'a' | 'b'): { readonly end: () => Promise<Holding> } {
  const monitors = (['a', 'b'] as const).map((station) => {
    const monitor = watchOutput(['ip', '-n', pair.namespace(station), '-ts', '-o', 'monitor', 'address']);
    return { station, monitor };
  });
  return {
    end: async () => {
      const changes = [];
      for (const { station, monitor } of monitors) {
        const lines = (await monitor.end()).split('\n').filter((line) => line.includes(` ${address}/`));
        for (const line of lines) changes.push({ station, at: timeOf(line), held: !line.includes('Deleted') });
      }
      changes.sort((one, other) => one.at - other.at);
      return holding(changes, first);
    },
  };
}

interface Change {
  readonly station: 'a' | 'b';
  readonly at: number;
  readonly held: boolean;
}

function holding(changes: readonly Change[], first: 'a' | 'b'): Holding {
  const holders = new Set<'a' | 'b'>([first]);
  let nobody = 0;
  let both = 0;
  for (const [i, { station, held, at }] of changes.entries()) {
    if (held) holders.add(station);
    else holders.delete(station);
    const span = (changes[i + 1]?.at ?? at) - at;
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

function watchOutput([program = '', ...words]: readonly string[]): { readonly end: () => Promise<string> } {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  const ended = once(child, 'close');
  return {
    end: async () => {
      child.kill('SIGINT');
      await ended;
      return output;
    },
  };
}
