/** What probe tests share: the monotonic clock and a sink that can be waited for. */

import type { IpAddress } from '../../../src/base/address.js';
import { present } from '../../../src/base/invariant.js';
import { seconds } from '../../../src/base/time.js';
import type { ConnectionOptions } from '../../../src/health/config-check.js';
import type { Verdict } from '../../../src/health/events.js';
import { openClock } from '../../../src/io/clock.js';
import { until } from './until.js';

export const clock = openClock();

export interface VerdictSink {
  readonly onVerdict: (id: number, verdict: Verdict) => void;
  /** Resolves with the verdict of `id`; fails the test when there is none. */
  readonly verdictOf: (id: number) => Promise<Verdict>;
  readonly seen: { readonly id: number; readonly verdict: Verdict }[];
}

export function verdictSink(): VerdictSink {
  const seen: { id: number; verdict: Verdict }[] = [];
  return {
    seen,
    onVerdict: (id, verdict) => {
      seen.push({ id, verdict });
    },
    verdictOf: async (id) => {
      await until(() => seen.some((answer) => answer.id === id));
      return present(seen.find((answer) => answer.id === id), 'it was there').verdict;
    },
  };
}

/** Connection options to a loopback port with two seconds for every step. */
export function loopback(port: number, options: Partial<ConnectionOptions> = {}): ConnectionOptions {
  return { address: '127.0.0.1' as IpAddress, port, fwmark: 0, connectTimeout: seconds(2), ...options };
}
