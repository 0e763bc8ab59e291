/** `holdfast top`: virtual and real servers on a full screen, drawn anew as things happen, with keys to drain, disable, enable and weigh. */

import { Command } from 'commander';

import type { CommandAnswer } from '../control/commands.js';
import type { Status } from '../control/status.js';
import { NO_ANSWER, NoAnswer, ask, command as give, socketOption, withAnswers } from './control-client.js';
import type { SocketOption } from './control-client.js';
import { followStatus } from './followed-status.js';
import { keysIn, press } from './top/keys.js';
import { blocksOf, initialTop, placesOf } from './top/state.js';
import type { Asked, TopState } from './top/state.js';
import { takeTerminal } from './top/terminal.js';
import { FRAME, HEAD, askedText, screenOf } from './top/view.js';

interface TopOptions extends SocketOption {
  readonly once?: true;
  readonly json?: true;
}

/** The clock on the screen goes on, milliseconds. */
const TICK = 1_000;
/** Of --once where nobody says how wide the screen is. */
const WIDTH = 80;

const AFTER_HELP = `
Keys: arrows move, s sorts (name, state, active connections, rate, weight), / filters, d drains, x disables, w weighs, e enables
again, q leaves, ? says the same. Changes are asked about first and need root, or the group of control_admin_group. NO_COLOR in
the environment leaves colours out.

Exit status: 0 left by a key, 1 the daemon cannot be asked or there is no terminal, 2 a command line that is not understood.
`;

export function createTopCommand(): Command {
  return new Command()
    .description('Shows virtual and real servers with their connections and rates on a full screen, and changes them by keys.')
    .option('--once', 'print one screen as it would be, all servers on it, and leave')
    .option('--json', 'what is on the screen for programs, once')
    .addOption(socketOption())
    .addHelpText('after', AFTER_HELP)
    .action(({ once, json, socket }: TopOptions) =>
      withAnswers(async () => {
        const state = initialTop(await ask<Status>(socket, '/v1/status'));
        if (json === true) process.stdout.write(`${JSON.stringify({ version: 1, virtualServers: blocksOf(state).map(({ virtualServer }) => virtualServer) })}\n`);
        else if (once === true) process.stdout.write(wholeScreen(state));
        else if (process.stdin.isTTY && process.stdout.isTTY) await run(state, socket);
        else {
          process.stderr.write('There is no terminal: --once prints one screen, holdfast status --watch follows.\n');
          process.exitCode = NO_ANSWER;
        }
      }),
    );
}

/** Without what is only for the keys. */
function wholeScreen(state: TopState): string {
  const columns = Number(process.env['COLUMNS'] ?? 0) || WIDTH;
  const blocks = blocksOf(state);
  const table = blocks.length + placesOf(blocks).length;
  const lines = screenOf(state, { columns, rows: FRAME + table }, new Date()).map(({ text }) => text.replace(/^>/, ' ').trimEnd());
  return `${lines.slice(0, HEAD + table).join('\n')}\n`;
}

/** Until a key ends it. */
function run(first: TopState, socket: string): Promise<void> {
  let state = first;
  const draw = (): void => terminal.draw(screenOf(state, terminal.size(), new Date()));
  const { look } = followStatus(socket, {
    onStatus: (status) => {
      state = { ...state, status, message: state.message.startsWith(TROUBLE) ? '' : state.message };
      draw();
    },
    onTrouble: ({ message }) => {
      state = { ...state, message: `${TROUBLE}${message}` };
      draw();
    },
  });
  const obey = async (asked: Asked): Promise<void> => {
    state = { ...state, message: await answerTo(asked, socket) };
    await look();
  };
  const coloured = (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
  const terminal = takeTerminal(process.stdin, process.stdout, coloured, {
    onInput: (text) => {
      for (const key of keysIn(text)) {
        const pressed = press(state, key);
        ({ state } = pressed);
        if (pressed.effect?.type === 'quit') process.exit(0);
        if (pressed.effect?.type === 'command') void obey(pressed.effect.asked);
      }
      draw();
    },
    onResize: draw,
  });
  draw();
  setInterval(draw, TICK);
  return new Promise(() => undefined);
}

/** Begins what is said while the daemon cannot be asked. */
const TROUBLE = '! ';

async function answerTo(asked: Asked, socket: string): Promise<string> {
  const { action, server, virtualServer, weight } = asked;
  try {
    const answer = await give<CommandAnswer>(socket, { action, server, virtualServer, ...(weight === undefined ? {} : { weight }) });
    return answer.done ? `done: ${askedText(asked)}` : `refused: ${answer.error}`;
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return `refused: ${error.message}`;
  }
}
