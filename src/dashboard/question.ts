/** The question before a command: what will happen, how long it shall hold, and a yes that must be given. */

import type { Consequences, Term } from './consequences.js';
import { byId, element, setText } from './dom.js';

export interface Asked {
  readonly wantsWeight: boolean;
  readonly wantsTerm: boolean;
  /** Anew whenever something moves; undefined ends the question. `weight`: as typed so far. */
  readonly explain: (weight: number | undefined) => Consequences | undefined;
  readonly onYes: (consequences: Consequences, weight: number | undefined, term: Term) => void;
}

export interface Question {
  /** Does nothing while another one is open. */
  readonly ask: (asked: Asked) => void;
  /** Says again what will happen, if a question is open. */
  readonly refresh: () => void;
}

export function createQuestion(): Question {
  const dialog = byId('confirm') as HTMLDialogElement;
  const form = byId('confirm-form') as HTMLFormElement;
  const weight = byId('confirm-weight') as HTMLInputElement;
  const term = byId('confirm-term') as HTMLSelectElement;
  let open: Asked | undefined;

  const typed = (): number | undefined => (open?.wantsWeight === true && weight.value !== '' ? Number(weight.value) : undefined);
  const explain = (): Consequences | undefined => {
    const consequences = open?.explain(typed());
    if (consequences === undefined) {
      open = undefined;
      dialog.close();
      return undefined;
    }
    const { title, verb, lines } = consequences;
    setText(byId('confirm-title'), title);
    setText(byId('confirm-yes'), verb);
    const list = byId('confirm-lines');
    if (list.textContent !== lines.join('')) list.replaceChildren(...lines.map((line) => element('li', {}, line)));
    return consequences;
  };
  // Not by the `close` event: browsers send it a frame later, when the next question may be open already.
  const end = (isYes: boolean): void => {
    const asked = open;
    const answer = typed();
    const consequences = isYes ? asked?.explain(answer) : undefined;
    open = undefined;
    dialog.close();
    if (consequences !== undefined) asked?.onYes(consequences, answer, termOf(term.value));
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    end(true);
  });
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    end(false);
  });
  weight.addEventListener('input', () => void explain());
  byId('confirm-no').addEventListener('click', () => end(false));
  return {
    ask: (asked) => {
      if (dialog.open) return;
      open = asked;
      weight.value = '';
      weight.required = asked.wantsWeight;
      byId('confirm-weight-label').hidden = !asked.wantsWeight;
      term.value = '';
      byId('confirm-term-label').hidden = !asked.wantsTerm;
      if (explain() === undefined) return;
      dialog.showModal();
      (asked.wantsWeight ? weight : byId('confirm-no')).focus();
    },
    refresh: () => {
      if (dialog.open) explain();
    },
  };
}

/** Of the choices in page.html. */
function termOf(choice: string): Term {
  if (choice === '') return {};
  return choice === 'keep' ? { keep: true } : { seconds: Number(choice) };
}
