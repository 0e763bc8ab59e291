/** Where the log lines of each process go and what they are called, from the command line. */

import type { LogSettings } from '../../io/logs/logger.js';
import type { Options } from './options.js';
import type { DaemonNames, ProcessRole } from './process-names.js';
import { logFilePath, syslogIdent } from './process-names.js';

export function logSettings(role: ProcessRole, options: Options, names: DaemonNames): LogSettings {
  return {
    ident: syslogIdent(role, names),
    detail: options.logDetail > 0,
    fineDetail: options.logDetail > 1,
    format: options.logFormat,
    // A daemon in the background has no console.
    console: options.logConsole && options.foreground,
    syslogFacility: options.syslog ? options.logFacility : undefined,
    file: options.logFile === undefined ? undefined : logFilePath(role, options.logFile, names),
  };
}
