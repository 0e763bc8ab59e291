/** What the reader of a configuration may ask of this machine: files that scripts and keys are in, and accounts. */

import { lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs';

import type { AccountFacts, HostFacts, PathFacts } from '../../conf/host.js';
import { findAccount } from '../../io/processes/script.js';

/** Largest file whose content is looked at: keys are at most 64 bytes. */
const MOST_CONTENT = 65_536;

/** Each question is asked of the system once: make a new one for every configuration that is read. */
export function openMachine(): HostFacts {
  const paths = new Map<string, PathFacts | undefined>();
  const accounts = new Map<string, AccountFacts | undefined>();
  return {
    path: (path) => remembered(paths, path, () => lookAt(path)),
    account: (user, group) => remembered(accounts, `${user}\0${group ?? ''}`, () => accountFacts(user, group)),
    ownAccount: { uid: process.geteuid?.() ?? 0, groups: [process.getegid?.() ?? 0, ...(process.getgroups?.() ?? [])] },
    searchPath: (process.env['PATH'] ?? '').split(':').filter((directory) => directory.startsWith('/')),
    content,
  };
}

function remembered<T>(known: Map<string, T | undefined>, key: string, ask: () => T | undefined): T | undefined {
  if (!known.has(key)) known.set(key, ask());
  return known.get(key);
}

function lookAt(path: string): PathFacts | undefined {
  try {
    const status = lstatSync(path);
    const { uid, gid } = status;
    const common = { uid, gid, mode: status.mode & 0o7777 };
    if (status.isSymbolicLink()) return { kind: 'link', target: readlinkSync(path), ...common };
    return { kind: status.isFile() ? 'file' : status.isDirectory() ? 'directory' : 'other', ...common };
  } catch {
    return undefined;
  }
}

function accountFacts(user: string, group: string | undefined): AccountFacts | undefined {
  const found = findAccount({ user, ...(group === undefined ? {} : { group }) });
  if ('code' in found) return undefined;
  const [uid = 0, ...groups] = found;
  return { uid, groups };
}

function content(path: string): Uint8Array | undefined {
  try {
    const status = statSync(path);
    return status.isFile() && status.size <= MOST_CONTENT ? readFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}
