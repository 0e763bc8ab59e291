#!/usr/bin/env node
/**
 * The program's entry: an operator's command by its name, everything else is the daemon's. It loads next to nothing itself,
 * because every process of the daemon starts here.
 */

import { basename } from 'node:path';

import { runRole } from '../daemon/role.js';
import { commandOverview, findCommand, runOperatorCommand } from './commands.js';

const startedAs = basename(process.argv[1] ?? '');
const words = startedAs === 'genhash' ? [startedAs, ...process.argv.slice(2)] : process.argv.slice(2);
// A process of the daemon has a channel to its parent and one word: `vrrp` is a command otherwise.
const command = words.length === 1 && process.connected ? undefined : findCommand(words[0]);

if (command === undefined) await runRole(words, commandOverview());
else await runOperatorCommand(command, words.slice(1));
