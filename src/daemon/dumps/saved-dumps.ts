/**
 * config_save_dir: what a process knows before and after each reload, and the configuration as it was read, as files in a
 * directory of keepalived's names. Passwords and keys are left out, which keepalived leaves in.
 */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { GlobalConfig } from '../../conf/model.js';
import { withoutSecrets } from '../../conf/secrets.js';
import { errorCodeOf } from '../../io/files/files.js';
import type { Child } from '../../runtime/children-events.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import { writeDump } from './dump.js';

/** As keepalived has them in names of files. */
const NAMES: Readonly<Record<Child, string>> = { vrrp: 'vrrp', checkers: 'check', bfd: 'bfd' };

export interface SavedDumps {
  /** Another configuration has come for a process that has one already: what it knows is written under the old one's name. */
  readonly before: () => void;
  /** It holds. The first one is remembered only. */
  readonly after: (global: GlobalConfig) => void;
}

/** `text` is asked for the data of the process; undefined = there is none yet. */
export function createSavedDumps(child: Child, text: () => string | undefined, tell: (note: LifecycleNote) => void): SavedDumps {
  let inForce: GlobalConfig | undefined;
  let reloads = 0;
  const write = (stage: 'pre' | 'post'): void => {
    const directory = inForce?.files?.saveDirectory;
    const data = directory === undefined ? undefined : text();
    if (directory === undefined || data === undefined) return;
    save(directory, `keepalived_${NAMES[child]}.${process.pid}.${reloads}.${stage}`, data, tell);
  };
  return {
    before: () => {
      if (inForce === undefined) return;
      reloads += 1;
      write('pre');
    },
    after: (global) => {
      const isReload = inForce !== undefined;
      inForce = global;
      if (isReload) write('post');
    },
  };
}

/** The files of a configuration, in the order of reading; `reloads` is 0 at the start. */
export function saveConfiguration(directory: string, reloads: number, files: readonly { readonly path: string; readonly text: string }[], tell: (note: LifecycleNote) => void): void {
  const text = files.map(({ path, text: content }) => `# ${path}\n${content.split('\n').map((line) => withoutSecrets(line)).join('\n')}\n`);
  save(directory, `keepalived.conf.${process.pid}.${reloads}`, text.join(''), tell);
}

/** The directory is made when it is not there. */
function save(directory: string, name: string, text: string, tell: (note: LifecycleNote) => void): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    tell({ type: 'unwritable', path: directory, reason: errorCodeOf(error) });
    return;
  }
  writeDump(join(directory, name), text, tell);
}
