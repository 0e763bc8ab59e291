/** Long-running programs of a lab: started in a namespace, their lines collected with arrival times, ended by us. */

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { inNamespace } from './namespace.js';

export interface OutputLine {
  /** Milliseconds since the epoch at which the line arrived. */
  readonly at: number;
  readonly text: string;
}

export interface StartOptions {
  readonly namespace?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly onLine?: (line: OutputLine) => void;
}

/**
 * Seconds that any wait may take at least, whatever it asks for: a busy machine is no defect, and the control process gives way to
 * everybody else there. A wait's own number says what it takes on a quiet one.
 */
export const PATIENCE = 120;

/** A running program and all it has said on stdout and stderr. */
export class Program {
  readonly #child: ChildProcess;
  readonly #lines: OutputLine[] = [];
  readonly #listeners = new Set<() => void>();
  #ended = false;
  readonly exited: Promise<number | NodeJS.Signals>;

  constructor(words: readonly string[], options: StartOptions) {
    const [program = '', ...rest] = inNamespace(options.namespace, words);
    // A process group of its own, so that everything it starts can be ended with it.
    this.#child = spawn(program, rest, {
      detached: true,
      env: { ...process.env, ...options.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // A program that is gone is seen by its exit, not by a failed write to it.
    this.#child.stdin?.on('error', () => undefined);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (text) => {
        const line = { at: Date.now(), text };
        this.#lines.push(line);
        options.onLine?.(line);
        this.#wake();
      });
    }
    this.exited = new Promise((done, failed) => {
      this.#child.once('error', failed);
      this.#child.once('close', (code, signal) => {
        this.#ended = true;
        done(code ?? signal ?? 'SIGKILL');
        this.#wake();
      });
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the program did not start');
    return this.#child.pid;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get lines(): readonly OutputLine[] {
    return this.#lines;
  }

  /** What it has said, as one text. */
  text(): string {
    return this.#lines.map((line) => line.text).join('\n');
  }

  tell(line: string): void {
    this.#child.stdin?.write(line + '\n');
  }

  /** Resolves with the first line from number `from` on that matches; rejects after `seconds` (and PATIENCE) or when the program ends. */
  async line(pattern: RegExp, seconds: number, from = 0): Promise<OutputLine> {
    const limit = Math.max(seconds, PATIENCE);
    const deadline = performance.now() + limit * 1000;
    for (;;) {
      const found = this.#lines.slice(from).find((line) => pattern.test(line.text));
      if (found !== undefined) return found;
      const left = deadline - performance.now();
      if (this.#ended || left <= 0) {
        throw new Error(`no line ${String(pattern)} ${this.#ended ? 'before it ended' : `within ${limit} s`}:\n${this.text()}`);
      }
      await this.#change(left);
    }
  }

  /** Sends a signal to the program alone. */
  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** Sends a signal to the program's whole process group; nothing happens when that is gone. */
  signalGroup(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #change(milliseconds: number): Promise<void> {
    return new Promise((done) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(finish);
        done();
      };
      const timer = setTimeout(finish, milliseconds);
      this.#listeners.add(finish);
    });
  }
}

export function startProgram(words: readonly string[], options: StartOptions = {}): Program {
  return new Program(words, options);
}

/** Asks `question` again and again until it answers something other than undefined or false; rejects after `seconds` (and PATIENCE). */
export async function until<T>(what: string, seconds: number, question: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const limit = Math.max(seconds, PATIENCE);
  const deadline = performance.now() + limit * 1000;
  for (;;) {
    const answer = await question();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${limit} s: ${what}`);
    await pause(0.05);
  }
}

export function pause(seconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, seconds * 1000));
}
