/** One log entry as a line: keepalived's sentence with its time, or JSON by pino. Nothing is written here. */

import { createRequire } from 'node:module';

import type * as Pino from 'pino';

import type { LogEntry, LogLevel } from '../../base/log.js';

/** Bytes of one entry, line end included where the destination wants one. */
export type LogFormat = (entry: LogEntry) => Buffer;

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** sys/syslog.h. keepalived says almost everything at LOG_INFO. */
const SEVERITY: Readonly<Record<LogLevel, number>> = { debug: 7, info: 6, warn: 4, error: 3 };

/** `Sat Nov 21 09:22:16 2026: sentence`: C's %c in the C locale, as keepalived writes to the console. */
export function consoleFormat(): LogFormat {
  return ({ text }) => {
    const now = timeOfTurn();
    return Buffer.from(`${day(now)} ${String(now.getDate()).padStart(2)} ${clockTime(now)} ${now.getFullYear()}: ${plain(text)}\n`);
  };
}

/** `Sat Nov 21 09:22:16.123000000 2026: sentence`: the lines of keepalived's --log-file. Milliseconds are real. */
export function fileFormat(): LogFormat {
  return ({ text }) => {
    const now = timeOfTurn();
    const fraction = `${String(now.getMilliseconds()).padStart(3, '0')}000000`;
    const date = `${day(now)} ${String(now.getDate()).padStart(2, '0')} ${clockTime(now)}.${fraction} ${now.getFullYear()}`;
    return Buffer.from(`${date}: ${plain(text)}\n`);
  };
}

/**
 * `<PRI>Mmm dd hh:mm:ss IDENT[PID]: sentence` (RFC 3164 4.1 as the C library sends it to /dev/log), one datagram, no line
 * end. `facility` 0-23; `body` replaces the sentence.
 */
export function syslogFormat(ident: string, facility: number, body?: LogFormat): LogFormat {
  return (entry) => {
    const now = timeOfTurn();
    const month = `${MONTHS[now.getMonth()] ?? ''} ${String(now.getDate()).padStart(2)}`;
    const message = body === undefined ? plain(entry.text) : body(entry).toString().trimEnd();
    return Buffer.from(`<${facility * 8 + SEVERITY[entry.level]}>${month} ${clockTime(now)} ${ident}[${process.pid}]: ${message}`);
  };
}

/**
 * One JSON object a line: level, time (ISO 8601), process, pid, event, fields, message. Loads pino on first use: the text
 * form starts without it.
 */
export function jsonFormat(ident: string): LogFormat {
  const { pino } = createRequire(import.meta.url)('pino') as typeof Pino;
  let line = '';
  const logger = pino(
    {
      level: 'debug',
      base: { process: ident, pid: process.pid },
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    {
      write: (text) => {
        line = text;
      },
    },
  );
  return ({ level, event, fields, text }) => {
    logger[level]({ event, fields }, text);
    return Buffer.from(line);
  };
}

let turn: Date | undefined;

/** Lines of one turn of the event loop carry one time: to ask for it thousands of times costs more than the lines. */
function timeOfTurn(): Date {
  if (turn === undefined) {
    turn = new Date();
    setImmediate(() => {
      turn = undefined;
    });
  }
  return turn;
}

function day(date: Date): string {
  return `${DAYS[date.getDay()] ?? ''} ${MONTHS[date.getMonth()] ?? ''}`;
}

function clockTime(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** What a server or a file name brings must not be able to start a line of its own. */
function plain(text: string): string {
  return text.replace(/[\x00-\x1f\x7f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
