/**
 * Network namespaces by name, and for a moment. Entering one changes the main thread, and with it every socket opened, thread
 * made and program started from then on; what was open before stays where it was.
 */

import { closeSync, openSync } from 'node:fs';

import { enterNetworkNamespace } from './sockets/native-socket.js';

/** That of this thread, to come back to. */
const OWN = '/proc/thread-self/ns/net';
/** What keepalived means by net_namespace_ipvs without a name. */
export const FIRST_NAMESPACE = '/proc/1/ns/net';

/** Where `ip netns add NAME` puts it. */
export function namespacePath(name: string): string {
  return `/run/netns/${name}`;
}

/** Runs `open` there and comes back. Throws KernelError, and what `open` throws. */
export function inNetworkNamespace<T>(path: string, open: () => T): T {
  const home = openSync(OWN, 'r');
  try {
    enterNetworkNamespace(path);
    return open();
  } finally {
    enterNetworkNamespace(`/proc/self/fd/${home}`);
    closeSync(home);
  }
}
