/**
 * The logger of a process: every entry to every sink that is open, none of which ever blocks. What a sink cannot take
 * waits in at most 1 MiB, then the newest lines are dropped, counted and told.
 */

import type { LogEntry, Logger } from '../../base/log.js';
import { openLogFile } from './log-file.js';
import { type LogFormat, consoleFormat, fileFormat, jsonFormat, syslogFormat } from './log-format.js';
import { type LogSink, createLogSink } from './log-sink.js';
import { openStreamSink } from './log-stream.js';
import { openSyslogDestination } from './log-syslog.js';

/** Plain data: it travels to the children. */
export interface LogSettings {
  /** `Keepalived`, `Keepalived_vrrp`, `Keepalived_healthcheckers`, with `_NAME` of an instance. */
  readonly ident: string;
  /** Whether entries marked `detail` appear. */
  readonly detail: boolean;
  /** Whether those marked `fine` do. Absent = false. */
  readonly fineDetail?: boolean;
  readonly format: 'text' | 'json';
  /** Text goes to standard error as keepalived's does, JSON to standard output. */
  readonly console: boolean;
  /** Facility number 0-23; undefined = no syslog. */
  readonly syslogFacility: number | undefined;
  /** Path of a file to append to. */
  readonly file: string | undefined;
  /** The system log's socket; /dev/log unless given. */
  readonly syslogSocket?: string;
}

export interface OpenLogger extends Logger {
  /** Writes out what waits, for at most 200 ms, and calls back once. */
  readonly flush: (done: () => void) => void;
  /** Writes out what waits, for at most 200 ms, then closes and calls back once: the last thing before a process ends. */
  readonly finish: (done: () => void) => void;
}

/** How long leaving may wait for slow readers, and how often it looks, in milliseconds. */
const FINISH_LIMIT = 200;
const FINISH_STEP = 5;

const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;

/** Opens all sinks. A sink that cannot be opened is told of in the others. */
export function openLogger(settings: LogSettings): OpenLogger {
  const { sinks, problem } = openSinks(settings);
  let open = true;
  const log = (entry: LogEntry): void => {
    if (!open || (entry.detail && !settings.detail) || (entry.fine === true && settings.fineDetail !== true)) return;
    for (const sink of sinks) sink.write(entry);
  };
  // A process that ends by an exception or process.exit still says what it had to say, as far as nobody blocks.
  const onExit = (): void => {
    for (const sink of sinks) {
      sink.flush();
      sink.close();
    }
  };
  process.on('exit', onExit);
  if (problem !== undefined) log(problem);
  const flush = (done: () => void): void => {
    const end = performance.now() + FINISH_LIMIT;
    const look = (): void => {
      const flushed = sinks.map((sink) => sink.flush());
      if (flushed.includes(false) && performance.now() < end) setTimeout(look, FINISH_STEP);
      else done();
    };
    look();
  };
  return {
    log,
    flush,
    finish: (done) => {
      flush(() => {
        open = false;
        process.off('exit', onExit);
        for (const sink of sinks) sink.close();
        done();
      });
    },
  };
}

function openSinks(settings: LogSettings): { readonly sinks: readonly LogSink[]; readonly problem: LogEntry | undefined } {
  const { ident, format, file, syslogFacility, syslogSocket = '/dev/log' } = settings;
  const json = format === 'json' ? jsonFormat(ident) : undefined;
  const sinks: LogSink[] = [];
  if (settings.console) {
    const sink = openStreamSink(json === undefined ? STANDARD_ERROR : STANDARD_OUTPUT, json ?? consoleFormat());
    if (sink !== undefined) sinks.push(sink);
  }
  if (syslogFacility !== undefined) {
    const destination = openSyslogDestination(syslogSocket);
    if (destination !== undefined) sinks.push(createLogSink(syslogFormat(ident, syslogFacility, json), destination));
  }
  return { sinks, problem: file === undefined ? undefined : openFile(file, json ?? fileFormat(), sinks) };
}

function openFile(path: string, format: LogFormat, sinks: LogSink[]): LogEntry | undefined {
  const sink = openLogFile(path, format);
  if (!('code' in sink)) {
    sinks.push(sink);
    return undefined;
  }
  const text = `Cannot open log file ${path}: ${sink.code}`;
  return { level: 'error', event: 'logFileRefused', text, fields: { path, code: sink.code }, detail: false };
}
