/** `holdfast dump [FILE]`: the configuration as it was understood, defaults and substitutions included. */

import { Command, Option } from 'commander';

import { formatDiagnostic } from '../base/source.js';
import type { Model } from '../conf/model.js';
import { SECRET_FIELDS } from '../conf/sealing.js';
import { isFatal } from '../conf/verdict.js';
import { DEFAULT_CONFIGURATION_FILE } from '../daemon/start/options.js';
import { modelLines } from '../runtime/model-text.js';
import { loadText } from './configuration.js';
import { FINDINGS } from './status.js';

interface DumpOptions {
  readonly format: 'text' | 'json';
  readonly offline?: true;
  readonly configId?: string;
}

const AFTER_HELP = `
The text is what -d logs. The JSON is the whole model: times are whole microseconds. Passwords and keys are left out of both.

Exit status: 0 all well, 1 when the configuration is one that nothing would start with, 2 a command line that is not understood.
`;

export function createDumpCommand(): Command {
  return new Command()
    .description('Prints the configuration as it was understood, defaults and substitutions included.')
    .argument('[file]', 'the configuration', DEFAULT_CONFIGURATION_FILE)
    .addOption(new Option('--format <format>', 'for people or for programs').choices(['text', 'json']).default('text'))
    .option('--offline', 'judge the text alone, without the interfaces and the like of this machine')
    .option('-i, --config-id <id>', 'configuration id for lines that begin with @ (default: the host name)')
    .addHelpText('after', AFTER_HELP)
    .action((file: string, { format, offline, configId }: DumpOptions) => {
      const { model, diagnostics } = loadText(file, { offline: offline === true, ...(configId === undefined ? {} : { configId }) });
      if (model === undefined) {
        for (const finding of diagnostics.filter((diagnostic) => isFatal(diagnostic))) process.stderr.write(`${formatDiagnostic(finding)}\n`);
        process.exitCode = FINDINGS;
        return;
      }
      process.stdout.write(format === 'json' ? modelJson(model) : modelLines(model).map((line) => `${line}\n`).join(''));
    });
}

function modelJson(model: Model): string {
  return `${JSON.stringify(model, (key, value: unknown) => (SECRET_FIELDS.has(key) ? undefined : value), 2)}\n`;
}
