/** For processes that need root to begin with and for nothing after that. */

import { readFileSync } from 'node:fs';

import { openConfinement } from '../../io/processes/confine.js';

/** The id of `nobody` and `nogroup`, which a chroot without a user database has too. */
const NOBODY = 65_534;

/**
 * Everything is open or loaded: root has nothing more to do here. The kernel takes every capability away with it. A service
 * manager that keeps CAP_SETUID and CAP_SETGID from the daemon has taken what there is to take already: then it stays root
 * by name. Either way the process starts no program any more and cannot gain anything by one.
 */
export function dropPrivileges(): void {
  // Nobody may not even be allowed to read the addon.
  const confine = openConfinement();
  if (process.getuid?.() === 0 && mayChangeUser()) {
    process.setgroups?.([NOBODY]);
    process.setgid?.(NOBODY);
    process.setuid?.(NOBODY);
  }
  confine();
}

/** linux/capability.h. */
const CAP_SETGID = 6n;
const CAP_SETUID = 7n;

function mayChangeUser(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  const needed = (1n << CAP_SETGID) | (1n << CAP_SETUID);
  return (BigInt(`0x${effective}`) & needed) === needed;
}
