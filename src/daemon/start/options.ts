/** The command line as the daemon sees it: keepalived's options with their meaning and defaults. Nothing is done here. */

import { helpText, notActedOnAmong, readCommandLine } from './command-line.js';
import type { GivenOptions } from './command-line.js';

export interface Options {
  readonly configurationFile: string;
  readonly runVrrp: boolean;
  readonly runCheckers: boolean;
  readonly runBfd: boolean;
  /** --all: a child runs even if nothing is configured for it. */
  readonly runUnconfigured: boolean;
  readonly foreground: boolean;
  /** The configuration is logged as it was understood, at start and after reloads. */
  readonly dumpConfiguration: boolean;
  readonly logConsole: boolean;
  /** 0 = keepalived's default, 1 = -D, 2 = -D -D. */
  readonly logDetail: number;
  readonly logFormat: 'text' | 'json';
  readonly syslog: boolean;
  /** Syslog facility number (RFC 5424): 3 daemon, 1 user, 16-23 local0-7. */
  readonly logFacility: number;
  readonly logFile?: string;
  readonly umask?: number;
  /** --core-dump: the daemon's processes may leave core dumps. */
  readonly coreDumps: boolean;
  /** --core-dump-pattern: in the place of the kernel's pattern while the daemon runs. */
  readonly corePattern?: string;
  /** --address-monitoring: every address that comes or goes is logged. */
  readonly logAddresses: boolean;
  readonly keepAddresses: boolean;
  readonly keepIpvs: boolean;
  readonly respawn: boolean;
  readonly ignoreInterrupt: boolean;
  /** --all-config: every include must be readable and match, as with include_check. */
  readonly includeCheck: boolean;
  readonly configId?: string;
  /** --snmp: every MIB is served, whatever the configuration says. */
  readonly snmp: boolean;
  /** In the place of snmp_socket. */
  readonly snmpSocket?: string;
  /** Socket of a control service, which takes the place of the control process. */
  readonly controlService?: string;
  /** In the place of net_namespace. */
  readonly networkNamespace?: string;
  readonly pidFiles: { readonly supervisor?: string; readonly vrrp?: string; readonly checkers?: string; readonly bfd?: string };
}

export type Request =
  | { readonly type: 'run'; readonly options: Options; readonly remarks: readonly string[] }
  | { readonly type: 'test'; readonly options: Options; readonly logFile?: string; readonly remarks: readonly string[] }
  /** Print and leave. keepalived prints its version and every complaint on standard error. */
  | { readonly type: 'leave'; readonly status: number; readonly output: string; readonly errors: string };

export const DEFAULT_CONFIGURATION_FILE = '/etc/keepalived/keepalived.conf';
const DEFAULT_LOG_FILE = '/tmp/keepalived.log';
const DEFAULT_CORE_PATTERN = 'core';

/** What --signum answers (keepalived 2.4.3). */
const SIGNAL_NUMBERS: ReadonlyMap<string, number> = new Map([
  ['STOP', 15],
  ['RELOAD', 1],
  ['DATA', 10],
  ['STATS', 12],
  ['STATS_CLEAR', 63],
  ['JSON', 36],
]);

/** Reads `argv` without interpreter and script. `version` is the text of --version, `commands` the end of that of --help. */
export function parseOptions(argv: readonly string[], version: string, commands = ''): Request {
  const line = readCommandLine(argv);
  if (line.type === 'refused') return complaint(line.message);
  const { given } = line;
  if (given.has('version')) return { type: 'leave', status: 0, output: '', errors: `${version}\n` };
  if (given.has('help')) return { type: 'leave', status: 0, output: helpText(commands), errors: '' };
  if (given.has('signum')) return answerSignum(last(given, 'signum') ?? '');
  if (given.has('genhash')) return complaint('Option -T (--genhash) must be the first word');
  const options = readOptions(given);
  if (typeof options === 'string') return complaint(options);
  const remarks = notActedOnAmong(given).map(({ flags, reason }) => `Option ${spelling(flags)} has nothing to act on: ${reason} - ignoring`);
  if (line.words.length > 0) remarks.push(`Unexpected argument(s): ${line.words.join(' ')}`);
  if (!given.has('config-test')) return { type: 'run', options, remarks };
  const logFile = last(given, 'config-test');
  return { type: 'test', options, remarks, ...(logFile === undefined ? {} : { logFile }) };
}

