/**
 * Runs notify commands without ever waiting for them, in order per object: the next command of a key starts when the one
 * before has ended, or after a second if it goes on, because some scripts stay as long as the state lasts.
 */

import type { AccountName, Command } from '../../base/command.js';
import type { CommandPort } from '../../runtime/ports.js';
import type { FindAccount } from './accounts.js';
import { createAccounts } from './accounts.js';
import { type RunningScript, findAccount, startScript } from './script.js';

export interface NotifierOptions {
  /** global_defs script_user; without it the account keepalived_script if there is one, else the daemon's own. */
  readonly scriptUser?: AccountName;
  /** Where accounts are looked up; the user database itself unless given. */
  readonly findAccount?: FindAccount;
}

export interface Notifier extends CommandPort {
  /** Takes new options. */
  readonly configure: (options: NotifierOptions) => void;
  /** Nothing runs, and nothing waits. */
  readonly isIdle: () => boolean;
  /** Starts what waits, gives everything `limit` milliseconds, then ends what still runs and calls back once. */
  readonly finish: (limit: number, done: () => void) => void;
}

/** A command that could not be started, or was given up because too many of its key waited. */
export interface NotifyProblem {
  readonly key: string;
  readonly command: Command;
  /** `ENOENT` and the like, `no such user`, or `too many waiting`. */
  readonly code: string;
}

/** How long a running command holds up the next of its key, in milliseconds. */
const PATIENCE = 1_000;

/** Commands that may wait per key; beyond it the oldest is given up. */
const MOST_WAITING = 64;

type Problem = (command: Command, code: string) => void;
type Starter = (command: Command, onEnd: () => void) => boolean;

/** Opens the command port; `onProblem` may be called before run() returns. */
export function openNotifier(options: NotifierOptions, onProblem: (problem: NotifyProblem) => void): Notifier {
  let accountFor = createAccounts(options.scriptUser, options.findAccount ?? findAccount);
  const lanes = new Map<string, CommandLane>();
  const running = new Set<RunningScript>();
  let onIdle: (() => void) | undefined;

  const startIn = (key: string): Starter => (command, onEnd) => {
    const account = accountFor(command);
    const script =
      account !== undefined && 'code' in account
        ? { code: account.code === 'ENOENT' ? 'no such user' : account.code }
        : startScript(command.argv, account, (_ending, ended) => {
            running.delete(ended);
            onEnd();
            if (running.size === 0) onIdle?.();
          });
    if ('code' in script) onProblem({ key, command, code: script.code });
    else running.add(script);
    return !('code' in script);
  };
  return {
    run: (key, command) => {
      let lane = lanes.get(key);
      if (lane === undefined) {
        const giveUp: Problem = (given, code) => {
          onProblem({ key, command: given, code });
        };
        lane = new CommandLane(startIn(key), giveUp, () => lanes.delete(key));
        lanes.set(key, lane);
      }
      lane.add(command);
    },
    configure: (next) => {
      accountFor = createAccounts(next.scriptUser, next.findAccount ?? findAccount);
    },
    isIdle: () => running.size === 0 && lanes.size === 0,
    finish: (limit, done) => {
      for (const lane of [...lanes.values()]) lane.hurry();
      const end = (): void => {
        onIdle = undefined;
        clearTimeout(timer);
        for (const script of running) script.kill('SIGTERM');
        done();
      };
      const timer = setTimeout(end, running.size === 0 ? 0 : limit);
      onIdle = end;
    },
  };
}

/** The commands of one key. */
class CommandLane {
  readonly #waiting: Command[] = [];
  readonly #start: Starter;
  readonly #onProblem: Problem;
  readonly #onEmpty: () => void;
  /** Set while a command holds up the next. */
  #patience: NodeJS.Timeout | undefined;

  constructor(start: Starter, onProblem: Problem, onEmpty: () => void) {
    this.#start = start;
    this.#onProblem = onProblem;
    this.#onEmpty = onEmpty;
  }

  add(command: Command): void {
    const again = this.#waiting.findIndex((waiting) => isSame(waiting, command));
    // Asked for again while it waits: running it twice would tell nothing new, but it must come last.
    if (again >= 0) this.#waiting.splice(again, 1);
    this.#waiting.push(command);
    const oldest = this.#waiting.length > MOST_WAITING ? this.#waiting.shift() : undefined;
    if (oldest !== undefined) this.#onProblem(oldest, 'too many waiting');
    this.#advance();
  }

  /** Starts all that wait, in order, at once. */
  hurry(): void {
    for (const command of this.#waiting.splice(0)) this.#run(command);
  }

  #advance(): void {
    while (this.#patience === undefined) {
      const command = this.#waiting.shift();
      if (command === undefined) {
        this.#onEmpty();
        return;
      }
      this.#run(command);
    }
  }

  #run(command: Command): void {
    const patience = setTimeout(() => {
      this.#release(patience);
    }, PATIENCE).unref();
    const started = this.#start(command, () => {
      this.#release(patience);
    });
    if (started) this.#patience = patience;
    else clearTimeout(patience);
  }

  /** The command that `patience` was for no longer holds up the next. */
  #release(patience: NodeJS.Timeout): void {
    clearTimeout(patience);
    if (this.#patience !== patience) return;
    this.#patience = undefined;
    this.#advance();
  }
}

function isSame(a: Command, b: Command): boolean {
  if (a.user !== b.user || a.group !== b.group || a.argv.length !== b.argv.length) return false;
  return a.argv.every((word, i) => word === b.argv[i]);
}
