#!/usr/bin/env node
/**
 * The program's entry: an operator's command by its name, everything else is the daemon's. It loads next to nothing itself,
 * because every process of the daemon starts here.
 */

import { basename } from 'node:path';

import { runRole } from '../daemon/role.js';
import { DETACHED, REHEARSAL } from '../daemon/start/internal-words.js';
import { commandOverview, findCommand, runOperatorCommand } from './commands.js';

const startedAs = basename(process.argv[1] ?? '');
/** Links of these names are commands. */
const COMMAND_NAMES = ['genhash', 'check_holdfast'];
const words = COMMAND_NAMES.includes(startedAs) ? [startedAs, ...process.argv.slice(2)] : process.argv.slice(2);
// A process of the daemon has a channel to its parent and one word: `vrrp` is a command otherwise.
const command = words.length === 1 && process.connected ? undefined : findCommand(words[0]);

if (command === undefined && isMistyped(words[0])) (await import('./unknown-command.js')).refuseCommand(words[0] ?? '');
else if (command === undefined) await runRole(words, commandOverview());
else await runOperatorCommand(command, words.slice(1));

/**
 * keepalived runs on whatever words are left over; a mistyped command must not start a daemon. Its own processes have a channel, or
 * words of their own.
 */
function isMistyped(word: string | undefined): boolean {
  return word !== undefined && !word.startsWith('-') && !process.connected && startedAs !== 'keepalived' && word !== DETACHED && word !== REHEARSAL;
}
