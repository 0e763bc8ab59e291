/**
 * The operator's commands: one row each, one file each. A row's name is the first word of the command line, looked at
 * before keepalived's options; its file is loaded only when it is asked for.
 */

import type { Command } from 'commander';

import { GENHASH_USAGE_ERROR, MONITOR_USAGE_ERROR, USAGE_ERROR } from './status.js';

export interface OperatorCommand {
  readonly name: string;
  /** One line for the overview. */
  readonly summary: string;
  /** The commander program of this command; its action does the work and sets process.exitCode. */
  readonly load: () => Promise<Command>;
  /** Exit status of a command line that is not understood; default USAGE_ERROR. */
  readonly usageError?: number;
  /** Does what it can without all that; false = it has done nothing. */
  readonly quick?: (words: readonly string[]) => Promise<boolean>;
}

export const COMMANDS: readonly OperatorCommand[] = [
  {
    name: 'check',
    summary: 'say everything that is odd about a configuration, with its place',
    load: async () => (await import('./check.js')).createCheckCommand(),
  },
  {
    name: 'explain',
    summary: 'what a keyword or the code of a finding means, with an example',
    load: async () => (await import('./explain.js')).createExplainCommand(),
  },
  {
    name: 'dump',
    summary: 'print a configuration as it was understood, defaults included',
    load: async () => (await import('./dump.js')).createDumpCommand(),
  },
  {
    name: 'fmt',
    summary: 'print configuration files back in one shape, or write them so',
    load: async () => (await import('./fmt.js')).createFormatCommand(),
  },
  {
    name: 'doctor',
    summary: 'what about this host does not suit a configuration, and how to mend it',
    load: async () => (await import('./doctor.js')).createDoctorCommand(),
  },
  {
    name: 'realserver',
    summary: 'make this host a real server by direct routing or tunnel, or check it',
    load: async () => (await import('./realserver.js')).createRealServerCommand(),
  },
  {
    name: 'status',
    summary: 'what the running daemon does: roles, addresses, servers, and why',
    load: async () => (await import('./show-status.js')).createStatusCommand(),
    quick: async (words) => (await import('./quick-status.js')).quickStatus(words),
  },
  {
    name: 'top',
    summary: 'virtual and real servers on a full screen, with keys to drain and weigh',
    load: async () => (await import('./top.js')).createTopCommand(),
  },
  {
    name: 'why',
    summary: 'why an instance, an address or a server is in the state it is in',
    load: async () => (await import('./why.js')).createWhyCommand(),
  },
  {
    name: 'events',
    summary: 'what happens in the running daemon, as it happens',
    load: async () => (await import('./events.js')).createEventsCommand(),
  },
  {
    name: 'plan',
    summary: 'what a reload would change in the running daemon and in the kernel',
    load: async () => (await import('./plan.js')).createPlanCommand(),
  },
  {
    name: 'drift',
    summary: "compare the kernel's tables with what the running daemon wants",
    load: async () => (await import('./drift.js')).createDriftCommand(),
  },
  {
    name: 'peer',
    summary: 'both directors side by side, and what they disagree about',
    load: async () => (await import('./peer.js')).createPeerCommand(),
  },
  {
    name: 'health',
    summary: 'say by the exit status whether the running daemon lives, or is ready',
    load: async () => (await import('./health.js')).createHealthCommand(),
  },
  {
    name: 'monitor',
    summary: 'one line and an exit status for Nagios, Icinga and their like',
    load: async () => (await import('./monitor.js')).createMonitorCommand(),
    usageError: MONITOR_USAGE_ERROR,
  },
  {
    name: 'serve',
    summary: 'answer the control API for daemons of this machine, as a service of its own',
    load: async () => (await import('./serve.js')).createServeCommand(),
  },
  {
    name: 'log',
    summary: 'render JSON lines of the log for people',
    load: async () => (await import('./log.js')).createLogCommand(),
  },
  {
    name: 'rs',
    summary: 'drain, disable, weigh, add or remove a real server of the running daemon',
    load: async () => (await import('./rs.js')).createRsCommand(),
  },
  {
    name: 'vrrp',
    summary: 'make a VRRP instance yield to the other router, and resume',
    load: async () => (await import('./vrrp.js')).createVrrpCommand(),
  },
  {
    name: 'reload',
    summary: 'have the running daemon read its configuration again, and say what came of it',
    load: async () => (await import('./reload.js')).createReloadCommand(),
  },
  {
    name: 'restart',
    summary: 'replace the running daemon by the program on disk; nothing is let go of',
    load: async () => (await import('./restart.js')).createRestartCommand(),
  },
  {
    name: 'leave',
    summary: 'for a service manager: end the daemon and let go of nothing when a restart asks for it',
    load: async () => (await import('./leave.js')).createLeaveCommand(),
  },
  {
    name: 'release',
    summary: 'remove the virtual addresses that a killed daemon has left behind',
    load: async () => (await import('./release.js')).createReleaseCommand(),
  },
  {
    name: 'genhash',
    summary: 'print the digest of a page, as a digest line compares it',
    load: async () => (await import('./genhash.js')).createGenhashCommand(),
    usageError: GENHASH_USAGE_ERROR,
  },
  {
    name: 'help',
    summary: 'this overview, or the help of one command',
    load: async () => (await import('./help.js')).createHelpCommand(commandOverview(), printHelpOf),
  },
];

/** keepalived's words for a command, and the name of the same as a plugin. */
const OTHER_NAMES: Readonly<Record<string, string>> = { '-T': 'genhash', '--genhash': 'genhash', check_holdfast: 'monitor' };

/** `word`: the first of the command line, or the name under which the program was started. */
export function findCommand(word: string | undefined): OperatorCommand | undefined {
  const wanted = word === undefined ? undefined : (OTHER_NAMES[word] ?? word);
  return COMMANDS.find(({ name }) => name === wanted);
}

/** The list of commands as --help and `holdfast help` print it. */
export function commandOverview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const rows = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`);
  return `Commands (holdfast COMMAND --help says more):\n${rows.join('')}`;
}

/** Runs a command with the words behind its name. A command line that is not understood ends with status 2. */
export async function runOperatorCommand({ name, load, quick, usageError = USAGE_ERROR }: OperatorCommand, words: readonly string[]): Promise<void> {
  endQuietlyWithoutReader();
  if ((await quick?.(words)) === true) return;
  const command = await load();
  command.name(`holdfast ${name}`).exitOverride();
  for (const each of [command, ...command.commands]) each.helpOption('-h, --help', 'print this help and exit');
  try {
    await command.parseAsync([...words], { from: 'user' });
  } catch (error) {
    // commander has printed the help or the complaint by now.
    if (!isCommanderError(error)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : usageError;
  }
}

/** False for a name that no command has. */
async function printHelpOf(name: string): Promise<boolean> {
  const command = findCommand(name);
  if (command === undefined) return false;
  await runOperatorCommand(command, ['--help']);
  return true;
}

/** Known by its code, so that the daemon's processes need not load commander to have this file. */
function isCommanderError(error: unknown): error is { readonly exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.') && 'exitCode' in error;
}

/** `holdfast check | head` is no reason for a stack trace. */
function endQuietlyWithoutReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}
