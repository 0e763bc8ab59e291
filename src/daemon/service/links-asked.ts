/** Asks a daemon which addresses are on the interfaces, once for all who want to know at the same time. */

import type { Links } from '../../control/health.js';

/** Milliseconds until nobody will say. */
const PATIENCE = 2_000;

export interface LinksAsked {
  /** Calls back once; undefined = nobody could say. */
  readonly ask: (done: (links: Links | undefined) => void) => void;
  readonly answered: (links: Links) => void;
}

/** `pass` answers whether there is somebody to ask. */
export function createLinksAsked(pass: () => boolean): LinksAsked {
  let waiting: ((links: Links | undefined) => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const answer = (links: Links | undefined): void => {
    clearTimeout(timer);
    const all = waiting;
    waiting = [];
    for (const done of all) done(links);
  };
  return {
    ask: (done) => {
      waiting.push(done);
      if (waiting.length > 1) return;
      timer = setTimeout(() => answer(undefined), PATIENCE);
      if (!pass()) answer(undefined);
    },
    answered: answer,
  };
}
