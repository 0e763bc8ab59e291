/**
 * What waits to be mailed. Mails that pile up while one is on its way go as one: a site that loses its network must not
 * bury its operators, or its mail server, in thousands.
 */

import type { Alert } from '../../runtime/alert-text.js';

/** More than this many waiting become one mail. */
const MOST_SINGLE = 10;

/** Kept while no server takes them; beyond it only their number is told. */
const MOST_WAITING = 1_000;

export class AlertQueue {
  readonly #waiting: Alert[] = [];
  readonly #mostSingle: number;
  #dropped = 0;

  /** More than `mostSingle` waiting become one mail. */
  constructor(mostSingle = MOST_SINGLE) {
    this.#mostSingle = mostSingle;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  add(alert: Alert): void {
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(alert);
    else this.#dropped += 1;
  }

  /** The next mail: one alert, or all that wait when they are many. Undefined when none does. */
  next(): Alert | undefined {
    if (this.#waiting.length <= this.#mostSingle) return this.#waiting.shift();
    const alerts = this.#waiting.splice(0);
    const count = alerts.length + this.#dropped;
    const lines = alerts.map(({ subject, body }) => `${subject} ${body}`);
    if (this.#dropped > 0) lines.push(`and ${this.#dropped} more`);
    this.#dropped = 0;
    return { subject: `${count} alerts, the last: ${alerts.at(-1)?.subject ?? ''}`, body: lines.join('\n') };
  }
}
