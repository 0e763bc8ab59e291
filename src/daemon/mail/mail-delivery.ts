/**
 * When what waits is mailed: at once or in digests, one mail at a time, and again for a while when the server does not take it.
 * It waits by timers of its own and touches nothing but what it is given.
 */

import type { Alert } from '../../runtime/alert-text.js';
import { AlertQueue } from './alert-queue.js';

/** Between two attempts, seconds: doubled each time. */
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 60;

export type Delivery = 'sent' | 'passing' | 'failed';

export interface DeliveryOptions {
  /** Seconds within which alerts become one mail; undefined = each at once. */
  readonly digest: number | undefined;
  /** Seconds for which a mail is tried again; undefined = never. */
  readonly retry: number | undefined;
  /** One attempt; never rejects. */
  readonly send: (mail: Alert) => Promise<Delivery>;
  /** A mail will be tried again in so many seconds; undefined = no more. */
  readonly onDelayed: (mail: Alert, after: number | undefined) => void;
  /** Nothing waits and nothing is on its way. */
  readonly onIdle: () => void;
  /** Milliseconds, on a clock that only goes forward. */
  readonly now: () => number;
  /** Calls back once, after so many milliseconds, unless what it returns is called before. */
  readonly after: (delay: number, due: () => void) => () => void;
}

export interface MailDelivery {
  readonly add: (alert: Alert) => void;
  /** Nothing more will come: what waits goes now, once. */
  readonly finish: () => void;
  readonly isIdle: () => boolean;
}

export function createMailDelivery({ digest, retry = 0, send, onDelayed, onIdle, now, after }: DeliveryOptions): MailDelivery {
  const queue = new AlertQueue(digest === undefined ? undefined : 1);
  let sending = false;
  let finishing = false;
  /** What the server did not take: the mail, since when, and how long until the next attempt. */
  let kept: { readonly mail: Alert; readonly since: number; readonly pause: number } | undefined;
  /** Ends the wait of a digest or of a pause. */
  let cancel: (() => void) | undefined;

  const wait = (delay: number): void => {
    cancel = after(delay, () => {
      cancel = undefined;
      void work();
    });
  };
  const judge = (mail: Alert, delivery: Delivery, since: number, pause: number): boolean => {
    kept = undefined;
    if (delivery !== 'passing') return true;
    if (finishing || now() - since + pause * 1_000 > retry * 1_000) {
      if (retry > 0) onDelayed(mail, undefined);
      return true;
    }
    kept = { mail, since, pause: Math.min(2 * pause, LONGEST_PAUSE) };
    onDelayed(mail, pause);
    wait(pause * 1_000);
    return false;
  };
  const work = async (): Promise<void> => {
    sending = true;
    let goesOn = true;
    while (goesOn) {
      const mail = kept?.mail ?? queue.next();
      if (mail === undefined) break;
      const { since, pause } = kept ?? { since: now(), pause: FIRST_PAUSE };
      goesOn = judge(mail, await send(mail), since, pause) && (digest === undefined || finishing);
    }
    sending = false;
    if (cancel !== undefined) return;
    if (queue.isEmpty) onIdle();
    else wait((digest ?? 0) * 1_000);
  };
  const flush = (): void => {
    cancel?.();
    cancel = undefined;
    if (!sending) void work();
  };
  return {
    add: (alert) => {
      queue.add(alert);
      if (sending || cancel !== undefined) return;
      if (digest === undefined || finishing) void work();
      else wait(digest * 1_000);
    },
    finish: () => {
      finishing = true;
      flush();
    },
    isIdle: () => !sending && cancel === undefined && queue.isEmpty,
  };
}
