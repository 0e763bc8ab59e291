/** `$NAME=VALUE` definitions: collecting them, and putting their values where `$NAME` and `${NAME}` stand. */

import { takesWords } from './built-ins.js';
import type { BuiltIns, Reference } from './built-ins.js';
import { columnsOf, sameColumn, sliceLine } from './columns.js';
import type { SourceLine } from './cst.js';
import { columnIn, positionIn } from './cst.js';
import type { Findings } from './findings.js';
import { LINE_LIMIT } from './lines.js';
import { beginsSequence } from './sequence.js';

/** Definitions are global: across files and blocks, in reading order. */
export interface Definitions {
  /** Takes `$NAME=VALUE` (trimmed, without comment); false when the line is no definition. */
  readonly define: (source: SourceLine) => boolean;
  /** True while a definition whose line ended in a backslash goes on. */
  readonly isOpen: () => boolean;
  readonly continue: (source: SourceLine) => void;
  readonly endOfFile: () => void;
  /** Gives a name a value for the rounds of a sequence that stands at `source`; `reveal` with what `hide` gave ends them. */
  readonly set: (name: string, value: string, source: SourceLine) => void;
  readonly hide: (names: readonly string[]) => Hidden;
  readonly reveal: (hidden: Hidden) => void;
  /** What takes the place of a line with references. */
  readonly substitute: (source: SourceLine, file: string, findings: Findings) => Replaced;
}

export interface Replaced {
  /** One, several when a multi-line value stands at its end, none when the reason has been reported. */
  readonly lines: readonly SourceLine[];
  /**
   * `typed`: stored lines, to be read as if they stood in the file. `again`: a value at the start made a condition or a
   * sequence of the line; what stands behind it is not replaced yet. `done`: nothing is left to replace.
   */
  readonly next: 'typed' | 'again' | 'done';
}

/** A value; `several` when its first line ended in a backslash. */
interface Value {
  readonly lines: readonly SourceLine[];
  readonly several: boolean;
}

/** What names stood for before a sequence took them. */
export type Hidden = readonly (readonly [name: string, value: Value | undefined])[];

/** Characters that all replacements together may look at. */
const MOST_WORK = 100_000_000;

const REFERENCE = /\$(?:\{([A-Za-z_]\w*)(?:[ \t]+([^{}]*))?\}|([A-Za-z_]\w*)(?=[ \t,)]|$))/g;

export function createDefinitions(builtIns: BuiltIns): Definitions {
  const values = new Map<string, Value>();
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
      const lines: SourceLine[] = [];
      const more = add(lines, sliceLine(source, head.length, source.text.length));
      if (more && lines[0]?.text === '') lines.pop();
      values.set(name, { lines, several: more });
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
    set(name, value, source) {
      values.set(name, { lines: [{ file: source.file, line: source.line, text: value }], several: false });
    },
    hide: (names) => names.map((name) => [name, values.get(name)] as const),
    reveal(hidden) {
      for (const [name, value] of hidden) {
        if (value === undefined) values.delete(name);
        else values.set(name, value);
      }
    },
    substitute: (source, file, findings) => substituteAll(source, file, { values, builtIns, effort }, findings),
  };
}

interface Substitution {
  readonly values: ReadonlyMap<string, Value>;
  readonly builtIns: BuiltIns;
  readonly effort: { spent: number };
}

const NOTHING: Replaced = { lines: [], next: 'done' };

function substituteAll(
  source: SourceLine,
  file: string,
  { values, builtIns, effort }: Substitution,
  findings: Findings,
): Replaced {
  let line = source;
  let from = 0;
  // Values being expanded: each reaches to `tail` characters before the end of the line.
  let within: readonly { readonly name: string; readonly tail: number }[] = [];
  for (;;) {
    REFERENCE.lastIndex = from;
    const match = REFERENCE.exec(line.text);
    effort.spent += line.text.length;
    if (match === null) return { lines: [line], next: 'done' };
    const { index } = match;
    const name = match[1] ?? match[3] ?? '';
    const at = positionIn(line, index);
    const rest = line.text.length - index;
    within = within.filter(({ tail }) => tail < rest);
    if (effort.spent > MOST_WORK) {
      findings.report('tooMuchText', at, 'replacing all names takes too long', 'look for definitions that repeat each other');
      return NOTHING;
    }
    if (within.some((outer) => outer.name === name)) {
      findings.report('tooMuchText', at, `the definition of $${name} refers to itself without end`);
      return NOTHING;
    }
    const { length } = match[0];
    const words = match[2]?.trim();
    const reference = { name, words: words === '' ? undefined : words, at, file };
    // Words in the braces make it another thing than a name, except where a built-in could take them.
    const own = reference.words === undefined || takesWords(name) ? values.get(name) : undefined;
    if (own !== undefined && (own.lines.length > 1 || (own.several && length === line.text.length))) {
      return { lines: multiLine(line, index, length, own.lines), next: 'typed' };
    }
    const value = own === undefined ? builtInValue(builtIns, reference, findings) : (own.lines[0]?.text ?? '');
    if (value === undefined) {
      from = index + length;
      continue;
    }
    if (line.text.length - length + value.length > LINE_LIMIT) {
      findings.report(
        'tooMuchText',
        at,
        `with the value of $${name} the line would be longer than ${LINE_LIMIT} characters`,
      );
      return NOTHING;
    }
    line = replace(line, index, length, value);
    if (index === 0 && (value.startsWith('@') || beginsSequence(value))) return { lines: [line], next: 'again' };
    // Values of definitions may refer to others; what a built-in gives is taken as it is.
    from = own === undefined ? index + value.length : index;
    within = [...within, { name, tail: rest - length }];
  }
}

/** Undefined when the reference stays as it is, which has been reported then. */
function builtInValue(builtIns: BuiltIns, reference: Reference, findings: Findings): string | undefined {
  const { name, words, at } = reference;
  if (words !== undefined && !takesWords(name)) {
    const hint = `write \${${name}}`;
    findings.report('undefinedParameter', at, `\${${name} ${words}} stays as it is: $${name} takes no words`, hint);
    return undefined;
  }
  const value = builtIns.valueOf(reference, findings);
  if (value === undefined && !takesWords(name)) {
    const message = `$${name} is not defined and stays as it is`;
    findings.report('undefinedParameter', at, message, `define it before: $${name}=VALUE`);
  }
  return value;
}

/** The text before the reference goes before the first stored line; keepalived wants nothing after the reference. */
function multiLine(line: SourceLine, start: number, length: number, lines: readonly SourceLine[]): readonly SourceLine[] {
  const [first, ...others] = lines;
  const tail = line.text.slice(start + length);
  const joined = replace(line, start, length, first?.text ?? '');
  const head = { ...joined, text: joined.text.slice(0, joined.text.length - tail.length) };
  const used = start === 0 && tail === '' && first !== undefined ? first : head;
  if (tail.trim() === '') return [used, ...others];
  return [used, ...others, sliceLine(line, start + length, line.text.length)];
}

function replace(line: SourceLine, start: number, length: number, value: string): SourceLine {
  const behind = start + length;
  return {
    file: line.file,
    line: line.line,
    text: line.text.slice(0, start) + value + line.text.slice(behind),
    columns: columnsOf(line, 0, start) + sameColumn(columnIn(line, start), value.length) + columnsOf(line, behind),
  };
}
