/** What probe tests share: the monotonic clock and a sink that can be waited for. */

import { setTimeout as sleep } from 'node:timers/promises';

import type { IpAddress } from '../../../src/base/address.js';
import { seconds } from '../../../src/base/time.js';
import type { ConnectionOptions } from '../../../src/health/config.js';
import type { Verdict } from '../../../src/health/events.js';
import { openClock } from '../../../src/io/clock.js';

export const clock = openClock();

export interface VerdictSink {
  readonly onVerdict: (id: number, verdict: Verdict) => void;
  /** Resolves with the verdict of `id`; fails the test after ten seconds. */
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
      for (let i = 0; i < 5_000; i += 1) {
        const found = seen.find((answer) => answer.id === id);
        if (found !== undefined) return found.verdict;
        await sleep(2);
      }
      throw new Error(`no verdict for ${id}`);
    },
  };
}

/** Connection options to a loopback port with two seconds for every step. */
export function loopback(port: number, options: Partial<ConnectionOptions> = {}): ConnectionOptions {
  return { address: '127.0.0.1' as IpAddress, port, fwmark: 0, connectTimeout: seconds(2), ...options };
}
