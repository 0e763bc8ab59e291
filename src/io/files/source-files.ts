/** Configuration files by name or shell pattern. Reads whole files and nothing that could block; knows no syntax. */

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export type SourceFile =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly problem: 'unreadable' | 'executable' | 'a directory' | 'no regular file' };

/** Any of these makes a name a pattern (glob(7)). */
const WILDCARD = /[*?[]/;
const EXECUTABLE = 0o111;

/**
 * The files that `pattern` (`*`, `?`, `[...]` in any component) names, sorted; a name without wildcards that does not
 * exist gives none. A relative pattern starts at `directory`; undefined or '' is the working directory. Never throws.
 */
export function readSource(pattern: string, directory: string | undefined): readonly SourceFile[] {
  const path = pattern.startsWith('/') || !directory ? pattern : join(directory, pattern);
  return matchingPaths(path).map(readFile);
}

/** The texts of a file of names and of the files `*.conf` in the directory `PATH.d`, sorted, as far as they can be read. */
export function readNameFiles(path: string): readonly string[] {
  return [...readSource(path, undefined), ...readSource(`${path}.d/*.conf`, undefined)].flatMap((file) =>
    'text' in file ? [file.text] : [],
  );
}

/** The interfaces of this process's network namespace, in the kernel's order; empty when /proc does not tell. */
export function interfaceNames(): readonly string[] {
  try {
    const lines = readFileSync('/proc/self/net/dev', 'utf8').split('\n');
    return lines.flatMap((line) => /^\s*([^\s:]+):/.exec(line)?.[1] ?? []);
  } catch {
    return [];
  }
}

function readFile(path: string): SourceFile {
  try {
    const status = statSync(path);
    if (status.isDirectory()) return { path, problem: 'a directory' };
    if (!status.isFile()) return { path, problem: 'no regular file' };
    if ((status.mode & EXECUTABLE) !== 0) return { path, problem: 'executable' };
    // One character per byte would break UTF-8 comments; what is not UTF-8 is kept as replacement characters.
    return { path, text: readFileSync(path, 'utf8') };
  } catch {
    return { path, problem: 'unreadable' };
  }
}

function matchingPaths(path: string): readonly string[] {
  if (!WILDCARD.test(path)) return exists(path) ? [path] : [];
  let found = [path.startsWith('/') ? '/' : ''];
  for (const component of path.split('/').filter((part) => part !== '')) {
    found = found.flatMap((parent) => namesIn(parent, component).map((name) => join(parent, name)));
  }
  return found.filter(exists);
}

function namesIn(parent: string, component: string): readonly string[] {
  if (!WILDCARD.test(component)) return [component];
  const matches = patternOf(component);
  try {
    const names = readdirSync(parent === '' ? '.' : parent);
    // glob(3): a leading dot is matched only by a dot.
    return names.filter((name) => matches.test(name) && (component.startsWith('.') || !name.startsWith('.'))).sort();
  } catch {
    return [];
  }
}

/** One component of a shell pattern as a regular expression. An unfinished `[` stands for itself. */
function patternOf(component: string): RegExp {
  const source = component.replace(/\[[!^]?\]?[^\]]*\]|[\s\S]/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length === 1) return part.replace(/[\\^$.|+(){}[\]]/, '\\$&');
    const negated = part[1] === '!' || part[1] === '^';
    const members = part.slice(negated ? 2 : 1, -1).replace(/[\\[\]^]/g, '\\$&');
    return `[${negated ? '^' : ''}${members}]`;
  });
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    // A range such as [z-a] matches nothing.
    return /(?!)/;
  }
}

/** What may not be looked at is there: reading it says what is wrong. */
function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
