/** `holdfast help [COMMAND]`: the options of the daemon and the commands, or the help of one command. */

import { Command } from 'commander';

import { helpText } from '../daemon/start/command-line.js';
import { USAGE_ERROR } from './status.js';

/** `overview` lists the commands; `printHelpOf` answers false for a name that none has. */
export function createHelpCommand(overview: string, printHelpOf: (name: string) => Promise<boolean>): Command {
  return new Command()
    .description('Prints the options of the daemon and the commands, or the help of one command.')
    .argument('[command]', 'the command to explain')
    .action(async (name?: string) => {
      if (name === undefined) {
        process.stdout.write(helpText(overview));
      } else if (!(await printHelpOf(name))) {
        process.stderr.write(`There is no command ${name}.\n${overview}`);
        process.exitCode = USAGE_ERROR;
      }
    });
}
