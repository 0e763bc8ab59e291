/** `$NAME=VALUE` definitions: collecting them, and putting their values where `$NAME` and `${NAME}` stand. */

import type { SourceLine } from './cst.js';
import { columnIn, positionIn } from './cst.js';
import type { Findings } from './findings.js';
import { directoryOf } from './include.js';
import { LINE_LIMIT } from './lines.js';

/** Definitions are global: across files and blocks, in reading order. */
export interface Definitions {
  /** Takes `$NAME=VALUE` (trimmed, without comment); false when the line is no definition. */
  readonly define: (source: SourceLine) => boolean;
  /** True while a definition whose line ended in a backslash goes on. */
  readonly isOpen: () => boolean;
  readonly continue: (source: SourceLine) => void;
  readonly endOfFile: () => void;
  /** The lines that take the place of one with references: several when a multi-line value stands at its end. */
  readonly substitute: (source: SourceLine, file: string, findings: Findings) => readonly SourceLine[];
}

/** Characters that all replacements together may look at. */
const MOST_WORK = 100_000_000;

const REFERENCE = /\$(?:\{([A-Za-z_]\w*)(?:[ \t]+([^{}]*))?\}|([A-Za-z_]\w*)(?=[ \t,)]|$))/g;

export function createDefinitions(options: { readonly configurationId?: string }): Definitions {
  const values = new Map<string, readonly SourceLine[]>();
  const effort = { spent: 0 };
  let open: { readonly name: string; readonly lines: SourceLine[] } | undefined;

  function add(lines: SourceLine[], source: SourceLine): boolean {
    const more = source.text.endsWith('\\');
    lines.push(more ? { ...source, text: source.text.slice(0, -1).trimEnd() } : source);
    return more;
  }

  return {
    define(source) {
      const match = /^\$([A-Za-z_]\w*)=[ \t]*/.exec(source.text);
      if (match === null) return false;
      const [head, name = ''] = match;
      const text = source.text.slice(head.length);
      const columns = Array.from({ length: text.length }, (_, i) => columnIn(source, head.length + i));
      const lines: SourceLine[] = [];
      const more = add(lines, { file: source.file, line: source.line, text, columns });
      if (more && lines[0]?.text === '') lines.pop();
      values.set(name, lines);
      open = more ? { name, lines } : undefined;
      return true;
    },
    isOpen: () => open !== undefined,
    continue(source) {
      if (open === undefined) return;
      // A blank line ends the definition.
      if (source.text === '' || !add(open.lines, source)) open = undefined;
    },
    endOfFile() {
      open = undefined;
    },
    substitute(source, file, findings) {
      const builtIns = new Map([
        ['_PWD', directoryOf(file) === '' ? '.' : directoryOf(file)],
        ['_INSTANCE', options.configurationId ?? ''],
        ['_HASH', '#'],
        ['_BANG', '!'],
      ]);
      return substituteAll(source, { values, builtIns, effort }, findings);
    },
  };
}

interface Substitution {
  readonly values: ReadonlyMap<string, readonly SourceLine[]>;
  readonly builtIns: ReadonlyMap<string, string>;
  readonly effort: { spent: number };
}

function substituteAll(
  source: SourceLine,
  { values, builtIns, effort }: Substitution,
  findings: Findings,
): readonly SourceLine[] {
  let line = source;
  let from = 0;
  // Values being expanded: each reaches to `tail` characters before the end of the line.
  let within: readonly { readonly name: string; readonly tail: number }[] = [];
  for (;;) {
    REFERENCE.lastIndex = from;
    const match = REFERENCE.exec(line.text);
    effort.spent += line.text.length;
    if (match === null) return [line];
    const { index } = match;
    const name = match[1] ?? match[3] ?? '';
    const at = positionIn(line, index);
    const rest = line.text.length - index;
    within = within.filter(({ tail }) => tail < rest);
    if (effort.spent > MOST_WORK || within.some((outer) => outer.name === name)) {
      findings.report('tooMuchText', at, `the definition of $${name} refers to itself without end`);
      return [];
    }
    if (name === '_RANDOM' || name === '_ENV') {
      findings.report('textNotSupported', at, `$${name} is not supported yet`, 'write its value out');
      return [];
    }
    const { length } = match[0];
    const lines = values.get(name);
    if (lines !== undefined && lines.length > 1) return multiLine(line, index, length, lines);
    const value = lines === undefined ? builtIns.get(name) : (lines[0]?.text ?? '');
    if (value === undefined) {
      findings.report(
        'undefinedParameter',
        at,
        `$${name} is not defined and stays as it is`,
        `define it before: $${name}=VALUE`,
      );
      from = index + length;
      continue;
    }
    if (line.text.length - length + value.length > LINE_LIMIT) {
      findings.report(
        'tooMuchText',
        at,
        `with the value of $${name} the line would be longer than ${LINE_LIMIT} characters`,
      );
      return [];
    }
    line = replace(line, index, length, value);
    within = [...within, { name, tail: rest - length }];
    from = index;
  }
}

/** The text before the reference goes before the first stored line; keepalived wants nothing after the reference. */
function multiLine(line: SourceLine, start: number, length: number, lines: readonly SourceLine[]): readonly SourceLine[] {
  const [first, ...others] = lines;
  const tail = line.text.slice(start + length);
  const joined = replace(line, start, length, first?.text ?? '');
  const head = { ...joined, text: joined.text.slice(0, joined.text.length - tail.length) };
  const used = start === 0 && tail === '' && first !== undefined ? first : head;
  if (tail.trim() === '') return [used, ...others];
  return [used, ...others, { ...line, text: tail, columns: columnsFrom(line, start + length) }];
}

function columnsFrom(line: SourceLine, start: number): readonly number[] {
  return Array.from({ length: line.text.length - start }, (_, i) => columnIn(line, start + i));
}

function replace(line: SourceLine, start: number, length: number, value: string): SourceLine {
  const before = Array.from({ length: start }, (_, i) => columnIn(line, i));
  const there = columnIn(line, start);
  const inside = Array.from({ length: value.length }, () => there);
  return {
    file: line.file,
    line: line.line,
    text: line.text.slice(0, start) + value + line.text.slice(start + length),
    columns: [...before, ...inside, ...columnsFrom(line, start + length)],
  };
}
