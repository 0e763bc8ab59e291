/** For processes that need root to begin with and for nothing after that. */

/** The id of `nobody` and `nogroup`, which a chroot without a user database has too. */
const NOBODY = 65_534;

/** Everything is open or loaded: root has nothing more to do here. The kernel takes every capability away with it. */
export function dropPrivileges(): void {
  if (process.getuid?.() !== 0) return;
  process.setgroups?.([NOBODY]);
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}
