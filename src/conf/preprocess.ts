/**
 * From files to the lines that count: includes, `@id` conditions and `$NAME` definitions, in keepalived's order. Knows no
 * keyword except the include family, and reads files only through the function it is given.
 */

import type { SourcePosition } from '../base/source.js';
import type { SourceLine } from './cst.js';
import { columnIn, positionIn } from './cst.js';
import { createDefinitions } from './definitions.js';
import type { Definitions } from './definitions.js';
import type { Findings } from './findings.js';
import { expandBraces, INCLUDE_LEVELS, directoryOf, hasWildcard } from './include.js';
import type { ReadSource } from './include.js';
import { codeEnd, firstCodeCharacter, isBlank, splitLines } from './lines.js';

export interface PreprocessOptions {
  /** What `@id` lines are compared with (`-i`, else the host name up to the first dot); undefined = no id is known. */
  readonly configurationId?: string;
}

/**
 * Bounds on what a configuration may expand to, so that include and definition bombs end at once: definitions and repeated
 * includes may make so many lines more than the files have, and files together may have so many characters.
 */
const EXPANSION_LIMIT = { extraLines: 200_000, characters: 64_000_000, includeDepth: 64, definitionDepth: 64 } as const;

/** All lines of `path` and what it includes, in order, blank and comment lines left out. Problems go to `findings`. */
export function expandSource(
  readSource: ReadSource,
  path: string,
  options: PreprocessOptions,
  findings: Findings,
): readonly SourceLine[] {
  const run: Run = {
    readSource,
    options,
    findings,
    lines: [],
    definitions: createDefinitions(options),
    stack: [],
    characters: 0,
    extraLines: 0,
    full: false,
  };
  const start: SourcePosition = { file: path, line: 1, column: 1 };
  const answers = readSource(path, undefined);
  if (answers.length === 0) {
    findings.report('fileMissing', start, `there is no configuration file ${path}`, 'name the file with -f FILE');
  }
  for (const answer of answers) {
    if ('problem' in answer) {
      findings.report('fileUnreadable', start, `${answer.path}: ${answer.problem}`);
    } else {
      expandFile(run, answer.path, answer.text, start);
    }
  }
  return run.lines;
}

/** What reading even an empty file counts as, in characters: files that include each other breed without any text. */
const FILE_COST = 1_000;

interface Run {
  readonly readSource: ReadSource;
  readonly options: PreprocessOptions;
  readonly findings: Findings;
  readonly lines: SourceLine[];
  readonly definitions: Definitions;
  /** Files being read, outermost first. */
  readonly stack: string[];
  /** Of all files read so far, each as often as it was read. */
  characters: number;
  /** Lines that definitions made. */
  extraLines: number;
  /** A bound was met and reported: nothing more is read. */
  full: boolean;
}

function expandFile(run: Run, path: string, text: string, from: SourcePosition): void {
  if (run.stack.includes(path) || run.stack.length >= EXPANSION_LIMIT.includeDepth) {
    run.findings.report('includeLoop', from, `including ${path} here never ends`, 'remove one include of the loop');
    return;
  }
  run.characters += text.length + FILE_COST;
  if (run.characters > EXPANSION_LIMIT.characters) {
    overflow(run, from, `more than ${EXPANSION_LIMIT.characters} characters are included`);
    return;
  }
  run.stack.push(path);
  for (const source of splitLines(path, text, run.findings)) {
    if (run.full) break;
    expandLine(run, source, 0);
  }
  run.definitions.endOfFile();
  run.stack.pop();
}

function overflow(run: Run, at: SourcePosition, message: string): void {
  if (!run.full) run.findings.report('tooMuchText', at, message, 'look for an include or a definition that repeats itself');
  run.full = true;
}

function expandLine(run: Run, source: SourceLine, depth: number): void {
  const { definitions } = run;
  const first = firstCodeCharacter(source.text);
  if (definitions.isOpen()) {
    definitions.continue(trimmed(source));
    return;
  }
  if (first < 0) return;
  const sign = source.text[first];
  if (sign === '@') {
    const kept = afterCondition(trimmed(source), run.options.configurationId);
    if (kept !== undefined) expandUnconditional(run, kept, depth);
    return;
  }
  expandUnconditional(run, source, depth);
}

