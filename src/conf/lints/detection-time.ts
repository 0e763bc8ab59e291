/**
 * How long a dead server keeps its connections: the worst case that follows from the rules of the checker machine. The server
 * dies just after it has passed a check, so one whole delay_loop goes by before anybody asks again.
 */

import { micros } from '../../base/time.js';
import type { Micros } from '../../base/time.js';
import type { CheckerConfig } from '../../health/config-check.js';

/** A web check may take this many connect timeouts when its answer drips in: the machine ends it then. */
const WEB_CHECK_STEPS = 10;

export interface DetectionTime {
  /** The server has vanished: nothing answers at all. */
  readonly silent: Micros;
  /** Web checks: it still accepts connections and answers byte by byte. The same as `silent` for the others. */
  readonly dripping: Micros;
}

/** From a server's death to the checker's verdict, at the latest; undefined for one that takes silence for health. */
export function worstDetectionTime(checker: CheckerConfig): DetectionTime | undefined {
  const { check } = checker;
  if (check.type === 'UDP_CHECK' && check.reply === undefined) return undefined;
  const limit = attemptLimit(check);
  const steps = 'urls' in check ? WEB_CHECK_STEPS : 1;
  return { silent: whenAnAttemptTakes(limit, checker), dripping: whenAnAttemptTakes(limit * steps, checker) };
}

/** How long a question may stay unanswered: connect_timeout, or misc_timeout of a program. */
export function attemptLimit(check: CheckerConfig['check']): Micros {
  return check.type === 'MISC_CHECK' ? check.timeout : check.connection.connectTimeout;
}

function whenAnAttemptTakes(attempt: number, { delayLoop, retry, delayBeforeRetry }: CheckerConfig): Micros {
  return micros(delayLoop + attempt + retry * (delayBeforeRetry + attempt));
}

/** `14 s`, `0.25 s`. */
export function inSeconds(span: number): string {
  return `${Number((span / 1_000_000).toFixed(3))} s`;
}
