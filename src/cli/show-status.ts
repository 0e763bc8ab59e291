/** `holdfast status`: what the running daemon does, on one screen. */

import { setTimeout as pause } from 'node:timers/promises';

import { Command } from 'commander';

import type { Status } from '../control/status.js';
import { SOCKET_HELP, ask, socketOption, withAnswers } from './control-client.js';
import type { SocketOption } from './control-client.js';
import { statusText } from './status-text.js';

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
    .description('Shows what the running daemon does: VRRP roles with their reasons, addresses, virtual and real servers.')
    .option('--json', 'as GET /v1/status answers it')
    .option('--watch', 'again every second, until interrupted')
    .addOption(socketOption())
    .addHelpText('after', SOCKET_HELP)
    .action(({ json, watch, socket }: StatusOptions) =>
      withAnswers(async () => {
        for (;;) {
          const status = await ask<Status>(socket, '/v1/status');
          const text = json === true ? `${JSON.stringify(status)}\n` : statusText(status, Date.now());
          process.stdout.write(watch === true && json !== true && process.stdout.isTTY ? `${CLEAR}${text}` : text);
          if (watch !== true) return;
          await pause(WATCH_INTERVAL);
        }
      }),
    );
}
