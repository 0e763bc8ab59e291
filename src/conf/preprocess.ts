/**
 * From files to the lines that count: includes, `@id` conditions, `$NAME` definitions, `~SEQ` and `~LST`, in keepalived's
 * order. Knows no keyword except the include family and two settings, and reads files only through the function it is given.
 */

import type { SourcePosition } from '../base/source.js';
import { createBuiltIns } from './built-ins.js';
import type { BuiltIns, BuiltInOptions } from './built-ins.js';
import { columnsOf, sliceLine } from './columns.js';
import type { SourceLine } from './cst.js';
import { columnIn, positionIn } from './cst.js';
import { createDefinitions } from './definitions.js';
import type { Definitions } from './definitions.js';
import type { Findings } from './findings.js';
import { directoryOf, expandBraces, hasWildcard, includeCheck, INCLUDE_LEVELS, NONE, stricter } from './include.js';
import type { IncludeLevel, ReadSource } from './include.js';
import { codeEnd, firstCodeCharacter, isBlank, splitLines } from './lines.js';
import { beginsSequence, readSequence, sequenceHead } from './sequence.js';
import type { Sequence } from './sequence.js';
import { createSettingsReader, mentionsSetting } from './settings.js';
import type { SettingsReader } from './settings.js';

export interface PreprocessOptions extends BuiltInOptions {
  /** Every include must be readable and match from the start, as after `include_check`. Default false. */
  readonly includeCheck?: boolean;
}

/**
 * Bounds on what a configuration may expand to, so that bombs end at once: definitions, sequences and files read again may
 * make so many lines and characters more than the files have, and all files together may have so many characters.
 */
const EXPANSION_LIMIT = {
  extraLines: 300_000,
  extraCharacters: 9_000_000,
  characters: 64_000_000,
  includeDepth: 64,
  definitionDepth: 64,
} as const;

/** How to make a file readable that is there. */
function hintFor({ path, problem }: { readonly path: string; readonly problem: string }): string | undefined {
  if (problem === 'unreadable') return `let the daemon read it: chmod a+r ${path}`;
  return problem === 'executable' ? `chmod a-x ${path}` : undefined;
}

/**
 * All lines of `path` and what it includes, in order, blank and comment lines left out. Problems go to `findings`. Of a single file
 * that nothing in it changes the lines are read as they are asked for: ten thousand servers would fill a third of the memory with them.
 */
export function expandSource(
  readSource: ReadSource,
  path: string,
  options: PreprocessOptions,
  findings: Findings,
): Iterable<SourceLine> {
  const builtIns = createBuiltIns(options);
  const run: Run = {
    readSource,
    options,
    findings,
    lines: [],
    builtIns,
    definitions: createDefinitions(builtIns),
    settings: createSettingsReader(),
    includeCheck: options.includeCheck === true ? includeCheck([], NONE) : NONE,
    stack: [],
    seen: new Set(),
    characters: 0,
    extraLines: 0,
    extraCharacters: 0,
    full: false,
  };
  const start: SourcePosition = { file: path, line: 1, column: 1 };
  const answers = readSource(path, undefined);
  if (answers.length === 0) {
    findings.report('fileMissing', start, `there is no configuration file ${path}`, 'check its path');
  }
  const [only, ...others] = answers;
  if (only !== undefined && 'text' in only && others.length === 0 && isPlain(only.text)) return plainLines(run, only.path, only.text);
  for (const answer of answers) {
    if ('problem' in answer) {
      findings.report('fileUnreadable', start, `${answer.path} is ${answer.problem}: it is not read`, hintFor(answer));
    } else {
      expandFile(run, answer.path, answer.text, start);
    }
  }
  // Of a text that was cut off nothing else can be said.
  return run.full ? [] : run.lines;
}

/** No definition, no sequence, no other file, and no setting that counts for the text below it. */
function isPlain(text: string): boolean {
  return text.length <= EXPANSION_LIMIT.characters && !/[$~]|include|random_seed/.test(text);
}

/** Each line of such a text is one line or none. */
function* plainLines(run: Run, path: string, text: string): Generator<SourceLine, undefined> {
  for (const source of splitLines(path, text, run.findings)) {
    expandLine(run, source, 0);
    const line = run.lines.pop();
    if (line !== undefined) yield line;
  }
}

/** What reading even an empty file counts as, in characters: files that include each other breed without any text. */
const FILE_COST = 100;

