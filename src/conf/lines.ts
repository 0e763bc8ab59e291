/** Physical lines: splitting, the length rule, comments, and characters that only look like blanks or signs. */

import { plainColumns } from './columns.js';
import type { SourceLine } from './cst.js';
import type { Findings } from './findings.js';

/** Bytes of a line that keepalived reads; of a longer one only the tail is used, as a line of its own. */
export const LINE_LIMIT = 1023;

const CARRIAGE_RETURN = 0x0d;
const HASH = 0x23;
const BANG = 0x21;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The lines of one file without their line ends, as they are asked for; bytes that keepalived drops are reported and left out. */
export function* splitLines(file: string, content: string, findings: Findings): Generator<SourceLine, undefined> {
  let text = content;
  if (text.charCodeAt(0) === 0xfeff) {
    const at = { file, line: 1, column: 1 };
    findings.report(
      'byteOrderMark',
      at,
      'the file begins with a byte order mark',
      'save it as UTF-8 without BOM; it is skipped here',
    );
    text = text.slice(1);
  }
  const suspicious = SUSPICIOUS.test(text);
  for (let number = 1, start = 0; start <= text.length; number += 1) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    const line = { file, line: number, text: text.slice(start, end > start && text.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end) };
    start = end + 1;
    const usable = line.text.length * 3 <= LINE_LIMIT && !suspicious ? line : readUnusual(line, findings);
    if (usable !== undefined) yield usable;
  }
}

function readUnusual(source: SourceLine, findings: Findings): SourceLine | undefined {
  let { text } = source;
  let dropped = 0;
  for (let head = charactersWithin(text, LINE_LIMIT); head < text.length; head = charactersWithin(text, LINE_LIMIT)) {
    findings.report(
      'lineTooLong',
      { file: source.file, line: source.line, column: dropped + 1 },
      `the line is longer than ${LINE_LIMIT} bytes: its first ${LINE_LIMIT} bytes are ignored and ` +
        'the rest is read as a line of its own',
      'split the line or move parts of it into definitions',
    );
    text = text.slice(head);
    dropped += head;
  }
  const columns = dropped === 0 ? {} : { columns: plainColumns(dropped + 1, text.length) };
  const line: SourceLine = { file: source.file, line: source.line, text, ...columns };
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    const at = { file: source.file, line: source.line, column: dropped + nul + 1 };
    findings.report('embeddedNul', at, 'a NUL byte: the whole line is ignored', 'remove the byte');
    return undefined;
  }
  reportOddCharacters(line, dropped, findings);
  return line;
}

/** How many characters of `text` fit into `limit` bytes of UTF-8. */
function charactersWithin(text: string, limit: number): number {
  if (text.length * 3 <= limit) return text.length;
  let bytes = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    // Each half of a surrogate pair counts two of the pair's four bytes.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 2 : 3;
    if (bytes > limit) return i;
  }
  return text.length;
}

// NUL, blanks beyond ASCII, zero-width characters and the full-width forms of ASCII signs.
const SUSPICIOUS = /[\0\u00a0\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u3000\ufeff\uff01-\uff5e]/;

function reportOddCharacters(source: SourceLine, dropped: number, findings: Findings): void {
  const end = codeEnd(source.text);
  for (let i = 0; i < end; i += 1) {
    const character = source.text[i] ?? '';
    if (character < '\u0080' || !SUSPICIOUS.test(character)) continue;
    const name = `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
    const at = { file: source.file, line: source.line, column: dropped + i + 1 };
    findings.report(
      'oddCharacter',
      at,
      `${describe(character)} (${name}) is read as part of a word`,
      `type ${replacement(character)} instead`,
    );
  }
}

function describe(character: string): string {
  if (character >= '\uff01' && character <= '\uff5e') return 'a full-width character';
  return character === '\u00a0' || character === '\u202f' ? 'a no-break space' : 'a blank that is not ASCII';
}

function replacement(character: string): string {
  if (character < '\uff01' || character > '\uff5e') return 'an ordinary blank';
  return String.fromCharCode(character.charCodeAt(0) - 0xfee0);
}

/** Where the comment begins, or the length of the text. Double quotes protect `#` and `!`, so does a backslash. */
export function codeEnd(text: string): number {
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) quoted = !quoted;
    else if (!quoted && code === BACKSLASH && isCommentSign(text.charCodeAt(i + 1))) i += 1;
    else if (!quoted && isCommentSign(code)) return i;
  }
  return text.length;
}

/** The first character that is neither blank nor the start of a comment; -1 when the line says nothing. */
export function firstCodeCharacter(text: string): number {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (isBlank(code)) continue;
    return isCommentSign(code) ? -1 : i;
  }
  return -1;
}

/** `#` and `!`. */
export function isCommentSign(code: number): boolean {
  return code === HASH || code === BANG;
}

/** Space, tab, line feed, vertical tab, form feed, carriage return. */
export function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
