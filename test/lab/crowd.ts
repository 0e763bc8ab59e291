/**
 * Many clients of a virtual address and real servers for them, in C: what they cost would hide what is measured. Compiled where
 * they run.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKOUT } from './lab.js';
import type { Program } from './process.js';
import { startProgram } from './process.js';

/** How often each error came, by its name, or CLOSED or NOT_ANSWERED. */
export type Errors = Readonly<Record<string, number>>;

/** What came of everything that was begun since the report before. */
export interface CrowdReport {
  /** Kept connections that are open. */
  readonly kept: number;
  /** Why others are not, since the beginning. */
  readonly lost: Errors;
  /** Milliseconds from a line to its echo, at most. What has not come back yet counts as far as it goes. */
  readonly longest: number;
  /** New connections. */
  readonly asked: number;
  readonly failed: Errors;
  /** Milliseconds from the beginning of a new connection to its answer, at most. */
  readonly slowest: number;
}

export interface CrowdOptions {
  readonly namespace: string;
  readonly address: string;
  /** Connections that are kept. */
  readonly kept: number;
  /** Lines a second that are said on them, in turn. */
  readonly lines: number;
  /** New connections a second. */
  readonly rate: number;
}

/** Compiles both programs; their directory. */
export function buildCrowd(): string {
  const directory = mkdtempSync(join(tmpdir(), 'crowd-'));
  for (const name of ['client', 'server']) {
    const source = join(CHECKOUT, 'test/lab/crowd', `${name}.c`);
    execFileSync(process.env['CC'] ?? 'cc', ['-O2', '-Wall', '-Wextra', '-o', join(directory, name), source], { stdio: ['ignore', 'inherit', 'inherit'] });
  }
  return directory;
}

/**
 * Clients and servers are other machines, which a director cannot keep from running: on a CPU that they share with it they come
 * first.
 */
const FIRST = ['nice', '-n', '-20'];

/** A real server on port 80 of its namespace, resolved when it answers. */
export async function startCrowdServer(programs: string, namespace: string): Promise<Program> {
  const server = startProgram([...FIRST, join(programs, 'server'), '80'], { namespace });
  await server.line(/^ready$/, 30);
  return server;
}

export class Crowd {
  readonly #client: Program;

  private constructor(client: Program) {
    this.#client = client;
  }

  /** Resolves when all kept connections are open. */
  static async start(programs: string, { namespace, address, kept, lines, rate }: CrowdOptions): Promise<Crowd> {
    const client = startProgram([...FIRST, join(programs, 'client'), address, '80', ...[kept, lines, rate].map(String)], { namespace });
    await client.line(/^kept$/, 120);
    return new Crowd(client);
  }

  /** Resolves when every new connection begun before now has been answered or given up. */
  async report(): Promise<CrowdReport> {
    const from = this.#client.lines.length;
    this.#client.tell('report');
    const { text } = await this.#client.line(/^\{/, 60, from);
    return JSON.parse(text) as CrowdReport;
  }
}
