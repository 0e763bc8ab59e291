/** The logger as the drivers see it: a port. Implementations live in io. */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * One thing worth telling an operator.
 * `event` is a stable name for machines, `text` keepalived's sentence where it has one.
 * `detail` lines appear only with --log-detail, `fine` ones among them only when that is given twice.
 */
export interface LogEntry {
  readonly level: LogLevel;
  readonly event: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
  readonly detail: boolean;
  readonly fine?: true;
}

/** Never blocks and never throws; entries beyond the sink's bound are dropped and counted. */
export interface Logger {
  readonly log: (entry: LogEntry) => void;
}
