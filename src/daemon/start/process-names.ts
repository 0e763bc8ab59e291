/** What the processes are called: in the process list, in syslog, in pid files, log files and dumps, as keepalived has it. */

import { isAbsolute, join, parse } from 'node:path';

import { given } from '../../base/given.js';
import type { GlobalConfig } from '../../conf/model.js';
import { FIRST_NAMESPACE, namespacePath } from '../../io/network-namespace.js';
import type { Child } from '../../runtime/children-events.js';
import type { Options } from './options.js';

export type ProcessRole = 'supervisor' | Child;

const SYSLOG_IDENTS: Readonly<Record<ProcessRole, string>> = {
  supervisor: 'Keepalived',
  vrrp: 'Keepalived_vrrp',
  checkers: 'Keepalived_healthcheckers',
  bfd: 'Keepalived_bfd',
};

const PID_FILES: Readonly<Record<ProcessRole, string>> = {
  supervisor: 'keepalived',
  vrrp: 'vrrp',
  checkers: 'checkers',
  bfd: 'bfd',
};

const LOG_FILE_SUFFIXES: Readonly<Record<ProcessRole, string>> = {
  supervisor: '',
  vrrp: '_vrrp',
  checkers: '_healthcheckers',
  bfd: '_bfd',
};

const DUMP_SUFFIXES: Readonly<Record<ProcessRole, string>> = {
  supervisor: '_parent',
  vrrp: '',
  checkers: '_check',
  bfd: '_bfd',
};

/** What tells one daemon of a machine from another. */
export type DaemonNames = Pick<GlobalConfig, 'networkNamespace' | 'instanceName'>;

/** The syslog ident; the names of network namespace and instance follow. */
export function syslogIdent(role: ProcessRole, names: DaemonNames): string {
  return [SYSLOG_IDENTS[role], ...namesOf(names)].join('_');
}

/** Of network namespace and instance, as far as the daemon has them. */
export function namesOf({ networkNamespace, instanceName }: DaemonNames): readonly string[] {
  return [networkNamespace, instanceName].filter((name) => name !== undefined);
}

/** Where IPVS is programmed: net_namespace_ipvs, without a name that of process 1; undefined = where the daemon is. */
export function ipvsNamespacePath({ ipvsNamespace }: GlobalConfig): string | undefined {
  if (ipvsNamespace === undefined) return undefined;
  return ipvsNamespace.name === undefined ? FIRST_NAMESPACE : namespacePath(ipvsNamespace.name);
}

export function processTitle(role: ProcessRole, global: GlobalConfig): string {
  const { processName: supervisor, vrrpProcessName: vrrp, checkerProcessName: checkers } = global;
  const titles = { supervisor, vrrp, checkers, bfd: global.bfdProcessName ?? supervisor };
  return titles[role];
}

/**
 * As given on the command line, otherwise keepalived's default for this configuration. keepalived in a network namespace sees
 * a directory of that name under /run/keepalived as /run/keepalived itself; the path is the one that everybody else sees.
 */
export function pidFilePath(role: ProcessRole, options: Pick<Options, 'pidFiles'>, global: GlobalConfig): string {
  const asked = options.pidFiles[role];
  if (asked !== undefined) return asked;
  const { networkNamespace, instanceName } = global;
  if (networkNamespace === undefined && instanceName === undefined && !global.usePidDirectory) return `/run/${PID_FILES[role]}.pid`;
  const name = instanceName === undefined ? PID_FILES[role] : `${PID_FILES[role]}_${instanceName}`;
  return join('/run/keepalived', networkNamespace ?? '', `${name}.pid`);
}

/**
 * control_socket; without it control.sock in /run/holdfast, with the names of network namespace and instance in it. A daemon
 * with a pid file of its own is one of several and has its socket beside that file.
 */