interface Run {
  readonly readSource: ReadSource;
  readonly options: PreprocessOptions;
  readonly findings: Findings;
  readonly lines: SourceLine[];
  readonly builtIns: BuiltIns;
  readonly definitions: Definitions;
  readonly settings: SettingsReader;
  /** What `include_check` demands of every include here. */
  includeCheck: IncludeLevel;
  /** Files being read, outermost first. */
  readonly stack: string[];
  /** Files read so far. */
  readonly seen: Set<string>;
  /** Of all files read so far, each as often as it was read. */
  characters: number;
  /** Lines and characters that definitions and sequences made. */
  extraLines: number;
  extraCharacters: number;
  /** A bound was met and reported: nothing more is read. */
  full: boolean;
}

function expandFile(run: Run, path: string, text: string, from: SourcePosition): void {
  if (run.stack.includes(path) || run.stack.length >= EXPANSION_LIMIT.includeDepth) {
    run.findings.report('includeLoop', from, `including ${path} here never ends`, 'remove one include of the loop');
    return;
  }
  run.characters += text.length;
  if (run.seen.has(path)) run.extraCharacters += text.length + FILE_COST;
  run.seen.add(path);
  const { characters, extraCharacters } = EXPANSION_LIMIT;
  if (run.characters > characters || run.extraCharacters > extraCharacters) {
    overflow(run, from, `more than ${characters} characters are included, or ${extraCharacters} more than once`);
    return;
  }
  const outerCheck = run.includeCheck;
  run.stack.push(path);
  for (const source of splitLines(path, text, run.findings)) {
    if (run.full) break;
    expandLine(run, source, 0);
  }
  run.definitions.endOfFile();
  run.stack.pop();
  run.includeCheck = outerCheck;
}

function overflow(run: Run, at: SourcePosition, message: string): void {
  if (!run.full) run.findings.report('tooMuchText', at, message, 'look for an include, a definition or a sequence that repeats too much');
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
    if (kept !== undefined) expandUnconditional(run, kept, depth, 'conditional');
    return;
  }
  expandUnconditional(run, source, depth, 'plain');
}

/** A line has one condition: a second one, even from a definition, is a keyword. */
type Kept = 'plain' | 'conditional';

function expandUnconditional(run: Run, source: SourceLine, depth: number, kept: Kept): void {
  const first = firstCodeCharacter(source.text);
  if (source.text[first] === '~' && beginsSequence(source.text.slice(first))) {
    repeat(run, trimmed(source), depth);
  } else if (source.text.includes('$')) {
    expandDefinitions(run, trimmed(source), depth, kept);
  } else {
    emit(run, source, first);
  }
}

/** A `~SEQ` or `~LST` line: what stands behind its head, read once per round with the names set. */
function repeat(run: Run, source: SourceLine, depth: number): void {
  const { definitions, findings } = run;
  const at = positionIn(source, 0);
  const head = sequenceHead(source.text);
  if (typeof head === 'string') {
    findings.report('badSequence', at, `${head}; the line is ignored`, SEQUENCE_HINT);
    return;
  }
  const inner = definitions.substitute(sliceLine(source, head.from, head.to), run.stack.at(-1) ?? '', findings);
  if (inner.lines.length === 0) return;
  const sequence = readSequence(head.word, inner.lines.map(({ text }) => text).join(' '));
  if (typeof sequence === 'string') {
    findings.report('badSequence', positionIn(source, head.from), `${sequence}; the line is ignored`, SEQUENCE_HINT);
    return;
  }
  const rest = sliceLine(source, head.rest, source.text.length);
  if (rest.text === '') return;
  if (depth >= EXPANSION_LIMIT.definitionDepth || run.extraLines + sequence.rounds > EXPANSION_LIMIT.extraLines) {
    overflow(run, at, `sequences and definitions make more than ${EXPANSION_LIMIT.extraLines} lines or never end`);
    return;
  }
  if (/^include\w?[ \t]/.test(rest.text)) {
    const message = 'here the include is read in every round; keepalived reads it once, without the names';
    findings.report('includeRepeated', positionIn(rest, 0), message, 'write one include line for each');
  }
  playRounds(run, sequence, rest, depth);
}

const SEQUENCE_HINT = 'write ~SEQ(VAR, [START, [STEP,]] END) TEXT or ~LST(VAR, VALUE, ...) TEXT';

