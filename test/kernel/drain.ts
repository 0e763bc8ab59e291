/** Waiting for datagrams without the event loop: on a busy machine a veth hands them over some time after they were sent. */

const PATIENCE = 60_000;
const PAUSE = 2;

/** Drains until `holds`. Gives up after a minute: the assertion that follows says what is missing. */
export function drainUntil(drain: () => void, holds: () => boolean): void {
  const end = performance.now() + PATIENCE;
  drain();
  while (!holds() && performance.now() < end) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    drain();
  }
}