export function controlSocketPath({ pidFiles }: Pick<Options, 'pidFiles'>, names: DaemonNames, { socket }: { readonly socket?: string }): string {
  if (socket !== undefined) return socket;
  const { supervisor } = pidFiles;
  if (supervisor !== undefined) return `${supervisor.replace(/\.pid$/, '')}.control.sock`;
  return join('/run/holdfast', `${['control', ...namesOf(names)].join('_')}.sock`);
}

/**
 * What outlives the daemon, below /var/lib/holdfast or beside a pid file of its own. `overrides`: what operators said and want to
 * last; `pools`: what is known of pools.
 */
export function statePath(what: 'overrides' | 'pools', { pidFiles }: Pick<Options, 'pidFiles'>, names: DaemonNames): string {
  const { supervisor } = pidFiles;
  if (supervisor !== undefined) return `${supervisor.replace(/\.pid$/, '')}.${what}.json`;
  return join('/var/lib/holdfast', `${[what, ...namesOf(names)].join('_')}.json`);
}

/** Beside a pid file, for the moment of a restart: what the supervisor leaves to the next program. */
export function bequestPath(pidFile: string): string {
  return beside(pidFile, 'bequest');
}

/** The same of its VRRP process. */
export function estatePath(pidFile: string): string {
  return beside(pidFile, 'estate');
}

/** How the last reload went. */
export function reloadOutcomePath(pidFile: string): string {
  return beside(pidFile, 'reload.json');
}

/** How the last restart in place went. */
export function restartOutcomePath(pidFile: string): string {
  return beside(pidFile, 'restart.json');
}

function beside(pidFile: string, extension: string): string {
  return `${pidFile.replace(/\.pid$/, '')}.${extension}`;
}

/** reload_file; without a path the supervisor's pid file with another extension. Undefined = none is wanted. */
export function reloadMarkerPath(options: Options, global: GlobalConfig): string | undefined {
  const marker = global.reload?.markerFile;
  return marker === '' ? `${pidFilePath('supervisor', options, global).replace(/\.pid$/, '')}.reload` : marker;
}

/** `/tmp/keepalived.log` becomes `/tmp/keepalived_vrrp.log`: process, namespace and instance go before the extension. */
export function logFilePath(role: ProcessRole, path: string, names: DaemonNames): string {
  const { dir, name, ext } = parse(path);
  return join(dir, `${[`${name}${LOG_FILE_SUFFIXES[role]}`, ...namesOf(names)].join('_')}${ext}`);
}

/**
 * SIGUSR1's file: state_dump_file (a directory when it ends in a slash, below TMPDIR when it is relative) with the name of the
 * process before its extension, and with data_use_instance `.NAMESPACE_INSTANCE`.
 */
export function dumpFilePath(role: ProcessRole, { files, networkNamespace, instanceName }: GlobalConfig): string {
  const { dir, name, ext } = parse(configuredPath(files?.dataDump, 'keepalived.data'));
  const names = namesOf(given({ networkNamespace, instanceName }));
  const instance = files?.instanceInNames === true && names.length > 0 ? `.${names.join('_')}` : '';
  return join(dir, `${name}${DUMP_SUFFIXES[role]}${instance}${ext}`);
}

/** SIGUSR2's file: stats_dump_file, or keepalived's own. */
export function statisticsFilePath({ files }: GlobalConfig): string {
  return configuredPath(files?.statisticsDump, 'keepalived.stats');
}

/** The JSON file of SIGRTMIN+2: json_dump_file, or keepalived's own. */
export function jsonFilePath({ files }: GlobalConfig): string {
  return configuredPath(files?.jsonDump, 'keepalived.json');
}

function configuredPath(configured: string | undefined, standard: string): string {
  const path = configured === undefined || configured.endsWith('/') ? `${configured ?? ''}${standard}` : configured;
  return isAbsolute(path) ? path : join(dumpDirectory(), path);
}

/** TMPDIR when it is an absolute path, as keepalived takes it, otherwise /tmp. */
function dumpDirectory(): string {
  const { TMPDIR } = process.env;
  return TMPDIR !== undefined && isAbsolute(TMPDIR) ? TMPDIR : '/tmp';
}
