/** `holdfast drift`: the kernel, looked at now, beside what the running daemon wants it to hold. Repairs nothing: the daemon does. */

import { setTimeout as pause } from 'node:timers/promises';

import { Command } from 'commander';

import type { RunningConfiguration } from '../control/commands.js';
import { adminSocketPath } from '../control/socket-paths.js';
import type { ControlEvent, Status } from '../control/status.js';
import { withWords } from '../daemon/operator/by-hand.js';
import { KernelError } from '../io/kernel-error.js';
import { FIRST_NAMESPACE, namespacePath } from '../io/network-namespace.js';
import { enterNetworkNamespace } from '../io/sockets/native-socket.js';
import { wordOf } from './by-hand.js';
import { NO_ANSWER, ask, socketOption, withAnswers } from './control-client.js';
import type { SocketOption } from './control-client.js';
import { lookForDifferences } from './drift/look.js';
import type { Difference } from './drift/look.js';
import { eventLine } from './events.js';
import { DIFFERENCES } from './status.js';

interface DriftOptions extends SocketOption {
  readonly json?: true;
}

/** The daemon looks every second: what is still there after this long it cannot put right, milliseconds. */
const SECOND_LOOK = 1_500;
/** Of what was put right of late, lines. */
const MOST_EVENTS = 10;
/** Events that tell of something that others changed. */
const REPAIRS: ReadonlySet<string> = new Set(['driftFound', 'driftRepaired', 'addressLost', 'settingRepaired', 'filterRepaired']);

const AFTER_HELP = `
IPVS services and servers, virtual and static addresses, tracked routes and rules, and the daemon's tables of nftables with their
chains, rules, sets and elements are compared. What
differs is looked at a second time: the daemon puts most of it right within a second. Run it as root where the daemon runs.

Exit status: 0 nothing differs, or all of it was put right meanwhile, 1 the daemon or the kernel cannot be asked, 2 a command
line that is not understood, 3 something differs still.
`;

export function createDriftCommand(): Command {
  return new Command()
    .description("Compares the kernel's tables with what the running daemon wants them to hold.")
    .option('--json', 'for programs')
    .addOption(socketOption())
    .addHelpText('after', AFTER_HELP)
    .action(({ json, socket }: DriftOptions) => withAnswers(() => run(socket, json === true)));
}

async function run(socket: string, json: boolean): Promise<void> {
  const running = await ask<RunningConfiguration>(adminSocketPath(socket), '/v1/configuration');
  try {
    const { networkNamespace } = running.model.global;
    if (networkNamespace !== undefined) enterNetworkNamespace(namespacePath(networkNamespace));
    const first = await look(socket, running);
    if (first.length > 0) await pause(SECOND_LOOK);
    const second = first.length > 0 ? await look(socket, running) : [];
    const lasting = new Set(second.map(({ what }) => what));
    const events = await ask<readonly ControlEvent[]>(socket, '/v1/events?follow=no');
    const report: Report = {
      differences: second.filter(({ what }) => first.some((one) => one.what === what)),
      putRight: first.filter(({ what }) => !lasting.has(what)),
      ofLate: events.filter(({ event }) => REPAIRS.has(event)).slice(-MOST_EVENTS),
    };
    process.stdout.write(json ? `${JSON.stringify({ version: 1, ...report })}\n` : reportText(report));
    if (report.differences.length > 0) process.exitCode = DIFFERENCES;
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    process.stderr.write(`The kernel cannot be asked: ${error.message}\n`);
    process.exitCode = NO_ANSWER;
  }
}

async function look(socket: string, { model: running, marks }: RunningConfiguration): Promise<readonly Difference[]> {
  const status = await ask<Status>(socket, '/v1/status');
  const model = withWords(running, (status.byHand ?? []).map(wordOf));
  const { ipvsNamespace } = model.global;
  const path = ipvsNamespace === undefined ? undefined : ipvsNamespace.name === undefined ? FIRST_NAMESPACE : namespacePath(ipvsNamespace.name);
  return lookForDifferences({ model, marks }, status, path);
}

interface Report {
  readonly differences: readonly Difference[];
  /** Seen at the first look and not at the second. */
  readonly putRight: readonly Difference[];
  readonly ofLate: readonly ControlEvent[];
}

function reportText({ differences, putRight, ofLate }: Report): string {
  const blocks = [
    differences.length === 0 ? ['The kernel holds what the daemon wants.'] : ['The kernel differs from what the daemon wants:', ...differences.flatMap(differenceLines)],
    ...(putRight.length === 0 ? [] : [['Put right while this looked:', ...putRight.flatMap(differenceLines)]]),
    ...(ofLate.length === 0 ? [] : [['Changed by somebody else, and put right, of late:', ...ofLate.map((event) => `  ${eventLine(event)}`)]]),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function differenceLines({ table, what, found, repair }: Difference): readonly string[] {
  return [`  ${table} ${what}: ${found}`, ...(repair === undefined ? [] : [`      ${repair}`])];
}
