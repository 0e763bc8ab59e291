/** What the commands that change the running daemon have in common. */

import { InvalidArgumentError, Option } from 'commander';

import { given } from '../base/given.js';
import type { CommandAnswer } from '../control/commands.js';
import type { ByHandStatus } from '../control/status.js';
import type { Word } from '../daemon/operator/by-hand.js';
import { NO_ANSWER, NoAnswer } from './control-client.js';

export interface TermOptions {
  /** Seconds. */
  readonly for?: number;
  readonly keep?: true;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

export function forOption(): Option {
  return new Option('--for <time>', 'ends by itself after 90s, 10m, 2h, 1d').argParser(readSpan);
}

export function keepOption(): Option {
  return new Option('--keep', 'outlives a stop and a start of the daemon');
}

export function printAnswer(action: string, answer: CommandAnswer): void {
  if (answer.done) {
    for (const name of answer.changed) process.stdout.write(`${action} ${name}\n`);
    return;
  }
  process.stderr.write(`Refused: ${answer.error}.\n`);
  process.exitCode = NO_ANSWER;
}

/** Seconds. */
export function readSpan(text: string): number {
  const [, number = '', unit = 's'] = /^(\d{1,8})([smhd]?)$/.exec(text) ?? [];
  const seconds = Number(number) * (UNITS[unit === '' ? 's' : unit] ?? 1);
  if (number === '' || seconds === 0) throw new InvalidArgumentError('Write it like 90s, 10m, 2h or 1d.');
  return seconds;
}

/** What the status shows, as it is laid over a configuration. Throws NoAnswer for what this version does not know. */
export function wordOf({ action, instance, server, virtualServer, weight, priority, preempt, since, until, kept, untilReload }: ByHandStatus): Word {
  const terms = { since: Date.parse(since), kept, ...(until === undefined ? {} : { until: Date.parse(until) }), ...given({ untilReload }) };
  if (action === 'yield' && instance !== undefined) return { action, instance, ...terms };
  if (action === 'priority' && instance !== undefined && priority !== undefined) return { action, instance, priority, ...terms };
  if (action === 'preempt' && instance !== undefined && preempt !== undefined) return { action, instance, preempt, ...terms };
  if (action === 'yield' || action === 'priority' || action === 'preempt' || server === undefined || virtualServer === undefined) throw new NoAnswer('The status is of another version.');
  return { action, server, virtualServer, ...given({ weight }), ...terms };
}
