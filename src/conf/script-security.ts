/**
 * May this program be run for this account? The walk keepalived makes over every part of a script's path, over facts of the
 * file system instead of the file system. What follows from the verdict is for the caller.
 */

import type { AccountFacts, HostFacts, PathFacts } from './host.js';

export type ScriptVerdict =
  /** `path` is what is run. `unsafe`: somebody other than root could change what root runs. */
  | { readonly type: 'usable'; readonly path: string; readonly searched: boolean; readonly unsafe: boolean }
  | { readonly type: 'missing' }
  | { readonly type: 'notRegular'; readonly path: string }
  | { readonly type: 'notExecutable'; readonly path: string };

const MOST_LINKS = 40;
const GROUP_WRITE = 0o020;
const OTHERS_WRITE = 0o002;

/**
 * `keepLinks` (use_symlink_paths): the path is run as it is written, as long as every link in it belongs to root. Otherwise
 * directories are resolved, and so is the program itself unless its link only gives it another name where it is (keepalived).
 */
export function judgeScript(host: HostFacts, program: string, account: AccountFacts, keepLinks: boolean): ScriptVerdict {
  const searched = !program.includes('/');
  const path = searched ? search(host, program, account) : program;
  if (path === undefined) return { type: 'missing' };
  const walk = resolve(host, path);
  if (walk === undefined) return { type: 'missing' };
  if (walk.facts.kind !== 'file') return { type: 'notRegular', path };
  if (!executable(walk.facts, account)) return { type: 'notExecutable', path };
  const unsafe = account.uid === 0 && walk.unsafe;
  const isKept = keepLinks && !walk.foreignLinks;
  return { type: 'usable', path: isKept ? path : sameDirectory(host, path, walk.path), searched, unsafe };
}

/** The written name of a link to a program beside it: some programs go by the name that they are called. */
function sameDirectory(host: HostFacts, path: string, resolved: string): string {
  const [directory, name] = splitPath(path);
  const [realDirectory] = splitPath(resolved);
  return name !== '..' && resolve(host, directory)?.path === realDirectory ? `${realDirectory === '/' ? '' : realDirectory}/${name}` : resolved;
}

function splitPath(path: string): readonly [directory: string, name: string] {
  const end = path.lastIndexOf('/');
  return [end <= 0 ? '/' : path.slice(0, end), path.slice(end + 1)];
}

function search(host: HostFacts, program: string, account: AccountFacts): string | undefined {
  const paths = host.searchPath.map((directory) => `${directory}/${program}`);
  return paths.find((path) => {
    const found = resolve(host, path);
    return found?.facts.kind === 'file' && executable(found.facts, account);
  });
}

/** access(2) with X_OK, as that account. */
function executable({ uid, gid, mode }: PathFacts, account: AccountFacts): boolean {
  if (account.uid === 0) return (mode & 0o111) !== 0;
  if (account.uid === uid) return (mode & 0o100) !== 0;
  return (mode & (account.groups.includes(gid) ? 0o010 : 0o001)) !== 0;
}

interface Walk {
  readonly path: string;
  readonly facts: PathFacts;
  /** One of the parts on the way may be changed by somebody else than root. */
  readonly unsafe: boolean;
  /** A link on the way belongs to somebody else than root. */
  readonly foreignLinks: boolean;
}

/** Follows links; undefined when a part of the path is missing or the links lead in a circle. */
function resolve(host: HostFacts, path: string): Walk | undefined {
  let pending = path.split('/').filter((part) => part !== '' && part !== '.');
  let at = '';
  let facts = host.path('/');
  let unsafe = facts !== undefined && changeable(facts);
  let foreignLinks = false;
  for (let links = 0; pending.length > 0; ) {
    const [part = '', ...rest] = pending;
    pending = rest;
    if (part === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
      continue;
    }
    facts = host.path(`${at}/${part}`);
    if (facts === undefined) return undefined;
    if (facts.kind === 'link') {
      links += 1;
      if (links > MOST_LINKS) return undefined;
      foreignLinks ||= facts.uid !== 0;
      const target = facts.target ?? '';
      if (target.startsWith('/')) at = '';
      pending = [...target.split('/').filter((piece) => piece !== '' && piece !== '.'), ...pending];
      continue;
    }
    at = `${at}/${part}`;
    unsafe ||= changeable(facts);
  }
  return facts === undefined ? undefined : { path: at === '' ? '/' : at, facts, unsafe, foreignLinks };
}

/** In a sticky directory only the owner of an entry can replace it, but keepalived counts it as unsafe all the same. */
function changeable({ uid, gid, mode }: PathFacts): boolean {
  return uid !== 0 || ((mode & GROUP_WRITE) !== 0 && gid !== 0) || (mode & OTHERS_WRITE) !== 0;
}

