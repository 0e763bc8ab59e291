/** `holdfast plan [FILE]`: what a reload would change, compared with the running daemon or with another file. Changes nothing. */

import { Command } from 'commander';

import { given } from '../base/given.js';
import { formatDiagnostic } from '../base/source.js';
import type { Model } from '../conf/model.js';
import { sealed } from '../conf/sealing.js';
import { isFatal } from '../conf/verdict.js';
import type { RunningConfiguration } from '../control/commands.js';
import type { Status } from '../control/status.js';
import { adminSocketPath } from '../control/socket-paths.js';
import { withWords } from '../daemon/operator/by-hand.js';
import { DEFAULT_CONFIGURATION_FILE } from '../daemon/start/options.js';
import { wordOf } from './by-hand.js';
import { NO_ANSWER, ask, socketOption, withAnswers } from './control-client.js';
import type { SocketOption } from './control-client.js';
import { loadText } from './configuration.js';
import { makePlan } from './plan/plan.js';
import { planText } from './plan/text.js';
import { DIFFERENCES } from './status.js';

interface PlanOptions extends SocketOption {
  readonly against?: string;
  readonly configId?: string;
  readonly offline?: true;
  readonly json?: true;
}

/** One side of the comparison. */
interface Side {
  readonly name: string;
  /** As the file has it, secrets sealed. */
  readonly model: Model;
}

const AFTER_HELP = `
Without --against the running daemon is asked for the configuration in force (root, or the group of control_admin_group); what
operators have said by hand counts on both sides, and servers stand as they stand now. Secrets never leave the daemon: seals
are compared. Without FILE it is the daemon's own file: what SIGHUP would do.

Exit status: 0 nothing would change, 1 no plan (the file would be refused, or the daemon cannot be asked), 2 a command line that
is not understood, 3 something would change.
`;

export function createPlanCommand(): Command {
  return new Command()
    .description('Says what a reload would change: addresses, routes, services, real servers, checks, instances and their roles, processes.')
    .argument('[file]', "the new configuration (default: the running daemon's)")
    .option('--against <file>', 'compare with this file, not with the running daemon')
    .option('-i, --config-id <id>', "configuration id for lines that begin with @ (default: the running daemon's; with --against the host name)")
    .option('--offline', 'judge the text alone, without the interfaces and the like of this machine; with --against')
    .option('--json', 'for programs')
    .addOption(socketOption())
    .addHelpText('after', AFTER_HELP)
    .action((file: string | undefined, options: PlanOptions) =>
      withAnswers(async () => {
        if (options.against === undefined) await planForDaemon(file, options);
        else planForFile(file ?? DEFAULT_CONFIGURATION_FILE, options.against, options);
      }),
    );
}

async function planForDaemon(file: string | undefined, options: PlanOptions): Promise<void> {
  const { socket } = options;
  const status = await ask<Status>(socket, '/v1/status');
  const running = await ask<RunningConfiguration>(adminSocketPath(socket), '/v1/configuration');
  const path = file ?? running.file;
  const model = loadSide(path, { configId: running.configurationId, ...options });
  const next = model && sealed(model, Buffer.from(running.sealingKey, 'hex'));
  if (next === undefined) return;
  show({ name: `what runs (configuration number ${running.generation} from ${running.file})`, model: running.model }, { name: path, model: next }, status, options);
}

function planForFile(file: string, against: string, options: PlanOptions): void {
  const [before, after] = [loadSide(against, options), loadSide(file, options)];
  const key = new Uint8Array();
  if (before !== undefined && after !== undefined) show({ name: against, model: sealed(before, key) }, { name: file, model: sealed(after, key) }, undefined, options);
}

/** Undefined for what the daemon would refuse, which is told. */
function loadSide(file: string, { configId, offline }: PlanOptions): Model | undefined {
  const { model, diagnostics } = loadText(file, { offline: offline === true, ...given({ configId }) });
  const fatal = diagnostics.filter((diagnostic) => isFatal(diagnostic, 'reload'));
  if (model !== undefined && fatal.length === 0) return model;
  for (const finding of fatal) process.stderr.write(`${formatDiagnostic(finding)}\n`);
  process.stderr.write(`${file} would be refused: holdfast check says more.\n`);
  process.exitCode = NO_ANSWER;
  return undefined;
}

function show(before: Side, after: Side, status: Status | undefined, { json }: PlanOptions): void {
  const words = (status?.byHand ?? []).map(wordOf);
  const plan = makePlan(withWords(before.model, words), withWords(after.model, words), status);
  const sides = { against: before.name, file: after.name };
  process.stdout.write(json === true ? `${JSON.stringify({ ...sides, ...plan })}\n` : planText(`${after.name} compared with ${before.name}`, plan));
  if (plan.refusal !== undefined) process.exitCode = NO_ANSWER;
  else if (plan.changes.length + plan.kernel.length > 0) process.exitCode = DIFFERENCES;
}
