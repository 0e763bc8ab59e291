/** Loading configurations from texts in memory, the way the daemon loads them from files. */

import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { formatDiagnostic } from '../../src/base/source.js';
import type { HostFacts } from '../../src/conf/host.js';
import type { ReadSource, SourceAnswer } from '../../src/conf/include.js';
import { loadConfiguration } from '../../src/conf/load.js';
import type { Loaded, LoadOptions } from '../../src/conf/load.js';

export type Files = Readonly<Record<string, string | { readonly problem: 'unreadable' | 'a directory' }>>;

/** A reader over files in memory. Patterns know `*` only; names are relative to the including file. */
export function memorySource(files: Files): ReadSource {
  return (pattern, directory) => {
    const path = directory === undefined || directory === '' || pattern.startsWith('/') ? pattern : `${directory}/${pattern}`;
    const expression = new RegExp(`^${path.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}$`);
    return Object.entries(files)
      .filter(([name]) => expression.test(name))
      .map(([name, content]): SourceAnswer => {
        return typeof content === 'string' ? { path: name, text: content } : { path: name, problem: content.problem };
      });
  };
}

/** The files of examples/, by their names alone. */
export const examplesSource: ReadSource = (pattern, directory) => {
  const name = basename(pattern);
  if (!readdirSync('examples').includes(name)) return [];
  const path = directory === undefined ? pattern : `${directory}/${pattern}`;
  return [{ path, text: readFileSync(`examples/${name}`, 'utf8') }];
};

/** The text as `k.conf`, on a machine with eth0, eth1 and lo unless the options say otherwise. */
export function load(text: string, options: LoadOptions = {}, others: Files = {}): Loaded {
  return loadConfiguration(memorySource({ 'k.conf': text, ...others }), 'k.conf', { interfaces: ['lo', 'eth0', 'eth1'], ...options });
}

/** `line:column severity message [code]` of every diagnostic, with the file when it is not k.conf. */
export function findings(text: string, options: LoadOptions = {}, others: Files = {}): readonly string[] {
  return load(text, options, others).diagnostics.map((diagnostic) =>
    (formatDiagnostic(diagnostic).split('\n')[0] ?? '').replace(/^k\.conf:/, ''),
  );
}

/** A machine on which every program is there and safe, with these accounts, which are all root. */
export function hostWithAccounts(exists: (user: string, group?: string) => boolean): HostFacts {
  const root = { uid: 0, groups: [0] };
  return {
    path: () => ({ kind: 'file', uid: 0, gid: 0, mode: 0o755 }),
    account: (user, group) => (exists(user, group) ? root : undefined),
    ownAccount: root,
    searchPath: ['/bin'],
    content: () => new Uint8Array(32),
  };
}
