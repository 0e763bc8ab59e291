/** `holdfast vrrp yield|resume INSTANCE`: an orderly failover by hand. */

import { setTimeout as pause } from 'node:timers/promises';

import { Command } from 'commander';

import type { CommandAnswer } from '../control/commands.js';
import type { Status } from '../control/status.js';
import { ask, command as give, socketOption, withAnswers } from './control-client.js';
import type { SocketOption } from './control-client.js';
import { forOption, keepOption, printAnswer } from './by-hand.js';
import type { TermOptions } from './by-hand.js';

interface VrrpOptions extends SocketOption, TermOptions {
  readonly wait?: true;
}

const HELP = `
An instance that yields says goodbye, keeps its addresses until the next master has spoken, and stays a backup with priority 1:
it takes over only when nobody else is there. Members of a sync group go together. It needs root, or the group of
control_admin_group.

Exit status: 0 done, 1 refused or the daemon cannot be asked, 2 a command line that is not understood, 3 --wait gave up.
`;

const GAVE_UP = 3;
/** Milliseconds. */
const PATIENCE = 60_000;
const POLL = 200;

export function createVrrpCommand(): Command {
  const vrrp = new Command().description('Makes a VRRP instance of the running daemon give up its role, and lets it have it again.').addHelpText('after', HELP);
  for (const action of ['yield', 'resume'] as const) {
    const sub = vrrp
      .command(action)
      .description(action === 'yield' ? 'the other router becomes master' : 'its priority counts again')
      .argument('<instance>', 'name of a vrrp_instance or sync group')
      .addOption(socketOption());
    if (action === 'yield') sub.addOption(forOption()).addOption(keepOption()).option('--wait', 'until another router is master');
    sub.exitOverride();
    sub.action((instance: string) => withAnswers(() => run(action, instance, sub.opts<VrrpOptions>())));
  }
  return vrrp;
}

async function run(action: 'yield' | 'resume', instance: string, { for: seconds, keep, wait, socket }: VrrpOptions): Promise<void> {
  const terms = { ...(seconds === undefined ? {} : { seconds }), ...(keep === true ? { keep } : {}) };
  const answer = await give<CommandAnswer>(socket, { action, instance, ...terms });
  if (answer.done && answer.changed.length > 1) {
    const relation = answer.changed.includes(instance) ? 'is in' : 'is';
    process.stdout.write(`${instance} ${relation} a sync group: all of its members go together\n`);
  }
  printAnswer(action, answer);
  if (!answer.done || wait !== true) return;
  const until = Date.now() + PATIENCE;
  const { changed } = answer;
  for (;;) {
    const { vrrp } = await ask<Status>(socket, '/v1/status');
    const meant = (vrrp?.instances ?? []).filter(({ name }) => changed.includes(name));
    if (meant.every(({ state, master }) => state !== 'MASTER' && master !== undefined)) return;
    if (Date.now() > until) {
      process.stderr.write('No other router has become master.\n');
      process.exitCode = GAVE_UP;
      return;
    }
    await pause(POLL);
  }
}
