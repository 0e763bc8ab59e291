/** `holdfast status`: what the running daemon does, on one screen. */

import { setTimeout as pause } from 'node:timers/promises';

import { Command } from 'commander';

import { SOCKET_HELP, socketOption, withAnswers } from './control-client.js';
import type { SocketOption } from './control-client.js';
import { SCREEN_PATH, askOnce } from './quick-status.js';

interface StatusOptions extends SocketOption {
  readonly json?: true;
  readonly watch?: true;
}

/** From one look to the next, milliseconds. */
const WATCH_INTERVAL = 1_000;

/** ECMA-48: cursor home, erase to the end. */
const CLEAR = '\u001b[H\u001b[J';

export function createStatusCommand(): Command {
  return new Command()
    .description('Shows what the running daemon does: VRRP roles with their reasons, addresses, virtual and real servers, and what has changed of late.')
    .option('--json', 'as GET /v1/status answers it')
    .option('--watch', 'again every second, until interrupted')
    .addOption(socketOption())
    .addHelpText('after', SOCKET_HELP)
    .action(({ json, watch, socket }: StatusOptions) =>
      withAnswers(async () => {
        for (;;) {
          const text = await askOnce(socket, json === true ? '/v1/status' : SCREEN_PATH);
          if (watch === true && json !== true && process.stdout.isTTY) process.stdout.write(CLEAR);
          process.stdout.write(text);
          if (watch !== true) return;
          await pause(WATCH_INTERVAL);
        }
      }),
    );
}
