/** `holdfast reload [FILE]`: has the running daemon read its configuration again, and says what came of it. */

import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

import { Command } from 'commander';

import type { ReloadOutcome } from '../daemon/configuration/reload-report.js';
import { DEFAULT_CONFIGURATION_FILE } from '../daemon/start/options.js';
import { type DaemonOptions, STANDARD_PID_FILE, holderOf, isAlive, isHeard, pidFileOf, reloadOutcome, withDaemonOptions } from './running-daemon.js';
import { FINDINGS } from './status.js';

interface ReloadOptions extends DaemonOptions {
  readonly main?: string;
}

/** Milliseconds between two looks, and until nothing more is to be expected: below TimeoutStartSec of units, which holds for their reload. */
const LOOK = 20;
const PATIENCE = 60_000;

const AFTER_HELP = `
The signal HUP, and what comes of it: it returns when every process of the daemon has the new configuration, or says why the one
before it stays in force. The units reload by it, so \`systemctl reload\` waits, and fails when the configuration is refused.

Exit status: 0 the configuration on disk is in force (or, with --main, the daemon has been told and leaves no word of what came of it),
1 it is not and the reason is printed, 2 a command line that is not understood.
`;

export function createReloadCommand(): Command {
  return withDaemonOptions(new Command())
    .description('Has the running daemon read its configuration again; returns when that is in force, or says why it is not.')
    .argument('[file]', 'the configuration, which says where the pid file is', DEFAULT_CONFIGURATION_FILE)
    .option('-m, --main <pid>', 'the daemon, for a unit ($MAINPID): is told whatever the pid file says')
    .addHelpText('after', AFTER_HELP)
    .action(async (file: string, options: ReloadOptions) => {
      const { done, text } = await reload(file, options);
      if (done) process.stdout.write(`${text}\n`);
      else {
        process.stderr.write(`${text}\n`);
        process.exitCode = FINDINGS;
      }
    });
}

interface Answer {
  readonly done: boolean;
  readonly text: string;
}

async function reload(file: string, { main, ...where }: ReloadOptions): Promise<Answer> {
  const told = main === undefined ? undefined : Number(main);
  const isStandard = where.pid === undefined && told !== undefined && holderOf(STANDARD_PID_FILE) === told;
  const pidFile = isStandard ? STANDARD_PID_FILE : pidFileOf(file, where);
  const named = holderOf(pidFile);
  const daemon = told ?? named;
  if (daemon === undefined || !isAlive(daemon)) return { done: false, text: `no daemon runs with the pid file ${pidFile}` };
  if (!isHeard(daemon, constants.signals.SIGHUP)) return { done: false, text: `process ${daemon} would be ended by a HUP: it is no daemon of ours, or only just starting` };
  const asked = Date.now();
  process.kill(daemon, 'SIGHUP');
  if (daemon !== named) return { done: true, text: `the daemon (${daemon}) has been told: its log says what comes of it` };
  return outcome(daemon, pidFile, asked);
}

/** Of the first reload that read its files after `asked`. */
async function outcome(daemon: number, pidFile: string, asked: number): Promise<Answer> {
  while (Date.now() < asked + PATIENCE) {
    const came = reloadOutcome(pidFile);
    if (came !== undefined && came.at >= asked) return answer(came);
    if (!isAlive(daemon)) return { done: false, text: `the daemon (${daemon}) has ended` };
    await pause(LOOK);
  }
  return { done: false, text: `the daemon (${daemon}) does not say what came of it: its log does` };
}

function answer({ inForce, errors }: ReloadOutcome): Answer {
  if (inForce !== undefined) return { done: true, text: `reloaded: configuration ${inForce} is in force` };
  return { done: false, text: [...errors, 'not reloaded: the configuration before it stays in force'].join('\n') };
}
