/**
 * One webhook: which events it wants, what waits for it, when that is posted and posted again. It is told what a post came to;
 * whoever posts is elsewhere (io/poster.ts). It never waits for more than it may keep.
 */

import { createHmac } from 'node:crypto';

import type { PostOutcome } from '../io/poster.js';
import type { ControlEvent } from './status.js';

/** Events that may wait; the oldest are lost beyond. */
const MOST_WAITING = 1_000;
/** Events in one request. */
const MOST_AT_ONCE = 100;
/** Between two attempts, seconds: doubled each time. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 60;
/** Statuses of 4xx that another attempt may change: 408, 425, 429. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** What the control process knows of a webhook; secrets come by the channel alone. */
export interface Webhook {
  readonly url: string;
  /** Name of this director. */
  readonly director: string;
  /** Names of events, and `all`, `warn`, `error`. */
  readonly events: readonly string[];
  readonly secret?: string;
  /** PEM. */
  readonly authorities?: string;
  /** Seconds. */
  readonly timeout: number;
  readonly batch: number;
  readonly retry: number;
  /** Events up to this one have been posted before. */
  readonly after: number;
}

export type WebhookNote =
  /** Said once, not again before it works. */
  | { readonly type: 'failing'; readonly reason: string }
  | { readonly type: 'works'; readonly lost: number }
  /** The server wants none of these: they are not posted again. */
  | { readonly type: 'refused'; readonly status: number; readonly count: number };

export interface WebhookPorts {
  readonly post: (headers: Readonly<Record<string, string>>, body: string) => Promise<PostOutcome>;
  /** All up to this event are done with. */
  readonly onDone: (id: number) => void;
  readonly tell: (note: WebhookNote) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls back once, after so many milliseconds, unless what it returns is called before. */
  readonly after: (delay: number, due: () => void) => () => void;
}

export interface WebhookSender {
  readonly hear: (events: readonly ControlEvent[]) => void;
  /** Nothing more will come: one more attempt at once, then it calls back. */
  readonly finish: (done: () => void) => void;
  /** Forgets what waits. */
  readonly drop: () => void;
}

export function wants({ events }: Pick<Webhook, 'events'>, { event, level }: Pick<ControlEvent, 'event' | 'level'>): boolean {
  return events.some((name) => name === 'all' || name === event || (name === 'warn' && (level === 'warn' || level === 'error')) || (name === 'error' && level === 'error'));
}

/** The headers that go with `body`: the signature is the hexadecimal HMAC-SHA256 of `TIMESTAMP.BODY`. */
export function signed(secret: string | undefined, seconds: number, body: string): Readonly<Record<string, string>> {
  const time = String(seconds);
  if (secret === undefined) return { 'X-Holdfast-Timestamp': time };
  return { 'X-Holdfast-Timestamp': time, 'X-Holdfast-Signature': `sha256=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}` };
}

function requestOf({ director, secret }: Webhook, seconds: number, lost: number, events: readonly ControlEvent[]): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const body = JSON.stringify({ version: 1, director, sentAt: new Date(seconds * 1_000).toISOString(), lost, events });
  return { headers: signed(secret, seconds, body), body };
}

function verdictOf(outcome: PostOutcome): 'taken' | 'failing' | { readonly refused: number } {
  if (outcome.type === 'failed' || outcome.status >= 500 || PASSING.has(outcome.status)) return 'failing';
  return outcome.status >= 200 && outcome.status < 300 ? 'taken' : { refused: outcome.status };
}

/** What waits to be posted, oldest first. */
class EventQueue {
  #waiting: ControlEvent[] = [];
  /** Those that nobody will get any more, since it was last told. */
  lost = 0;

  add(events: readonly ControlEvent[]): void {
    this.#waiting.push(...events);
    if (this.#waiting.length > MOST_WAITING) this.lost += this.#waiting.splice(0, this.#waiting.length - MOST_WAITING).length;
  }

  first(count: number): readonly ControlEvent[] {
    return this.#waiting.slice(0, count);
  }

  remove(events: readonly ControlEvent[]): void {
    this.#waiting = this.#waiting.filter((event) => !events.includes(event));
  }

  /** `time` in milliseconds since 1970. */
  forgetBefore(time: number): void {
    const kept = this.#waiting.filter((event) => Date.parse(event.time) >= time);
    this.lost += this.#waiting.length - kept.length;
    this.#waiting = kept;
  }
}

export function createWebhookSender(webhook: Webhook, { post, onDone, tell, now, after }: WebhookPorts): WebhookSender {
  const queue = new EventQueue();
  let pause = 0;
  let posting = false;
  let cancel: (() => void) | undefined;
  let onFinished: (() => void) | undefined;

  const wait = (delay: number): void => {
    cancel = after(delay, () => {
      cancel = undefined;
      void work();
    });
  };
  /** True when the next batch may follow at once. */
  const judge = (outcome: PostOutcome, events: readonly ControlEvent[], counted: number): boolean => {
    const verdict = verdictOf(outcome);
    if (verdict === 'failing') {
      if (pause === 0) tell({ type: 'failing', reason: outcome.type === 'answered' ? `status ${outcome.status}` : outcome.reason });
      pause = pause === 0 ? FIRST_PAUSE : Math.min(2 * pause, LONGEST_PAUSE);
      return false;
    }
    if (verdict === 'taken') {
      if (pause > 0) tell({ type: 'works', lost: counted });
      pause = 0;
      queue.lost -= counted;
    } else {
      tell({ type: 'refused', status: verdict.refused, count: events.length });
      queue.lost += events.length;
    }
    queue.remove(events);
    onDone(events.at(-1)?.id ?? 0);
    return true;
  };
  const work = async (): Promise<void> => {
    posting = true;
    let goesOn = true;
    while (goesOn) {
      if (pause > 0 && onFinished === undefined) queue.forgetBefore(now() - webhook.retry * 1_000);
      const events = queue.first(MOST_AT_ONCE);
      if (events.length === 0) break;
      const counted = queue.lost;
      const { headers, body } = requestOf(webhook, Math.floor(now() / 1_000), counted, events);
      goesOn = judge(await post(headers, body), events, counted);
    }
    posting = false;
    if (onFinished !== undefined) onFinished();
    else if (queue.first(1).length > 0) wait(pause * 1_000);
  };
  return {
    hear: (events) => {
      const wanted = events.filter((event) => event.id > webhook.after && wants(webhook, event));
      if (wanted.length === 0) return;
      queue.add(wanted);
      if (!posting && cancel === undefined) wait(webhook.batch * 1_000);
    },
    finish: (finished) => {
      onFinished = finished;
      if (posting) return;
      cancel?.();
      cancel = undefined;
      void work();
    },
    drop: () => {
      cancel?.();
      cancel = undefined;
      queue.remove(queue.first(MOST_WAITING));
    },
  };
}
