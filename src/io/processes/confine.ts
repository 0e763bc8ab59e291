/** Confines this process: seccomp(2) and no_new_privs, for all its threads and for good. */

import { loadAddon } from '../native.js';

interface ConfineAddon {
  readonly confine: () => number;
}

/**
 * To be called while the addon's file can be read; what it returns confines. From then on the process can start no program, gain no privilege, and change neither mounts nor namespaces, modules nor clocks: EPERM.
 * False where the kernel has no filters: then the process runs with less behind it, and as well.
 */
export function openConfinement(): () => boolean {
  const { confine } = loadAddon() as ConfineAddon;
  return () => confine() === 0;
}
