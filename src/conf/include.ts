/** The include family: what each of its words insists on, patterns with `{a,b}`, and the door to the files. */

/** One file as the reader found it. `path` is joined with the including file's directory. */
export type SourceAnswer =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly problem: 'unreadable' | 'executable' | 'a directory' | 'no regular file' };

/**
 * Answers a shell pattern (`*`, `?`, `[...]`) with the files it matches, in glob order; a literal name that does not exist
 * gives an empty list. `directory` is that of the including file, '' for the working directory; undefined for the main file.
 */
export type ReadSource = (pattern: string, directory: string | undefined) => readonly SourceAnswer[];

export interface IncludeLevel {
  /** A file that cannot be opened is an error. */
  readonly read: boolean;
  /** A literal name that does not exist is an error. */
  readonly match: boolean;
  /** A wildcard that matches nothing is an error. */
  readonly wildcard: boolean;
  /** A `{a,b}` alternative that does not exist is an error. */
  readonly brace: boolean;
}

/** What plain `include` insists on. */
export const NONE: IncludeLevel = { read: false, match: false, wildcard: false, brace: false };

export const INCLUDE_LEVELS: ReadonlyMap<string, IncludeLevel> = new Map([
  ['include', NONE],
  ['includer', { ...NONE, read: true }],
  ['includem', { ...NONE, read: true, match: true }],
  ['includew', { ...NONE, read: true, match: true, wildcard: true }],
  ['includeb', { ...NONE, read: true, brace: true }],
  ['includea', { read: true, match: true, wildcard: true, brace: true }],
]);

const ALL: IncludeLevel = { read: true, match: true, wildcard: true, brace: true };

/** The words of `include_check`. */
export const INCLUDE_CHECKS: ReadonlyMap<string, keyof IncludeLevel> = new Map([
  ['read', 'read'],
  ['match', 'match'],
  ['wildcard_match', 'wildcard'],
  ['brace_match', 'brace'],
]);

/** What insists on anything that one of both insists on. */
export function stricter(a: IncludeLevel, b: IncludeLevel): IncludeLevel {
  return {
    read: a.read || b.read,
    match: a.match || b.match,
    wildcard: a.wildcard || b.wildcard,
    brace: a.brace || b.brace,
  };
}

/** `include_check [WORD] [+WORD...] [-WORD...]`: no word is all, a first word without sign replaces, `+` and `-` edit. */
export function includeCheck(words: readonly string[], current: IncludeLevel): IncludeLevel {
  if (words.length === 0) return ALL;
  let level = current;
  for (const [i, word] of words.entries()) {
    const signed = /^[+-]/.test(word);
    if (!signed && i === 0) level = { ...NONE, read: true };
    const check = INCLUDE_CHECKS.get(signed ? word.slice(1) : word);
    if (check !== undefined && (signed || i === 0)) level = { ...level, [check]: !word.startsWith('-') };
  }
  return level;
}

const MOST_ALTERNATIVES = 1_000;

/** `a{b,c}d` → `abd`, `acd`; nested and repeated groups too. An unfinished group stays as it is; at most 1,000 results. */
export function expandBraces(pattern: string): readonly string[] {
  let pending = [pattern];
  const done: string[] = [];
  while (pending.length > 0 && done.length + pending.length <= MOST_ALTERNATIVES) {
    const next: string[] = [];
    for (const text of pending) {
      // The innermost group first, so that nesting needs no counting.
      const match = /\{([^{}]*,[^{}]*)\}/.exec(text);
      if (match === null) {
        done.push(text);
        continue;
      }
      const [group, inner = ''] = match;
      const before = text.slice(0, match.index);
      const after = text.slice(match.index + group.length);
      for (const alternative of inner.split(',')) next.push(before + alternative + after);
    }
    pending = next;
  }
  return [...done, ...pending].slice(0, MOST_ALTERNATIVES);
}

export function hasWildcard(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/** `a/b/c` → `a/b`, `c` → `` (the working directory), `/c` → `/`. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  if (slash < 0) return '';
  return slash === 0 ? '/' : path.slice(0, slash);
}
