/** Finds what is compiled from C, and opens the native addon, once per process. */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let addon: unknown;

/**
 * The addon's exports; each adapter states the part it uses as its own interface.
 * Throws when dist/native/holdfast.node is missing or does not load: nothing can run without it.
 */
export function loadAddon(): unknown {
  addon ??= createRequire(import.meta.url)(addonPath()) as unknown;
  return addon;
}

function addonPath(): string {
  return join(nativeFolder(), 'holdfast.node');
}

/** Where what is compiled from C stands. */
export function nativeFolder(): string {
  return join(builtFolder(), 'native');
}

/** Where the build puts what it makes. Code runs from dist/, dist/chunks/ or dist/src/io/: the root is where package.json is. */
export function builtFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return join(folder, 'dist');
}
