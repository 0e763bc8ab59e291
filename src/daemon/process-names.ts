/** What the processes are called: in the process list, in syslog, in pid files, log files and dumps, as keepalived has it. */

import { isAbsolute, join, parse } from 'node:path';

import type { GlobalConfig } from '../conf/model.js';
import type { Child } from '../runtime/children-events.js';
import type { Options } from './options.js';

export type ProcessRole = 'supervisor' | Child;

const SYSLOG_IDENTS: Readonly<Record<ProcessRole, string>> = {
  supervisor: 'Keepalived',
  vrrp: 'Keepalived_vrrp',
  checkers: 'Keepalived_healthcheckers',
};

const PID_FILES: Readonly<Record<ProcessRole, string>> = {
  supervisor: 'keepalived',
  vrrp: 'vrrp',
  checkers: 'checkers',
};

const LOG_FILE_SUFFIXES: Readonly<Record<ProcessRole, string>> = {
  supervisor: '',
  vrrp: '_vrrp',
  checkers: '_healthcheckers',
};

const DUMP_FILES: Readonly<Record<ProcessRole, string>> = {
  supervisor: 'keepalived_parent.data',
  vrrp: 'keepalived.data',
  checkers: 'keepalived_check.data',
};

/** The syslog ident; with an instance name `_NAME` follows. */
export function syslogIdent(role: ProcessRole, instanceName: string | undefined): string {
  return instanceName === undefined ? SYSLOG_IDENTS[role] : `${SYSLOG_IDENTS[role]}_${instanceName}`;
}

export function processTitle(role: ProcessRole, global: GlobalConfig): string {
  const titles = { supervisor: global.processName, vrrp: global.vrrpProcessName, checkers: global.checkerProcessName };
  return titles[role];
}

/** As given on the command line, otherwise keepalived's default for this configuration. */
export function pidFilePath(role: ProcessRole, options: Options, global: GlobalConfig): string {
  const given = options.pidFiles[role];
  if (given !== undefined) return given;
  if (global.instanceName !== undefined) return `/run/keepalived/${PID_FILES[role]}_${global.instanceName}.pid`;
  return `${global.usePidDirectory ? '/run/keepalived' : '/run'}/${PID_FILES[role]}.pid`;
}

/** `/tmp/keepalived.log` becomes `/tmp/keepalived_vrrp.log`: the process name goes before the extension. */
export function logFilePath(role: ProcessRole, path: string): string {
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}${LOG_FILE_SUFFIXES[role]}${ext}`);
}

export function dumpFilePath(role: ProcessRole): string {
  return join(dumpDirectory(), DUMP_FILES[role]);
}

export function statisticsFilePath(): string {
  return join(dumpDirectory(), 'keepalived.stats');
}

/** TMPDIR when it is an absolute path, as keepalived takes it, otherwise /tmp. */
function dumpDirectory(): string {
  const { TMPDIR } = process.env;
  return TMPDIR !== undefined && isAbsolute(TMPDIR) ? TMPDIR : '/tmp';
}
