/** `holdfast monitor`: one line and one exit status for Nagios, Icinga and whatever else runs their plugins. */

import { Command, InvalidArgumentError, Option } from 'commander';

import { given } from '../base/given.js';
import type { Health } from '../control/health.js';
import type { ControlEvent, Status } from '../control/status.js';
import { readSpan } from './by-hand.js';
import { NoAnswer, ask, socketOption } from './control-client.js';
import type { SocketOption } from './control-client.js';
import { KINDS, SEVERITIES, judge } from './monitor/judge.js';
import type { Kind, Severity, Wishes } from './monitor/judge.js';
import { figuresText, judgementText, pluginLine } from './monitor/line.js';

interface MonitorOptions extends SocketOption {
  readonly warning: number;
  readonly critical: number;
  readonly role?: 'MASTER' | 'BACKUP';
  /** Seconds. */
  readonly within: number;
  readonly certificate: number;
  readonly instance?: readonly string[];
  readonly virtualServer?: readonly string[];
  readonly as?: ReadonlyMap<Kind, Severity>;
}

const WIDTH = Math.max(...Object.keys(KINDS).map((kind) => kind.length));
const KIND_LINES = Object.entries(KINDS).map(([kind, { severity, doc }]) => `  ${kind.padEnd(WIDTH)}  ${severity.padEnd(8)}  ${doc}\n`);

const AFTER_HELP = `
What is looked at, and how grave it is (--as KIND=ok|warning|critical says otherwise):

${KIND_LINES.join('')}
With --instance or --virtual-server only those are judged, and the daemon itself. Servers that an operator has disabled do not
count as down. A link named check_holdfast to the program is this command.

Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN: no such instance or virtual server, a socket that is not for this user, a
command line that is not understood. A daemon that does not answer is CRITICAL.
`;

export function createMonitorCommand(): Command {
  return new Command()
    .description('Says in one line and by the exit status whether this director is in order, as a plugin of Nagios or Icinga does.')
    .addOption(new Option('-w, --warning <share>', 'of the servers of a virtual server: fewer up is a warning').argParser(readShare).default(1, '100%'))
    .addOption(new Option('-c, --critical <share>', 'fewer up is critical; without quorum it is in any case').argParser(readShare).default(0, '0%'))
    .option('--role <role>', 'what the instances should be: master or backup', readRole)
    .option('--instance <name>', 'only this vrrp_instance; may be repeated', gather)
    .option('--virtual-server <name>', 'only this one, by address, address and port, or name; may be repeated', gather)
    .addOption(new Option('--within <time>', 'how long what others have changed is told of').argParser(readSpan).default(600, '10m'))
    .option('--certificate <days>', 'certificates that end sooner are told of', readDays, 14)
    .option('--as <kind=status>', 'how grave a kind is; may be repeated', readSeverity)
    .addOption(socketOption())
    .addHelpText('after', AFTER_HELP)
    .action(async (options: MonitorOptions) => {
      try {
        await run(options);
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        leave(error.isOfQuestion ? 'unknown' : (options.as?.get('daemon') ?? KINDS.daemon.severity), error.message);
      }
    });
}

async function run(options: MonitorOptions): Promise<void> {
  const { socket, warning, critical, role, within, certificate: certificateDays } = options;
  const wishes: Wishes = {
    warning,
    critical,
    within: within * 1_000,
    certificateDays,
    instances: options.instance ?? [],
    virtualServers: options.virtualServer ?? [],
    severities: options.as ?? new Map(),
    ...given({ role }),
  };
  const status = await ask<Status>(socket, '/v1/status');
  const health = await ask<Health>(socket, '/v1/health');
  const events = await ask<readonly ControlEvent[]>(socket, '/v1/events?follow=no');
  const { severity, problems, missing } = judge({ status, health, events }, wishes, Date.now());
  // Nothing is called so, unless what it stands in has just not been shown.
  if (missing.length > 0 && severity !== 'critical') leave('unknown', `nothing is called ${missing.join(', ')}`);
  else leave(severity, judgementText(problems, status, wishes), figuresText(status, wishes));
}

function leave(severity: (typeof SEVERITIES)[number], text: string, figures = ''): void {
  process.stdout.write(pluginLine(severity, text, figures));
  process.exitCode = SEVERITIES.indexOf(severity);
}

function gather(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** `80%`, or a share of one. */
function readShare(text: string): number {
  const [, number = '', percent = ''] = /^(\d{1,3}(?:\.\d{1,3})?)(%?)$/.exec(text) ?? [];
  const share = Number(number) / (percent === '' ? 1 : 100);
  if (number === '' || share > 1) throw new InvalidArgumentError('Write it like 75% or 0.75.');
  return share;
}

function readRole(text: string): 'MASTER' | 'BACKUP' {
  const role = text.toUpperCase();
  if (role !== 'MASTER' && role !== 'BACKUP') throw new InvalidArgumentError('It is master or backup.');
  return role;
}

function readDays(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('It must be a number of days.');
  return Number(text);
}

function readSeverity(text: string, before: ReadonlyMap<Kind, Severity> = new Map()): ReadonlyMap<Kind, Severity> {
  const [kind = '', severity = ''] = text.split('=');
  if (!isKind(kind)) throw new InvalidArgumentError(`Kinds are ${Object.keys(KINDS).join(', ')}.`);
  if (severity !== 'ok' && severity !== 'warning' && severity !== 'critical') throw new InvalidArgumentError('Write it like drift=critical: ok, warning or critical.');
  return new Map([...before, [kind, severity]]);
}

function isKind(text: string): text is Kind {
  return text in KINDS;
}
