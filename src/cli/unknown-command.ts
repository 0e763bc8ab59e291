/** A first word that is neither a command nor an option: said, with the command that may have been meant. */

import { nearest } from '../conf/keywords/nearest.js';
import { COMMANDS } from './commands.js';
import { USAGE_ERROR } from './status.js';

export function refuseCommand(word: string): void {
  const meant = nearest(word, COMMANDS.map(({ name }) => name));
  const hint = meant === undefined ? '.' : `: did you mean ${meant}?`;
  process.stderr.write(`There is no command ${word}${hint} holdfast help lists all; options of the daemon begin with a dash.\n`);
  process.exitCode = USAGE_ERROR;
}
