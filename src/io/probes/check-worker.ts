/**
 * MISC_CHECK with misc_worker: a program that stays and is asked by lines of JSON, instead of a process for each check. One
 * process serves all checks of the same program and account; it is started when it is first asked, and again when it ends.
 *
 * A question: `{"id":7,"arguments":["192.0.2.11","80"],"timeout":5}`, seconds. The answer, whenever it is ready and in any
 * order: `{"id":7,"status":0}`, where the status means what an exit status does. Its input ends when it is to end.
 */

import { createInterface } from 'node:readline';

import type { AccountName, Command } from '../../base/command.js';
import type { ProgramEnding } from '../../base/program-ending.js';
import type { Micros } from '../../base/time.js';
import { createAccounts, type FindAccount, type FoundAccount } from '../processes/accounts.js';
import { errorCodeOf } from '../files/files.js';
import { type PipedProgram, startPiped } from '../processes/script.js';

export interface CheckWorkers {
  /** `onEnd` is called once, after this has returned. */
  readonly ask: (number: number, command: Command, limit: Micros, onEnd: (ending: ProgramEnding) => void) => void;
  /** No answer follows. Unknown numbers are ignored. */
  readonly forget: (number: number) => void;
  /** Whom programs without an account of their own run as. Workers that run are replaced, so that they may be renewed by a reload. */
  readonly configure: (scriptUser: AccountName | undefined, find: FindAccount) => void;
  /** Ends all of them. */
  readonly close: () => void;
}

export function openCheckWorkers(): CheckWorkers {
  let accountFor = createAccounts(undefined, () => ({ code: 'ENOENT' }));
  const workers = new Map<string, Worker>();
  const asked = new Map<number, Worker>();
  return {
    ask: (number, command, limit, onEnd) => {
      const account = accountFor(command);
      const key = JSON.stringify([command.argv[0], account === undefined ? [] : 'code' in account ? account.code : [...account]]);
      let worker = workers.get(key);
      if (worker === undefined) {
        worker = new Worker(command.argv[0] ?? '', account);
        workers.set(key, worker);
      }
      asked.set(number, worker);
      worker.ask(number, command.argv.slice(1), limit, (ending) => {
        asked.delete(number);
        onEnd(ending);
      });
    },
    forget: (number) => {
      asked.get(number)?.forget(number);
      asked.delete(number);
    },
    configure: (scriptUser, find) => {
      accountFor = createAccounts(scriptUser, find);
      for (const worker of workers.values()) worker.retire();
      workers.clear();
    },
    close: () => {
      for (const worker of new Set([...workers.values(), ...asked.values()])) worker.close();
      workers.clear();
      asked.clear();
    },
  };
}

interface Question {
  readonly words: readonly string[];
  readonly limit: Micros;
  readonly onEnd: (ending: ProgramEnding) => void;
  readonly timer: NodeJS.Timeout;
  /** Processes that ended under it; the second takes it along. */
  deaths: number;
  /** Lines heard of the process when it was asked. */
  heardBefore: number;
}

/** Milliseconds: a program that cannot live is not started more often than this; from TERM to KILL. */
const START_PAUSE = 1_000;
const KILL_DELAY = 2_000;

/** Characters of an answer; who says more in one line has not understood. */
const LONGEST_LINE = 64 * 1024;

class Worker {
  readonly #program: string;
  readonly #account: FoundAccount | undefined;
  readonly #questions = new Map<number, Question>();
  #process: PipedProgram | undefined;
  #lines = 0;
  #startedAt = -Infinity;
  #restart: NodeJS.Timeout | undefined;
  #retired = false;

  constructor(program: string, account: FoundAccount | undefined) {
    this.#program = program;
    this.#account = account;
  }

