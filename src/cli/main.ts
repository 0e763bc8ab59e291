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
const command = findCommand(words[0]);

if (command === undefined) await runRole(words, commandOverview());
else await runOperatorCommand(command, words.slice(1));