function expandUnconditional(run: Run, source: SourceLine, depth: number): void {
  const first = firstCodeCharacter(source.text);
  const sign = source.text[first];
  if (sign === '~' && /^~(SEQx?|LST)\(/.test(source.text.slice(first))) {
    run.findings.report(
      'textNotSupported',
      positionIn(source, first),
      '~SEQ and ~LST are not supported yet',
      'write the repeated lines out',
    );
    return;
  }
  if (source.text.includes('$')) {
    expandDefinitions(run, trimmed(source), depth);
    return;
  }
  emit(run, source, first);
}

function expandDefinitions(run: Run, source: SourceLine, depth: number): void {
  if (run.definitions.define(source)) return;
  if (depth >= EXPANSION_LIMIT.definitionDepth) {
    run.findings.report('tooMuchText', positionIn(source, 0), 'definitions refer to each other without end');
    return;
  }
  const lines = run.definitions.substitute(source, run.stack.at(-1) ?? '', run.findings);
  const [only] = lines;
  if (lines.length === 1 && only !== undefined) {
    const first = firstCodeCharacter(only.text);
    if (first >= 0) emit(run, only, first);
    return;
  }
  run.extraLines += lines.length;
  if (run.extraLines > EXPANSION_LIMIT.extraLines) {
    overflow(run, positionIn(source, 0), `definitions make more than ${EXPANSION_LIMIT.extraLines} lines`);
  }
  for (const line of lines) {
    if (run.full) return;
    expandLine(run, line, depth + 1);
  }
}

function emit(run: Run, source: SourceLine, first: number): void {
  if (source.text.startsWith('include', first) && include(run, source, first)) return;
  run.lines.push(source);
}

/** Handles an include line; false when the line only begins with those letters. */
function include(run: Run, source: SourceLine, first: number): boolean {
  const match = /^(include\w?)(?:[ \t]+|$)/.exec(source.text.slice(first));
  const level = INCLUDE_LEVELS.get(match?.[1] ?? '');
  if (match === null || level === undefined) return false;
  const start = first + match[0].length;
  const pattern = source.text.slice(start, codeEnd(source.text)).trim().replace(/^"(.*)"$/, '$1');
  const at = { file: source.file, line: source.line, column: columnIn(source, start) };
  if (pattern === '') {
    run.findings.report('badValue', { ...at, column: columnIn(source, first) }, `${match[1] ?? ''} needs a file name`);
    return true;
  }
  const directory = directoryOf(run.stack.at(-1) ?? '');
  const alternatives = expandBraces(pattern);
  for (const alternative of alternatives) {
    const answers = run.readSource(alternative, directory);
    if (answers.length === 0) {
      const strict = hasWildcard(alternative) ? level.wildcard : alternatives.length > 1 ? level.brace : level.match;
      run.findings.report(strict ? 'includeFailed' : 'includeSkipped', at, `no file matches ${alternative}`);
    }
    for (const answer of answers) {
      if ('problem' in answer) {
        const kind = level.read && answer.problem === 'unreadable' ? 'includeFailed' : 'includeSkipped';
        run.findings.report(kind, at, `${answer.path}: ${answer.problem}, not included`);
      } else {
        expandFile(run, answer.path, answer.text, at);
      }
    }
  }
  return true;
}

/** What stands after `@ID` or `@^ID` when the line is kept; the line itself without its condition. */
function afterCondition(source: SourceLine, id: string | undefined): SourceLine | undefined {
  const match = /^@(\^?)(\S*)\s*/.exec(source.text);
  const [all = '', negated = '', wanted = ''] = match ?? [];
  const kept = negated === '^' ? id === undefined || wanted !== id : id !== undefined && wanted === id;
  return kept && all.length < source.text.length ? slice(source, all.length, source.text.length) : undefined;
}

/** The line without surrounding blanks and comment, columns kept. */
function trimmed(source: SourceLine): SourceLine {
  let end = codeEnd(source.text);
  let start = 0;
  while (end > 0 && isBlank(source.text.charCodeAt(end - 1))) end -= 1;
  while (start < end && isBlank(source.text.charCodeAt(start))) start += 1;
  return slice(source, start, end);
}

function slice(source: SourceLine, start: number, end: number): SourceLine {
  const text = source.text.slice(start, end);
  const columns = source.columns?.slice(start, end) ?? Array.from(text, (_, i) => start + i + 1);
  return { file: source.file, line: source.line, text, columns };
}

