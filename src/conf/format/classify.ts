/**
 * A file line by line as the formatter sees it: what may be taken apart and put together again without changing what it
 * means, and what stays as it is because it means something only later, when definitions and conditions are known.
 */

import { utf8Length } from '../../base/bytes.js';
import { createFindings } from '../findings.js';
import { codeEnd, isBlank, LINE_LIMIT } from '../lines.js';
import { createScanner } from '../scanner.js';
import type { Piece } from '../scanner.js';
import { beginsSequence } from '../sequence.js';
import { normaliseWords } from './words.js';

/** What one line is made of; `words` are normalised. */
export type Part = { readonly type: 'words'; readonly words: string } | { readonly type: 'leftBrace' | 'rightBrace' };

export type FormatLine =
  | { readonly kind: 'blank' }
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'parts'; readonly parts: readonly Part[]; readonly comment: string; readonly refers: boolean }
  /** Printed as it stands, at the depth of its block. `condition` is `@ID` or `@^ID`. */
  | { readonly kind: 'fixed'; readonly text: string; readonly braces: string; readonly condition: string }
  /** Inside a definition of several lines, or a line that keepalived reads in an odd way: not even indented. */
  | { readonly kind: 'raw'; readonly text: string };

export interface ClassifyOptions {
  /**
   * Lines with references to definitions stay as they are, and so do spellings: what a value or a condition opens or closes
   * is not known here.
   */
  readonly careful: boolean;
}

/** The lines of one file. */
export function classifyLines(text: string, options: ClassifyOptions): readonly FormatLine[] {
  const lines: FormatLine[] = [];
  let inDefinition = false;
  for (const physical of text.replace(/^\ufeff/, '').replace(/\n$/, '').split('\n')) {
    const unread = physical.includes('\0') || utf8Length(physical) > LINE_LIMIT;
    if (unread && !inDefinition) {
      lines.push({ kind: 'raw', text: physical });
      continue;
    }
    const line = withPlainBlanks(physical.replace(/\r$/, ''));
    const code = trimCode(line);
    if (inDefinition) {
      lines.push({ kind: 'raw', text: withoutBlanksAtEnd(line) });
      inDefinition = code.endsWith('\\');
      continue;
    }
    lines.push(classifyLine(line, code, options));
    inDefinition = /^[@~$].*\$[A-Za-z_]\w*=|^\$[A-Za-z_]\w*=/.test(code) && code.endsWith('\\');
  }
  return lines;
}

function classifyLine(line: string, code: string, { careful }: ClassifyOptions): FormatLine {
  if (code === '') return line.trim() === '' ? { kind: 'blank' } : { kind: 'comment', text: line.trim() };
  const comment = line.slice(codeEnd(line)).trim();
  const condition = /^@\^?\S*/.exec(code)?.[0] ?? '';
  const refers = code.includes('$');
  const parts = condition === '' && !isSpecial(code) && !(refers && careful) ? takeApart(code, refers) : undefined;
  if (parts !== undefined) return { kind: 'parts', parts, comment, refers };
  return { kind: 'fixed', text: withoutBlanksAtEnd(line.slice(line.indexOf(code))), braces: bracesOf(code), condition };
}

/** Lines that the text layer obeys instead of handing them on. */
export function isSpecial(code: string): boolean {
  return /^(?:@|\$[A-Za-z_]\w*=|include\w?(?:[ \t]|$))/.test(code) || beginsSequence(code);
}

/** Undefined when the line must stay in one piece. */
function takeApart(code: string, refers: boolean): readonly Part[] | undefined {
  const findings = createFindings();
  const pieces: Piece[] = [];
  const masked = maskReferences(code);
  createScanner(findings)({ file: '', line: 1, text: masked }, pieces);
  if (findings.all().length > 0) return undefined;
  const parts = pieces.map((piece): Part => {
    if (piece.type !== 'words') return { type: piece.type };
    return { type: 'words', words: normaliseWords(code.slice(piece.statement.start, piece.statement.end)) };
  });
  const starts = parts.flatMap((part) => (part.type === 'words' ? [part.words] : []));
  // What a definition puts there may end the line with a comment, and what begins a line may be obeyed: neither is split.
  if ((refers && !isOneStatement(parts)) || starts.some(isSpecial)) return undefined;
  // At the end of a line a backslash joins the word before it, elsewhere it does not.
  if (starts.some((words) => words.endsWith('\\'))) return undefined;
  // `$NAME` is a reference only before a blank or the end: a blank put behind it would make it one.
  if (refers && /\$[A-Za-z_]\w*["'{}]/.test(code)) return undefined;
  return parts;
}

function isOneStatement(parts: readonly Part[]): boolean {
  const [first, second, third] = parts;
  if (third !== undefined) return false;
  return second === undefined || (first?.type === 'words' && second.type === 'leftBrace');
}

/** `${NAME}` with other signs for its braces, as long as it was. */
function maskReferences(code: string): string {
  return code.replaceAll(/\$\{([^{}]*)\}/g, (_, inner: string) => `$_${inner.replaceAll(/[ \t"]/g, '_')}_`);
}

/** The braces of a line that is not taken apart, in order; those of a sequence's head belong to its values. */
function bracesOf(code: string): string {
  const findings = createFindings();
  const pieces: Piece[] = [];
  const text = maskReferences(code.replace(/~\w+[ \t]*\([^)]*\)/g, ''));
  if (/^(?:@\S*\s*)?\$[A-Za-z_]\w*=/.test(code)) return '';
  createScanner(findings)({ file: '', line: 1, text }, pieces);
  return pieces.map(({ type }) => (type === 'leftBrace' ? '{' : type === 'rightBrace' ? '}' : '')).join('');
}

/** Without the blanks around it and without its comment. */
function trimCode(line: string): string {
  let end = codeEnd(line);
  let start = 0;
  while (end > 0 && isBlank(line.charCodeAt(end - 1))) end -= 1;
  while (start < end && isBlank(line.charCodeAt(start))) start += 1;
  return line.slice(start, end);
}

/** trimEnd would take away what is a part of a word here, a byte order mark inside the text and the like. */
function withoutBlanksAtEnd(line: string): string {
  return line.replace(/[ \t-\r]+$/, '');
}

/** Blanks that only look like blanks; keepalived reads them as parts of words. */
const ODD_BLANK = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/;

/** True for a text whose formatted form says something else than it does, because odd blanks became blanks. */
export function hasOddBlanks(text: string): boolean {
  return text.split('\n').some((line) => withPlainBlanks(line) !== line);
}

/** Odd blanks outside quotes and comments become blanks. */
export function withPlainBlanks(line: string): string {
  if (!ODD_BLANK.test(line)) return line;
  const end = codeEnd(line);
  let quoted = false;
  const code = Array.from(line.slice(0, end), (character) => {
    if (character === '"') quoted = !quoted;
    return !quoted && ODD_BLANK.test(character) ? ' ' : character;
  }).join('');
  return code + line.slice(end);
}
