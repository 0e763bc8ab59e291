/** What the commands that change the running daemon have in common. */

import { InvalidArgumentError, Option } from 'commander';

import type { CommandAnswer } from '../control/commands.js';
import { NO_ANSWER } from './control-client.js';

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
  return new Option('--keep', 'outlives a restart of the daemon');
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
function readSpan(text: string): number {
  const [, number = '', unit = 's'] = /^(\d{1,8})([smhd]?)$/.exec(text) ?? [];
  const seconds = Number(number) * (UNITS[unit === '' ? 's' : unit] ?? 1);
  if (number === '' || seconds === 0) throw new InvalidArgumentError('Write it like 90s, 10m, 2h or 1d.');
  return seconds;
}
