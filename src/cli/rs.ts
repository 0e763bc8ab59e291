/** `holdfast rs ACTION SERVER`: changes one real server of the running daemon, beside its file. */

import { setTimeout as pause } from 'node:timers/promises';

import { Command, InvalidArgumentError } from 'commander';

import type { CommandAnswer, ServerCommand } from '../control/commands.js';
import { isCalled } from '../control/server-names.js';
import type { RealServerStatus, Status } from '../control/status.js';
import { NoAnswer, ask, command as give, socketOption, withAnswers } from './control-client.js';
import type { SocketOption } from './control-client.js';
import { lastServerWarnings, takesAway } from './last-server.js';
import { forOption, keepOption, printAnswer } from './by-hand.js';
import type { TermOptions } from './by-hand.js';

interface RsOptions extends SocketOption, TermOptions {
  readonly in?: string;
  readonly wait?: number | true;
}

type Action = ServerCommand['action'];

const ACTIONS: Readonly<Record<Action, string>> = {
  drain: 'no new connections (weight 0); those that there are go on',
  disable: 'out of the tables at once, and not checked',
  weight: 'another weight than the configured one',
  add: 'a server that the file does not name, checked like the first one of its pool',
  remove: 'out of the pool, as if the file did not name it',
  resume: 'back in service: manual_resume keeps it out no longer',
  enable: 'takes back what was said about it; an added one stays',
};

/** How long --wait waits without a number, seconds. */
const PATIENCE = 3_600;
const POLL = 500;
/** The daemon has looked at the kernel by then, milliseconds: it does every second. */
const LOOK = 2_000;

const HELP = `
A server is called by its address, by address and port (192.0.2.11:80, [2001:db8::11]:80) or as holdfast status names it. What is
said holds beside the file: reloads do not end it, and holdfast status shows it. It needs root, or the group of
control_admin_group.

Exit status: 0 done, 1 refused or the daemon cannot be asked, 2 a command line that is not understood, 3 --wait gave up.
`;

const GAVE_UP = 3;

export function createRsCommand(): Command {
  const rs = new Command().description('Changes a real server of the running daemon, beside its file.').addHelpText('after', HELP);
  for (const [action, description] of Object.entries(ACTIONS) as [Action, string][]) {
    const sub = rs.command(action).description(description).argument('<server>', 'address, address and port, or name');
    if (action === 'weight') sub.argument('<weight>', '0 to 2147483647', readWeight);
    if (action === 'add') sub.argument('[weight]', 'if not that of the first server', readWeight);
    sub.option('--in <virtual server>', 'only there; otherwise everywhere').addOption(socketOption());
    if (action !== 'enable' && action !== 'resume') sub.addOption(forOption()).addOption(keepOption());
    sub.option('--wait [seconds]', action === 'drain' || action === 'disable' || action === 'remove' ? 'until it has no connection left' : 'until the kernel has it', readSeconds);
    sub.exitOverride();
    sub.action((server: string, ...rest: readonly unknown[]) => {
      const weight = typeof rest[0] === 'number' ? rest[0] : undefined;
      const options = sub.opts<RsOptions>();
      return withAnswers(() => run({ action, server, ...(weight === undefined ? {} : { weight }) }, options));
    });
  }
  return rs;
}

async function run(asked: ServerCommand, { in: virtualServer, wait, socket, for: seconds, keep }: RsOptions): Promise<void> {
  const full = {
    ...asked,
    ...(virtualServer === undefined ? {} : { virtualServer }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(keep === true ? { keep } : {}),
  };
  const warnings = takesAway(full) ? lastServerWarnings(full, await ask<Status>(socket, '/v1/status')) : [];
  const answer = await give<CommandAnswer>(socket, full);
  printAnswer(asked.action, answer);
  if (answer.done) for (const warning of warnings) process.stderr.write(`Warning: ${warning}; holdfast rs enable ${asked.server} takes it back.\n`);
  if (!answer.done || wait === undefined) return;
  const given = Date.now();
  const until = given + (wait === true ? PATIENCE : wait) * 1_000;
  for (;;) {
    const status = await ask<Status>(socket, '/v1/status');
    if ((asked.action !== 'drain' || isCountedSince(given, status)) && isSettled(asked, virtualServer, status)) return;
    if (Date.now() > until) {
      process.stderr.write('It has not come so far in time.\n');
      process.exitCode = GAVE_UP;
      return;
    }
    await pause(POLL);
  }
}

/** Whether the kernel was looked at since: what was counted before may lack the last connection that came. */
function isCountedSince(time: number, { lvs }: Status): boolean {
  return lvs !== undefined && Date.parse(lvs.asOf) > time + LOOK;
}

/** The status shows it, and with `drain` nobody is connected any more. Throws NoAnswer where connections are not known. */
function isSettled({ action, server, weight }: ServerCommand, inside: string | undefined, { lvs }: Status): boolean {
  const pools = (lvs?.virtualServers ?? []).filter(({ name }) => inside === undefined || isCalled(name, inside));
  const found = pools.flatMap(({ realServers }) => realServers.filter(({ name }) => isCalled(name, server)));
  switch (action) {
    case 'drain':
      return found.every((each) => (each.weight.kernel ?? 0) === 0 && connectionsOf(each) === 0);
    case 'disable':
      return found.every(({ state, weight: { kernel } }) => state === 'disabled' && (kernel ?? 0) === 0);
    case 'remove':
      return found.length === 0;
    case 'weight':
      return found.length > 0 && found.every(({ state, weight: { kernel, effective } }) => (state === 'down' ? effective === weight : kernel === weight));
    case 'resume':
    case 'add':
    case 'enable':
      return found.length > 0 && found.every(({ state, weight: { kernel } }) => state !== 'disabled' && (state === 'down' || kernel !== undefined));
  }
}

function connectionsOf({ weight: { kernel }, connections }: RealServerStatus): number {
  if (kernel === undefined) return 0;
  if (connections === undefined) throw new NoAnswer('The daemon does not know the connections of this server.');
  return connections.active;
}

function readWeight(text: string): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) > 0x7fffffff) throw new InvalidArgumentError('It must be a number from 0 to 2147483647.');
  return Number(text);
}

function readSeconds(text: string): number {
  if (!/^\d{1,8}$/.test(text)) throw new InvalidArgumentError('It must be a number of seconds.');
  return Number(text);
}
