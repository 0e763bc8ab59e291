/**
 * `holdfast leave`: ExecStop of the units. A stop that is half of a restart leaves addresses, services and connections to the
 * daemon that is started next; any other stop, and every doubt, is left to the commands of the unit after this one.
 */

import { setTimeout as pause } from 'node:timers/promises';

import { Command } from 'commander';

import { given } from '../base/given.js';
import { LEAVE_SIGNAL } from '../daemon/children/signals.js';
import { DEFAULT_CONFIGURATION_FILE } from '../daemon/start/options.js';
import { pidFilePath } from '../daemon/start/process-names.js';
import { ourProgram } from '../io/processes/our-program.js';
import { runTool } from '../io/processes/tool.js';
import { loadText } from './configuration.js';
import { watchOver } from './heir.js';
import { isAlive, isHeard, restartOutcome } from './running-daemon.js';
import { FINDINGS } from './status.js';

interface LeaveOptions {
  readonly unit: string;
  readonly main?: string;
  readonly configId?: string;
  readonly pid?: string;
  readonly watch?: true;
}

/** Milliseconds for the daemon to end: well below TimeoutStopSec of the units, whose stop comes after it. */
const PATIENCE = 8_000;
const LOOK = 20;

const AFTER_HELP = `
systemd tells nobody why it stops a unit, so its list of jobs is asked. Unless that says "restart" nothing is done: the unit's next
command is a plain stop. At a restart the daemon first has the program on disk rehearsed with the configuration on disk, as
\`holdfast restart\` does; then everything but VRRP ends without touching the kernel. VRRP speaks on, as a process of a transient unit
(\`holdfast leave --watch\`), until the daemon that is started next is ready to: however short the advert interval, the other routers
hear no pause. When no start comes, because the unit fails or is started too often, that unit sees to an orderly stop of what is left.

Exit status: 0, whatever was done; 2 a command line that is not understood.
`;

export function createLeaveCommand(): Command {
  return new Command()
    .description('Ends the daemon for the start that follows, if a restart of the unit is under way; addresses, services and connections stay.')
    .argument('[file]', 'the configuration', DEFAULT_CONFIGURATION_FILE)
    .requiredOption('-u, --unit <name>', 'the unit that is being stopped (%n)')
    .option('-m, --main <pid>', 'its main process ($MAINPID); without one nothing is done')
    .option('-i, --config-id <id>', 'configuration id for lines that begin with @ (default: the host name)')
    .option('-p, --pid <file>', 'pid file of the daemon (default: as the configuration says)')
    .option('--watch', 'be the transient unit: only together with --pid')
    .addHelpText('after', AFTER_HELP)
    .action(async (file: string, options: LeaveOptions) => {
      const { unit, main, pid, watch } = options;
      if (watch === true && pid !== undefined) {
        const problem = await watchOver({ unit, daemon: Number(main), pidFile: pid });
        if (problem === undefined) return;
        process.stderr.write(`${problem}\n`);
        process.exitCode = FINDINGS;
        return;
      }
      const reason = await leave(file, options);
      if (reason !== undefined) process.stdout.write(`a plain stop: ${reason}\n`);
    });
}

/** Why not, if not. */
async function leave(file: string, { unit, main, configId, pid }: LeaveOptions): Promise<string | undefined> {
  const daemon = Number(main);
  if (!(daemon > 1)) return 'there is no main process';
  if (!isRestarted(unit)) return `${unit} is not being restarted`;
  if (!isHeard(daemon, LEAVE_SIGNAL)) return 'the daemon that runs knows nothing else';
  const { model } = loadText(file, { offline: true, ...given({ configId }) });
  if (model === undefined) return `${file} cannot be used`;
  const pidFile = pid ?? pidFilePath('supervisor', { pidFiles: {} }, model.global);
  const refusal = startWatch(['leave', '--watch', '--unit', unit, '--main', String(daemon), '--pid', pidFile]);
  return refusal ?? (await ended(daemon, pidFile));
}

function isRestarted(unit: string): boolean {
  const { output } = runTool('systemctl', ['list-jobs', '--no-legend', '--no-pager', '--plain', unit]);
  // JOB UNIT TYPE STATE
  const jobs = output.split('\n').map((line) => line.trim().split(/\s+/));
  return jobs.some(([, of, type]) => of === unit && type === 'restart');
}

/** Outside of the unit, whose every process systemd waits for. Why not, if not; returns when it is ready. */
function startWatch(words: readonly string[]): string | undefined {
  const { status, errors } = runTool('systemd-run', ['--quiet', '--collect', '--service-type=notify', '--', ...ourProgram(words)]);
  return status === 0 ? undefined : `systemd-run starts nobody to watch over it${errors === '' ? '' : `: ${errors}`}`;
}

/** Why the daemon has not ended, if it has not. */
async function ended(pid: number, pidFile: string): Promise<string | undefined> {
  const asked = Date.now();
  process.kill(pid, LEAVE_SIGNAL);
  while (isAlive(pid)) {
    const outcome = restartOutcome(pidFile);
    if (outcome?.refused !== undefined && outcome.at >= asked) return outcome.refused;
    if (Date.now() > asked + PATIENCE) return 'the daemon takes too long';
    await pause(LOOK);
  }
  return undefined;
}