function playRounds(run: Run, { names, rounds, valuesOf }: Sequence, rest: SourceLine, depth: number): void {
  const hidden = run.definitions.hide(names);
  for (let round = 0; round < rounds && !run.full; round += 1) {
    const values = valuesOf(round);
    for (const [i, name] of names.entries()) run.definitions.set(name, values[i] ?? '', rest);
    if (!withinBounds(run, rest)) break;
    expandLine(run, rest, depth + 1);
  }
  run.definitions.reveal(hidden);
}

/** Counts a line that the text does not have; false when there are too many now. */
function withinBounds(run: Run, line: SourceLine): boolean {
  const { extraLines, extraCharacters } = EXPANSION_LIMIT;
  run.extraLines += 1;
  run.extraCharacters += line.text.length;
  if (run.extraLines <= extraLines && run.extraCharacters <= extraCharacters) return !run.full;
  const message = `sequences and definitions make more than ${extraLines} lines or ${extraCharacters} characters`;
  overflow(run, positionIn(line, 0), message);
  return false;
}

function expandDefinitions(run: Run, source: SourceLine, depth: number, kept: Kept): void {
  if (run.definitions.define(source)) return;
  if (depth >= EXPANSION_LIMIT.definitionDepth) {
    overflow(run, positionIn(source, 0), 'definitions refer to each other without end');
    return;
  }
  const { lines, next } = run.definitions.substitute(source, run.stack.at(-1) ?? '', run.findings);
  for (const line of lines) {
    if (next === 'typed') {
      if (!withinBounds(run, line)) return;
      expandLine(run, line, depth + 1);
      continue;
    }
    run.extraCharacters += Math.max(0, line.text.length - source.text.length);
    if (next === 'done' || (kept === 'conditional' && line.text.startsWith('@'))) {
      const first = firstCodeCharacter(line.text);
      if (first >= 0) emit(run, line, first);
    } else {
      const message = 'a condition or a sequence from a definition is obeyed here; keepalived 2.4 takes it for a keyword';
      run.findings.report('rescanned', positionIn(source, 0), message, 'write it on the line itself');
      expandLine(run, line, depth + 1);
    }
  }
}

function emit(run: Run, source: SourceLine, first: number): void {
  if (source.text.startsWith('include', first) && include(run, source, first)) return;
  run.lines.push(source.text.includes('\\') ? withBackslashJoined(source) : source);
  if (mentionsSetting(source.text)) obeySettings(run);
}

function obeySettings(run: Run): void {
  for (const { words } of run.settings.advance(run.lines)) {
    const [keyword = '', ...values] = words.map(({ text }) => text);
    if (keyword === 'include_check') run.includeCheck = includeCheck(values, run.includeCheck);
    if (keyword === 'random_seed' && /^\d{1,10}$/.test(values[0] ?? '')) run.builtIns.reseed(Number(values[0]));
  }
}

/** Handles an include line; false when the line only begins with those letters. */
function include(run: Run, source: SourceLine, first: number): boolean {
  const match = /^(include\w?)(?:[ \t]+|$)/.exec(source.text.slice(first));
  const wanted = INCLUDE_LEVELS.get(match?.[1] ?? '');
  if (match === null || wanted === undefined) return false;
  const level = stricter(wanted, run.includeCheck);
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
        run.findings.report(kind, at, `${answer.path} is ${answer.problem}: it is not included`, hintFor(answer));
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
  return kept && all.length < source.text.length ? sliceLine(source, all.length, source.text.length) : undefined;
}

/** The line without surrounding blanks and comment, columns kept. */
function trimmed(source: SourceLine): SourceLine {
  let end = codeEnd(source.text);
  let start = 0;
  while (end > 0 && isBlank(source.text.charCodeAt(end - 1))) end -= 1;
  while (start < end && isBlank(source.text.charCodeAt(start))) start += 1;
  return sliceLine(source, start, end);
}

/** A backslash at the very end continues no line: keepalived drops the blanks before it, so that it ends the last word. */
function withBackslashJoined(source: SourceLine): SourceLine {
  const end = source.text.trimEnd().length - 1;
  if (source.text[end] !== '\\' || codeEnd(source.text) < source.text.length) return source;
  const head = sliceLine(source, 0, source.text.slice(0, end).trimEnd().length);
  return { ...head, text: `${head.text}\\`, columns: columnsOf(source, 0, head.text.length) + columnsOf(source, end, end + 1) };
}
