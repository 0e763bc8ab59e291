/** Keywords that name a program: the line is read again with shell-like quotes, as an argument vector with an account. */

import type { AccountName, Command } from '../../base/command.js';
import type { Statement, Word } from '../cst.js';
import { columnIn } from '../cst.js';
import { argument } from './kinds.js';
import type { About } from './about.js';
import type { Keyword } from './schema.js';

/** `CMD [USER [[:]GROUP]]`. A second one of the same name is reported and ignored. `bare`: what a missing one does. */
export function command(about: About, bare: 'fatal' | 'ignored' = 'fatal'): Keyword<Command, 'first'> {
  return {
    default: 'none',
    ...about,
    syntax: 'CMD [USER [[:]GROUP]]',
    repeat: 'first',
    opensBlock: false,
    read(statement, { findings }) {
      // An unfinished quote has been reported; it leaves no word, but it is no missing one: keepalived reads on.
      if (statement.words.length < 2 && statement.source.text.slice(statement.start, statement.end).includes('"')) return undefined;
      if (argument(statement, findings, bare) === undefined) return undefined;
      const [, program, user, group] = shellWords(statement);
      const argv = program === undefined ? [] : splitArguments(program.text);
      if (program === undefined || argv.length === 0) {
        findings.report(
          'badValue',
          statement.words[1] ?? statement.words[0] ?? program ?? nowhere(statement),
          'no program is named; the line is ignored',
        );
        return undefined;
      }
      return { argv, ...(user === undefined ? {} : accountOf(user, group)) };
    },
  };
}

/** `CMD` alone, where the account is a keyword of its own; the last of several counts. */
export function program(about: About, bare?: 'fatal' | 'ignored'): Keyword<Command, 'last'> {
  const whole = command(about, bare);
  return {
    ...whole,
    default: 'required',
    syntax: 'CMD',
    repeat: 'last',
    read(statement, reading) {
      const read = whole.read(statement, reading);
      if (read === undefined || (read.user === undefined && read.group === undefined)) return read;
      const [keyword, , extra] = statement.words;
      if (extra !== undefined) {
        const message = `${keyword?.text ?? ''}: words after the program have no effect`;
        reading.findings.report('extraWords', extra, message, 'write the account behind: user');
      }
      return { argv: read.argv };
    },
  };
}

/** `USER`, `USER GROUP`, `USER :GROUP`, `USER :`: the colon asks for the user's supplementary groups. */
export function accountOf(user: Word, group: Word | undefined): AccountName {
  if (group === undefined) return { user: user.text };
  const withOthers = group.text.startsWith(':');
  const name = withOthers ? group.text.slice(1) : group.text;
  return {
    user: user.text,
    ...(name === '' ? {} : { group: name }),
    ...(withOthers ? { supplementaryGroups: true } : {}),
  };
}

function nowhere(statement: Statement): Word {
  return { text: '', file: statement.source.file, line: statement.source.line, column: statement.start + 1 };
}

/** A word with its quotes off. */
export interface ShellWord extends Word {
  /** As it stands on the line. */
  readonly raw: string;
  /** Where it begins in the line's text. */
  readonly index: number;
}

/** First level: blanks separate, both quotes quote, adjacent pieces join, backslash sequences are kept as they are. */
export function shellWords(statement: Statement): readonly ShellWord[] {
  const { source } = statement;
  const text = source.text.slice(statement.start, statement.end);
  const words: ShellWord[] = [];
  const pattern = /(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^ \t\v\f\r\n'"\\])+/g;
  for (const match of text.matchAll(pattern)) {
    const unquoted = match[0].replaceAll(/'([^']*)'|"((?:\\.|[^"\\])*)"/g, (_, single?: string, double?: string) => {
      return single ?? double ?? '';
    });
    const index = statement.start + match.index;
    const column = columnIn(source, index);
    words.push({ text: unquoted, file: source.file, line: source.line, column, raw: match[0], index });
  }
  return words;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Second level: the command into its arguments, with quotes and escapes. */
function splitArguments(text: string): readonly string[] {
  const found: string[] = [];
  let current: string | undefined;
  let quoteSign: string | undefined;
  let index = 0;
  while (index < text.length) {
    const character = text[index] ?? '';
    if (character === '\\' && index + 1 < text.length) {
      const [value, length] = escape(text.slice(index + 1));
      current = (current ?? '') + value;
      index += 1 + length;
      continue;
    }
    index += 1;
    if (quoteSign !== undefined) {
      if (character === quoteSign) quoteSign = undefined;
      else current = (current ?? '') + character;
    } else if (character === "'" || character === '"') {
      quoteSign = character;
      current ??= '';
    } else if (/[ \t\v\f\r\n]/.test(character)) {
      if (current !== undefined) found.push(current);
      current = undefined;
    } else {
      current = (current ?? '') + character;
    }
  }
  if (current !== undefined) found.push(current);
  return found;
}

/** The text with its backslash sequences resolved, and where each character of it came from. */
export function resolveEscapes(text: string): { readonly text: string; readonly indexes: readonly number[] } {
  const indexes: number[] = [];
  let resolved = '';
  for (let index = 0; index < text.length; ) {
    const escaped = text[index] === '\\' && index + 1 < text.length;
    const [value, length] = escaped ? escape(text.slice(index + 1)) : [text[index] ?? '', 0];
    resolved += value;
    indexes.push(index);
    index += 1 + length;
  }
  return { text: resolved, indexes };
}

/** The character a backslash sequence stands for, and how many characters follow the backslash. */
function escape(rest: string): readonly [value: string, length: number] {
  const octal = /^[0-7]{1,3}/.exec(rest)?.[0];
  if (octal !== undefined) return [String.fromCharCode(Number.parseInt(octal, 8) & 0xff), octal.length];
  const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest);
  if (hex !== null) return [String.fromCharCode(Number.parseInt(hex[1] ?? '0', 16)), hex[0].length];
  const control = /^c(.)/.exec(rest);
  if (control !== null) return [String.fromCharCode((control[1] ?? '').charCodeAt(0) & 0x1f), 2];
  const character = rest[0] ?? '';
  return [ESCAPES[character] ?? character, 1];
}
