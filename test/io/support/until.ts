/** Waiting for what happens elsewhere: another process, a server, the kernel. */

import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves as soon as `condition` holds; rejects after two minutes. */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 120_000;
  while (!condition() && performance.now() < end) await sleep(5);
  if (!condition()) throw new Error(`it never happened: ${condition.toString()}`);
}
