/** `holdfast log`: JSON lines of the log, rendered for people. What is no such line is passed on as it is. */

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

import { Command, Option } from 'commander';

import type { LogEntry, LogLevel } from '../base/log.js';
import { errorCodeOf } from '../io/files/files.js';
import { FINDINGS } from './status.js';

interface LogOptions {
  readonly level: LogLevel;
  readonly event?: readonly string[];
  readonly fields?: true;
}

/** One line of --log-format json. */
interface LogLine extends Pick<LogEntry, 'level' | 'event' | 'fields'> {
  readonly time: string;
  readonly process: string;
  readonly message: string;
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const COLOURS: Readonly<Record<LogLevel, string>> = { debug: '\u001b[2m', info: '', warn: '\u001b[35m', error: '\u001b[31m' };
const RESET = '\u001b[0m';

const AFTER_HELP = `
For the output of --log-format json, from a file or from standard input:

  journalctl -u holdfast -o cat | holdfast log --level warn
  holdfast log --event stateChanged /var/log/holdfast.log

The name of a process is that of keepalived's without Keepalived_; parent is the supervisor.
`;

export function createLogCommand(): Command {
  return new Command()
    .description('Renders JSON lines of the log for people.')
    .argument('[file]', 'the log; standard input unless given')
    .addOption(new Option('--level <level>', 'this level and above').choices(LEVELS).default('debug'))
    .option('--event <name...>', 'these events only')
    .option('--fields', 'show the fields of each event, too')
    .addHelpText('after', AFTER_HELP)
    .action(async (file: string | undefined, options: LogOptions) => {
      const input = file === undefined ? process.stdin : createReadStream(file);
      // What the reader of lines would make of it is an end.
      const failed = new Promise<never>((_, reject) => void input.once('error', reject));
      failed.catch(() => undefined);
      try {
        const lines = createInterface({ input });
        for await (const line of lines) {
          const text = rendered(line, options, process.stdout.isTTY);
          if (text !== undefined) process.stdout.write(`${text}\n`);
        }
        await Promise.race([failed, Promise.resolve()]);
      } catch (error) {
        process.stderr.write(`${file ?? 'standard input'} cannot be read: ${errorCodeOf(error)}\n`);
        process.exitCode = FINDINGS;
      }
    });
}

/** Undefined for what was not asked for. */
function rendered(line: string, { level, event: events, fields }: LogOptions, coloured: boolean): string | undefined {
  const entry = parsed(line);
  if (entry === undefined) return line;
  if (LEVELS.indexOf(entry.level) < LEVELS.indexOf(level) || events?.includes(entry.event) === false) return undefined;
  const shown = [
    localTime(entry.time),
    speaker(entry.process),
    ...(entry.level === 'info' ? [] : [`${entry.level}:`]),
    printable(entry.message),
    ...(fields === true ? [fieldsText(entry)] : []),
  ].join(' ');
  const colour = coloured ? COLOURS[entry.level] : '';
  return colour === '' ? shown : `${colour}${shown}${RESET}`;
}

/** `vrrp` of `Keepalived_vrrp`. */
function speaker(ident: string): string {
  const name = ident.replace(/^Keepalived_?/, '');
  return name === '' ? 'parent' : printable(name);
}

/** Whatever stands before the object (a syslog daemon's own words) is left out. */
function parsed(line: string): LogLine | undefined {
  const start = line.indexOf('{');
  if (start < 0) return undefined;
  try {
    const value = JSON.parse(line.slice(start)) as Partial<LogLine> | null;
    const { time, level, process: name, event, message } = value ?? {};
    const isEntry = [time, name, event, message].every((part) => typeof part === 'string') && level !== undefined && LEVELS.includes(level);
    return isEntry ? (value as LogLine) : undefined;
  } catch {
    return undefined;
  }
}

/** `2026-11-21 17:20:46.123` where this machine is. */
function localTime(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return printable(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${day} ${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function fieldsText({ event, fields }: LogLine): string {
  const pairs = Object.entries((fields as LogLine['fields'] | undefined) ?? {}).map(([name, value]) => ` ${name}=${printable(JSON.stringify(value))}`);
  return `[${printable(event)}${pairs.join('')}]`;
}

/** What a server brought into the log must not steer a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