  ask(number: number, words: readonly string[], limit: Micros, onEnd: (ending: ProgramEnding) => void): void {
    const timer = setTimeout(() => this.#late(number), limit / 1_000);
    const question = { words, limit, onEnd, timer, deaths: 0, heardBefore: this.#lines };
    this.#questions.set(number, question);
    if (this.#process !== undefined) this.#send(number, question);
    else this.#start();
  }

  forget(number: number): void {
    clearTimeout(this.#questions.get(number)?.timer);
    this.#questions.delete(number);
    if (this.#retired && this.#questions.size === 0) this.close();
  }

  /** Ends once all it has been asked is answered. */
  retire(): void {
    this.#retired = true;
    if (this.#questions.size === 0) this.close();
  }

  close(): void {
    for (const number of [...this.#questions.keys()]) clearTimeout(this.#questions.get(number)?.timer);
    this.#questions.clear();
    clearTimeout(this.#restart);
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined) return;
    running.stdin?.end();
    signalGroup(running, 'SIGTERM');
    const killer = setTimeout(() => signalGroup(running, 'SIGKILL'), KILL_DELAY).unref();
    running.once('exit', () => clearTimeout(killer));
  }

  #start(): void {
    if (this.#restart !== undefined) return;
    const pause = Math.max(0, this.#startedAt + START_PAUSE - performance.now());
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      this.#startedAt = performance.now();
      const ids = idsOf(this.#account);
      if ('refused' in ids) this.#endAll({ type: 'notStarted', reason: ids.refused });
      else this.#run(startPiped(this.#program, ids));
    }, pause);
  }

  #run(running: PipedProgram): void {
    this.#process = running;
    const isMine = (): boolean => this.#process === running;
    running.on('error', (error) => {
      if (!isMine()) return;
      this.#process = undefined;
      this.#endAll({ type: 'notStarted', reason: errorCodeOf(error) });
    });
    running.on('exit', () => {
      if (isMine()) this.#died();
    });
    // What is written to a process that has just ended is asked again of the next one.
    running.stdin?.on('error', () => undefined);
    if (running.stdout !== null) this.#listen(running, running.stdout, isMine);
    for (const [number, question] of this.#questions) this.#send(number, question);
  }

  #listen(running: PipedProgram, output: NodeJS.ReadableStream, isMine: () => boolean): void {
    let length = 0;
    output.on('data', (chunk: Buffer) => {
      const end = chunk.lastIndexOf(10);
      length = end < 0 ? length + chunk.length : chunk.length - end;
      if (length > LONGEST_LINE) signalGroup(running, 'SIGKILL');
    });
    createInterface({ input: output }).on('line', (line) => {
      if (isMine()) this.#hear(line);
    });
  }

  #send(number: number, question: Question): void {
    question.heardBefore = this.#lines;
    const { words, limit } = question;
    this.#process?.stdin?.write(`${JSON.stringify({ id: number, arguments: words, timeout: limit / 1_000_000 })}\n`);
  }

  #hear(line: string): void {
    this.#lines += 1;
    const answer = workerAnswer(line);
    if (answer !== undefined) this.#end(answer.id, { type: 'exited', status: answer.status });
  }

  #end(number: number, ending: ProgramEnding): void {
    const question = this.#questions.get(number);
    this.forget(number);
    question?.onEnd(ending);
  }

  #endAll(ending: ProgramEnding): void {
    for (const number of [...this.#questions.keys()]) this.#end(number, ending);
  }

  /** A process that has said nothing since the question hangs: the next one is asked what else is open. */
  #late(number: number): void {
    const question = this.#questions.get(number);
    const running = this.#process;
    this.#end(number, { type: 'timedOut' });
    if (running !== undefined && question?.heardBefore === this.#lines) signalGroup(running, 'SIGKILL');
  }

  /** That a process ends says nothing about a server: its questions go to the next one, once. */
  #died(): void {
    this.#process = undefined;
    for (const [number, question] of [...this.#questions]) {
      question.deaths += 1;
      if (question.deaths > 1) this.#end(number, { type: 'notStarted', reason: 'the worker ended twice before it answered' });
    }
    if (this.#questions.size > 0) this.#start();
  }
}

/** What a worker's line answers; undefined when it is no answer. Total. */
export function workerAnswer(line: string): { readonly id: number; readonly status: number } | undefined {
  try {
    const { id, status } = JSON.parse(line) as { readonly id?: unknown; readonly status?: unknown };
    if (typeof id !== 'number' || typeof status !== 'number' || !Number.isInteger(status)) return undefined;
    return status >= 0 && status <= 255 ? { id, status } : undefined;
  } catch {
    return undefined;
  }
}

function idsOf(account: FoundAccount | undefined): { readonly uid?: number; readonly gid?: number } | { readonly refused: string } {
  if (account === undefined) return {};
  if ('code' in account) return { refused: account.code === 'ENOENT' ? 'no such user' : account.code };
  const [uid = 0, gid = 0, ...groups] = account;
  return groups.some((group) => group !== gid) ? { refused: 'a worker has no supplementary groups' } : { uid, gid };
}

function signalGroup({ pid }: PipedProgram, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone.
  }
}
