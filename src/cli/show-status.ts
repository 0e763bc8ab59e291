/** `holdfast status`: what the running daemon does, on one screen. */

import { Command } from 'commander';

import { statusScreen } from '../control/screen.js';
import type { Status } from '../control/status.js';
import { SOCKET_HELP, ask, socketOption, withAnswers } from './control-client.js';
import type { SocketOption } from './control-client.js';
import { followStatus } from './followed-status.js';
import { SCREEN_PATH, askOnce } from './quick-status.js';

interface StatusOptions extends SocketOption {
  readonly json?: true;
  readonly watch?: true;
}

/** Ages on the screen go on, milliseconds. */
const TICK = 1_000;

/** ECMA-48: cursor home, erase to the end. */
const CLEAR = '\u001b[H\u001b[J';

export function createStatusCommand(): Command {
  return new Command()
    .description('Shows what the running daemon does: VRRP roles with their reasons, addresses, virtual and real servers, and what has changed of late.')
    .option('--json', 'as GET /v1/status answers it')
    .option('--watch', 'again whenever something happens, and every few seconds for rates, until interrupted')
    .addOption(socketOption())
    .addHelpText('after', SOCKET_HELP)
    .action(({ json, watch, socket }: StatusOptions) =>
      withAnswers(async () => {
        if (watch === true) await watchStatus(socket, json === true);
        else process.stdout.write(await askOnce(socket, json === true ? '/v1/status' : SCREEN_PATH));
      }),
    );
}

/** Throws NoAnswer when the daemon cannot be asked at first, or any longer. */
async function watchStatus(socket: string, json: boolean): Promise<never> {
  let status = await ask<Status>(socket, '/v1/status');
  // A terminal has one screen, on which ages go on; a file gets what is new.
  const onScreen = !json && process.stdout.isTTY;
  const show = (): void => void process.stdout.write(json ? `${JSON.stringify(status)}\n` : `${onScreen ? CLEAR : ''}${statusScreen(status, Date.now())}`);
  show();
  if (onScreen) setInterval(show, TICK);
  return new Promise<never>((_resolve, reject) => {
    followStatus(socket, {
      onStatus: (next) => {
        status = next;
        show();
      },
      onTrouble: reject,
    });
  }).finally(() => setImmediate(() => process.exit()));
}
