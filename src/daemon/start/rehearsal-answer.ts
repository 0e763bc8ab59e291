/**
 * The program on disk, asked before a restart in place whether it could take over: it loads all its modules, reads the
 * configuration as a reload would, and answers with one line.
 */

import { formatDiagnostic } from '../../base/source.js';
import { isFatal } from '../../conf/verdict.js';
import { KernelError } from '../../io/kernel-error.js';
import { judgeConfiguration, readConfiguration } from '../configuration/configuration.js';
import { routeKey } from '../../vrrp/adoption.js';
import { BEQUEST_FORMAT } from '../restart/bequest.js';
import type { RehearsalAnswer } from '../restart/rehearsal.js';
import type { Options } from './options.js';
import { pidFilePath } from './process-names.js';

/** Prints the answer. */
export async function answerRehearsal(options: Options): Promise<void> {
  await Promise.all([import('../supervisor.js'), import('../vrrp.js'), import('../checkers.js'), import('../bfd.js'), import('../control.js'), import('../mailer.js')]);
  const answer: RehearsalAnswer = { inherits: BEQUEST_FORMAT, ...answerFor(options) };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

function answerFor(options: Options): Omit<RehearsalAnswer, 'inherits'> {
  try {
    const configuration = readConfiguration(options);
    const judged = judgeConfiguration(configuration, 'reload');
    if ('status' in judged) {
      const fatal = configuration.diagnostics.find((diagnostic) => isFatal(diagnostic, 'reload'));
      return { problem: fatal === undefined ? `${options.configurationFile} cannot be used` : formatDiagnostic(fatal) };
    }
    const { global, director } = judged.model;
    const { networkNamespace = null, ipvsNamespace = null, instanceName = null } = global;
    const instances = director.instances.map((config) => routeKey(config));
    return { pidFile: pidFilePath('supervisor', options, global), instances, names: { networkNamespace, ipvsNamespace, instanceName } };
  } catch (error) {
    if (error instanceof KernelError) return { problem: error.message };
    throw error;
  }
}
