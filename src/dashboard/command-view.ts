/** Commands: buttons and keys for what is looked at, a question before each (question.ts), and the way back after it. */

import type { CommandAnswer, OperatorCommand } from '../control/commands.js';
import type { Status } from '../control/status.js';
import { consequencesOf, doneText, undoOf, type Place, type Wish } from './consequences.js';
import { byId, element, setText } from './dom.js';
import { createQuestion } from './question.js';

export interface CommandOptions {
  readonly give: (command: OperatorCommand) => Promise<CommandAnswer>;
  readonly status: () => Status;
}

export interface CommandView {
  /** Asks before it does it. Nothing happens without permission. */
  readonly wish: (wish: Wish) => void;
  readonly permit: (mayCommand: boolean) => void;
  /** Brings the buttons for `selected` and an open question up to date. */
  readonly draw: (selected: Place | undefined) => void;
}

type ServerAction = 'drain' | 'disable' | 'weight' | 'enable';

/** As in holdfast top. */
const KEYS: Readonly<Record<string, ServerAction>> = { d: 'drain', x: 'disable', w: 'weight', e: 'enable' };
const NAMES: Readonly<Record<ServerAction, string>> = { drain: 'Drain', disable: 'Disable', weight: 'Weight…', enable: 'Enable' };

/** The command that a key stands for. */
export function actionOf(key: string): ServerAction | undefined {
  return KEYS[key];
}

export function commandView({ give, status }: CommandOptions): CommandView {
  const question = createQuestion();
  const bar = byId('actions');
  const buttons = Object.entries(KEYS).map(([key, action]) => ({ action, button: element('button', { type: 'button', 'aria-keyshortcuts': key, title: `${key} on a server` }, NAMES[action]) }));
  let permitted = false;
  let place: Place | undefined;
  let undo: OperatorCommand | undefined;

  const run = async (command: OperatorCommand, doneAs: (changed: readonly string[]) => string, back: OperatorCommand | undefined): Promise<void> => {
    const answer = await give(command);
    undo = answer.done ? back : undefined;
    setText(byId('done-text'), answer.done ? doneAs(answer.changed) : `Refused: ${answer.error}`);
    byId('undo').hidden = undo === undefined;
  };
  const wish = (wished: Wish): void => {
    if (!permitted) return;
    question.ask({
      wantsWeight: wished.action === 'weight',
      wantsTerm: wished.action !== 'enable' && wished.action !== 'resume',
      explain: (weight) => consequencesOf(wished, status(), weight),
      onYes: (consequences, weight, term) =>
        void run({ ...wished, ...(weight === undefined ? {} : { weight }), ...term }, (changed) => doneText(consequences, changed), undoOf(wished, status(), Date.now())),
    });
  };
  byId('undo').addEventListener('click', () => {
    if (undo !== undefined) void run(undo, (changed) => `Taken back: ${changed.join(', ')}`, undefined);
  });
  for (const { action, button } of buttons) button.addEventListener('click', () => place && wish({ action, ...place }));
  bar.append(...buttons.map(({ button }) => button));
  return {
    wish,
    permit: (mayCommand) => {
      permitted = mayCommand;
      document.body.toggleAttribute('data-commands', mayCommand);
    },
    draw: (selected) => {
      place = selected;
      const pool = status().lvs?.virtualServers.find(({ name }) => name === selected?.virtualServer);
      const real = pool?.realServers.find(({ name }) => name === selected?.server);
      bar.hidden = !permitted || real === undefined;
      for (const { action, button } of buttons) {
        const isPointless = action === 'enable' ? real?.byHand === undefined || real.byHand === 'add' : action !== 'weight' && real?.byHand === action;
        button.hidden = isPointless;
      }
      question.refresh();
    },
  };
}