/** The options, or the sentence that refuses them. */
function readOptions(given: GivenOptions): Options | string {
  const facility = parseFacility(last(given, 'log-facility') ?? 'daemon');
  if (facility === undefined) return `Invalid log facility '${last(given, 'log-facility') ?? ''}'`;
  const umask = given.has('umask') ? parseUmask(last(given, 'umask') ?? '') : undefined;
  if (given.has('umask') && umask === undefined) return `Invalid umask '${last(given, 'umask') ?? ''}'`;
  const format = last(given, 'log-format') ?? 'text';
  if (format !== 'text' && format !== 'json') return `Invalid log format '${format}', expected text or json`;
  const configId = last(given, 'config-id');
  const networkNamespace = last(given, 'namespace');
  const snmpSocket = last(given, 'snmp-agent-socket');
  const controlService = last(given, 'control-service');
  return {
    configurationFile: last(given, 'use-file') ?? DEFAULT_CONFIGURATION_FILE,
    // Each of -P and -C switches the other subsystem off; both together run both.
    runVrrp: given.has('vrrp') || !given.has('check'),
    runCheckers: given.has('check') || !given.has('vrrp'),
    runBfd: !given.has('no_bfd'),
    runUnconfigured: given.has('all'),
    foreground: given.has('dont-fork'),
    dumpConfiguration: given.has('dump-conf'),
    logConsole: given.has('log-console'),
    logDetail: given.get('log-detail')?.length ?? 0,
    logFormat: format,
    syslog: !given.has('no-syslog'),
    logFacility: facility,
    ...(given.has('log-file') ? { logFile: last(given, 'log-file') ?? DEFAULT_LOG_FILE } : {}),
    ...(umask === undefined ? {} : { umask }),
    coreDumps: given.has('core-dump') || given.has('core-dump-pattern'),
    ...(given.has('core-dump-pattern') ? { corePattern: last(given, 'core-dump-pattern') ?? DEFAULT_CORE_PATTERN } : {}),
    logAddresses: given.has('address-monitoring'),
    keepAddresses: given.has('dont-release-vrrp'),
    keepIpvs: given.has('dont-release-ipvs'),
    respawn: !given.has('dont-respawn'),
    ignoreInterrupt: given.has('ignore-sigint'),
    includeCheck: given.has('all-config'),
    snmp: given.has('snmp'),
    ...(snmpSocket === undefined ? {} : { snmpSocket }),
    ...(controlService === undefined ? {} : { controlService }),
    ...(configId === undefined ? {} : { configId }),
    ...(networkNamespace === undefined ? {} : { networkNamespace }),
    pidFiles: {
      ...pidFile('supervisor', last(given, 'pid')),
      ...pidFile('vrrp', last(given, 'vrrp_pid')),
      ...pidFile('checkers', last(given, 'checkers_pid')),
      ...pidFile('bfd', last(given, 'bfd_pid')),
    },
  };
}

function last(given: GivenOptions, name: string): string | undefined {
  return given.get(name)?.at(-1);
}

function pidFile(process: keyof Options['pidFiles'], path: string | undefined): Options['pidFiles'] {
  return path === undefined ? {} : { [process]: path };
}

/** `-x, --snmp <ADDR>` as an operator calls it: `-x (--snmp)`. */
function spelling(flags: string): string {
  const names = flags.replace(/ [<[].*$/, '').split(', ');
  return names.length === 2 ? `${names[0] ?? ''} (${names[1] ?? ''})` : names.join('');
}

function complaint(message: string): Request {
  return { type: 'leave', status: 1, output: '', errors: `${message}\n` };
}

function answerSignum(name: string): Request {
  const number = SIGNAL_NUMBERS.get(name);
  if (number === undefined) return complaint(`Unknown sigfunc ${name}`);
  return { type: 'leave', status: 0, output: `${number}\n`, errors: '' };
}

function parseFacility(text: string): number | undefined {
  if (text === 'daemon') return 3;
  if (text === 'user') return 1;
  const local = /^(?:local)?([0-7])$/.exec(text)?.[1];
  return local === undefined ? undefined : 16 + Number(local);
}

/** C's strtol with base 0: 0x hexadecimal, 0 octal, else decimal; 0-0777. */
function parseUmask(text: string): number | undefined {
  const value = /^0x[0-9a-f]+$/i.test(text)
    ? Number.parseInt(text.slice(2), 16)
    : /^0[0-7]*$/.test(text)
      ? Number.parseInt(text, 8)
      : /^[1-9]\d*$/.test(text)
        ? Number(text)
        : undefined;
  return value !== undefined && value <= 0o777 ? value : undefined;
}
