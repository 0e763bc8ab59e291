/** What happens around a director in a lab: real servers that answer, and a client that keeps asking. */

import { join } from 'node:path';
import type { Exchange } from './client.js';
import { CHECKOUT } from './lab.js';
import type { Program } from './process.js';
import { startProgram, until } from './process.js';

const PROGRAMS = join(CHECKOUT, 'dist/test/lab');

/** Starts a real server in its namespace, named like it; resolves when it answers. */
export async function startRealServer(namespace: string, addresses: readonly string[]): Promise<Program> {
  const server = startProgram([process.execPath, join(PROGRAMS, 'real-server.js'), namespace, ...addresses], { namespace });
  await server.line(/^ready$/, 30);
  return server;
}

export interface TrafficOptions {
  readonly namespace: string;
  readonly address: string;
  readonly port?: number;
  /** Milliseconds from the start of one request to the start of the next. */
  readonly interval?: number;
  /** Milliseconds until a request counts as failed. */
  readonly timeout?: number;
}

/** A client's requests and what came of them. */
export class Traffic {
  readonly #program: Program;
  readonly #exchanges: Exchange[] = [];
  readonly #timeout: number;

  constructor(options: TrafficOptions) {
    this.#timeout = options.timeout ?? 2000;
    const words = [options.address, options.port ?? 80, options.interval ?? 50, this.#timeout].map(String);
    this.#program = startProgram([process.execPath, join(PROGRAMS, 'client.js'), ...words], {
      namespace: options.namespace,
      onLine: (line) => this.#exchanges.push(JSON.parse(line.text) as Exchange),
    });
  }

  /** All exchanges so far, by the time they were started. */
  exchanges(): readonly Exchange[] {
    return [...this.#exchanges].sort((a, b) => a.at - b.at);
  }

  /** Exchanges started at `from` (milliseconds since the epoch) or later, and before `to`. */
  between(from: number, to = Infinity): readonly Exchange[] {
    return this.exchanges().filter((exchange) => exchange.at >= from && exchange.at < to);
  }

  /** Exchanges that were answered or given up at `from` or later, and before `to`. */
  finishedBetween(from: number, to: number): readonly Exchange[] {
    return this.#exchanges.filter(({ at, took }) => at + took >= from && at + took < to);
  }

  /** What came of every request started from `from` until `to`; resolves when none of them is under way any more. */
  async finished(from: number, to: number): Promise<readonly Exchange[]> {
    await until('the end of what was asked', 2 * (this.#timeout / 1000), () => {
      const later = this.#exchanges.filter(({ at }) => at >= to).map(({ number }) => number);
      const first = Math.min(...later);
      return later.length > 0 && this.#exchanges.filter(({ number }) => number < first).length === first - 1;
    });
    return this.between(from, to);
  }

  /** Resolves when `count` answers to requests started at `from` or later have come in. */
  async answers(count: number, seconds: number, from = 0): Promise<readonly Exchange[]> {
    return until(`${count} answers`, seconds, () => {
      const answered = this.between(from).filter((exchange) => exchange.server !== undefined);
      return answered.length >= count ? answered : undefined;
    });
  }

  async stop(): Promise<void> {
    this.#program.signalGroup('SIGKILL');
    await this.#program.exited;
  }
}

export function startTraffic(options: TrafficOptions): Traffic {
  return new Traffic(options);
}

/** How many answers each server gave. */
export function countByServer(exchanges: readonly Exchange[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { server } of exchanges) if (server !== undefined) counts.set(server, (counts.get(server) ?? 0) + 1);
  return counts;
}

/** The longest time, in milliseconds, from one answer's arrival to the next one's. */
export function longestSilence(exchanges: readonly Exchange[]): number {
  const arrivals = exchanges
    .filter((exchange) => exchange.server !== undefined)
    .map(({ at, took }) => at + took)
    .sort((a, b) => a - b);
  return arrivals.reduce((longest, arrival, index) => Math.max(longest, arrival - (arrivals[index - 1] ?? arrival)), 0);
}
