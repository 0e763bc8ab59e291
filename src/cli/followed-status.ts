/** The daemon's status as it changes: looked at anew when an event tells that something happened, and every few seconds for rates, which no event tells of. */

import { setTimeout as pause } from 'node:timers/promises';

import type { Status } from '../control/status.js';
import { NoAnswer, ask, follow } from './control-client.js';

/** Milliseconds: from an event to the look, when what happens together is shown together; between looks; until a lost stream is tried again. */
const SOON = 250;
const RATES = 2_000;
const AGAIN = 1_000;

export interface StatusHearer {
  readonly onStatus: (status: Status) => void;
  /** The daemon cannot be asked; it is asked again. */
  readonly onTrouble: (trouble: NoAnswer) => void;
}

export interface FollowedStatus {
  /** At once. */
  readonly look: () => Promise<void>;
}

/** Until the process ends. The first look is `RATES` away. */
export function followStatus(socketPath: string, { onStatus, onTrouble }: StatusHearer): FollowedStatus {
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Infinity;
  let asking: Promise<void> | undefined;

  const lookIn = (delay: number): void => {
    const at = performance.now() + delay;
    // Events that do not end must not put the look off for ever.
    if (at >= dueAt) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(() => void look(), delay);
  };
  const look = async (): Promise<void> => {
    clearTimeout(timer);
    dueAt = Infinity;
    // What is being answered may have been written before what happened.
    await asking;
    asking = ask<Status>(socketPath, '/v1/status').then(onStatus, (error: unknown) => {
      if (!(error instanceof NoAnswer)) throw error;
      onTrouble(error);
    });
    await asking;
    asking = undefined;
    lookIn(RATES);
  };
  const hear = async (): Promise<never> => {
    for (;;) {
      try {
        for await (const data of follow(socketPath, '/v1/events')) if (data !== '') lookIn(SOON);
      } catch (error) {
        // The look that is due tells what is wrong.
        if (!(error instanceof NoAnswer)) throw error;
      }
      await pause(AGAIN);
    }
  };
  lookIn(RATES);
  void hear();
  return { look };
}
