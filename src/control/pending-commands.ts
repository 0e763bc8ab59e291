/** Commands on their way to the supervisor: bounded, and given up when it does not answer. */

import type { CommandAnswer, OperatorCommand, SHOW_CONFIGURATION, SettingCommand } from './commands.js';

/** At the same time. */
const MOST = 64;
/** Milliseconds. */
const PATIENCE = 5_000;

export interface PendingCommands {
  /** Calls back once. */
  readonly send: (command: OperatorCommand | SettingCommand | typeof SHOW_CONFIGURATION, done: (answer: CommandAnswer) => void) => void;
  readonly answered: (id: number, answer: CommandAnswer) => void;
}

export function createPendingCommands(pass: (id: number, command: OperatorCommand | SettingCommand | typeof SHOW_CONFIGURATION) => void): PendingCommands {
  const waiting = new Map<number, (answer: CommandAnswer) => void>();
  let lastId = 0;
  const answered = (id: number, answer: CommandAnswer): void => {
    const done = waiting.get(id);
    waiting.delete(id);
    done?.(answer);
  };
  return {
    answered,
    send: (command, done) => {
      if (waiting.size >= MOST) {
        done({ done: false, error: 'too many commands at once' });
        return;
      }
      lastId += 1;
      const id = lastId;
      const timer = setTimeout(() => answered(id, { done: false, error: 'the daemon has not answered in time' }), PATIENCE);
      waiting.set(id, (answer) => {
        clearTimeout(timer);
        done(answer);
      });
      pass(id, command);
    },
  };
}
