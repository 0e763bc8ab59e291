/** `holdfast restart [FILE]`: has the running daemon become the program on disk, without letting go of anything. */

import { Command } from 'commander';

import { REPLACE_SIGNAL } from '../daemon/children/signals.js';
import type { RestartOutcome } from '../daemon/restart/restart.js';
import { DEFAULT_CONFIGURATION_FILE } from '../daemon/start/options.js';
import { type DaemonOptions, holderOf, isAlive, isHeard, pidFileOf, restartOutcome, withDaemonOptions } from './running-daemon.js';
import { FINDINGS } from './status.js';

/** Milliseconds between two looks, and until nothing more is to be expected. */
const LOOK = 50;
const PATIENCE = 120_000;

const AFTER_HELP = `
The daemon asks the program on disk whether it could run with the configuration on disk. If so, it becomes that program under its
process id: masters keep their role and their addresses, adverts go on at their interval, the tables of IPVS stay as they are with
every connection, and no notify script is told anything. Otherwise everything goes on as it was. An upgrade of the package does
this; so does \`systemctl restart\`, with another process and a moment of silence.

Exit status: 0 the daemon is the program on disk, 1 it is not and the reason is printed, 2 a command line that is not understood.
`;

export function createRestartCommand(): Command {
  return withDaemonOptions(new Command())
    .description('Replaces the running daemon by the program on disk; addresses, services and connections stay.')
    .argument('[file]', 'the configuration, which says where the pid file is', DEFAULT_CONFIGURATION_FILE)
    .addHelpText('after', AFTER_HELP)
    .action(async (file: string, options: DaemonOptions) => {
      const outcome = await restart(pidFileOf(file, options));
      if (typeof outcome === 'string') {
        process.stderr.write(`${outcome}\n`);
        process.exitCode = FINDINGS;
      } else process.stdout.write(`restarted in place: ${outcome.version}\n`);
    });
}

/** What came of it, or why not. */
async function restart(pidFile: string): Promise<RestartOutcome | string> {
  const pid = holderOf(pidFile);
  if (pid === undefined) return `no daemon runs with the pid file ${pidFile}`;
  if (!isHeard(pid, REPLACE_SIGNAL)) return `the daemon that runs (${pid}) cannot be restarted in place: stop it and start it`;
  const asked = Date.now();
  process.kill(pid, REPLACE_SIGNAL);
  for (let now = asked; now < asked + PATIENCE; now = Date.now()) {
    const outcome = restartOutcome(pidFile);
    if (outcome !== undefined && outcome.at >= asked) return outcome.refused ?? outcome;
    if (!isAlive(pid)) return `the daemon (${pid}) has ended`;
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
  return `the daemon (${pid}) does not say what came of it: its log does`;
}
