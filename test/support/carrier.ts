/** Interfaces of a test that really send. */

import { execFileSync } from 'node:child_process';

/** Milliseconds; the kernel takes up to a second, and more when it has much else to do. */
const PATIENCE = 120_000;
const PAUSE = 5;
const NEVER = new Int32Array(new SharedArrayBuffer(4));

/**
 * Waits, without giving way, until each of these interfaces has a carrier and a queue. The first of two ends that is set up
 * gets its queue only when the kernel looks at links the next time: until then it drops whatever it is to send.
 */
export function awaitCarrier(namespace: string, ...names: readonly string[]): void {
  for (const name of names) {
    const shown = (): string => execFileSync('ip', ['-n', namespace, '-o', 'link', 'show', 'dev', name], { encoding: 'utf8' });
    for (const deadline = performance.now() + PATIENCE; !carries(shown()); Atomics.wait(NEVER, 0, 0, PAUSE)) {
      if (performance.now() > deadline) throw new Error(`${name} of ${namespace} carries nothing: ${shown()}`);
    }
  }
}

/** Some kinds of interfaces never say more of themselves than that they are up. */
function carries(shown: string): boolean {
  return / state (UP|UNKNOWN) /.test(shown) && !/ qdisc noop /.test(shown);
}
