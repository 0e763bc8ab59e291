/** Waiting for what happens elsewhere: another process, a server, the kernel. */

import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves as soon as `condition` holds; rejects after fifteen seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 3_000 && !condition(); i += 1) await sleep(5);
  if (!condition()) throw new Error(`it never happened: ${condition.toString()}`);
}
