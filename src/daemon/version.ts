/** What the program calls itself. keepalived's name stays in it for scripts that read the version of an installed one. */

/** Kept equal to package.json by a test. */
export const PACKAGE_VERSION = '0.1.0';

/** In `Starting ...`, `Stopped ...` and --version. */
export const VERSION = `Holdfast v${PACKAGE_VERSION} (compatible with Keepalived v2.4.3)`;
