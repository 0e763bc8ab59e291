/** HTTP_GET and SSL_GET with their urls. */

import type { StatusCodeRange } from '../../health/config-check.js';
import type { Statement, Word } from '../cst.js';
import { columnIn } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote } from './arguments.js';
import { commonOptions } from './checker-options.js';
import { resolveEscapes, shellWords } from './command.js';
import { argument, bool, choice, custom, flag, integer, section, UINT32, word } from './kinds.js';
import { certificateWords, http2Word, requestWords } from './own-web.js';
import { all, blockTable, first } from './schema.js';
import type { Reading } from './schema.js';

/** What keepalived can tell PCRE2 while it compiles the pattern. */
export const REGEX_OPTIONS = [
  'allow_empty_class', 'alt_bsux', 'auto_callout', 'caseless', 'dollar_endonly', 'dotall', 'dupnames', 'extended',
  'firstline', 'match_unset_backref', 'multiline', 'never_ucp', 'never_utf', 'no_auto_capture', 'no_auto_possess',
  'no_dotstar_anchor', 'no_start_optimize', 'ucp', 'ungreedy', 'utf', 'never_backslash_c', 'alt_circumflex',
  'alt_verbnames', 'use_offset_limit',
] as const;

export type RegexOption = (typeof REGEX_OPTIONS)[number];

/** A pattern with the place of each of its characters: what is wrong with it is reported there. */
export interface PatternText {
  readonly text: string;
  /** Position of the character at an index of `text`; one past the end is allowed. */
  readonly at: (index: number) => Word;
}

const regex = custom({
  doc: 'PCRE2 pattern that must be found in the body, of which 16 MiB are read and matches of up to 8 KiB are seen; backslashes in it are written twice.',
  default: 'the body is not looked at',
  example: 'regex "status: *ok"',
  syntax: 'PATTERN',
  read(statement, { findings }): PatternText | undefined {
    const [keyword, pattern] = shellWords(statement);
    if (pattern === undefined || pattern.text === '') {
      if (keyword !== undefined) findings.report('badPattern', keyword, 'regex needs a pattern; the line is ignored');
      return undefined;
    }
    const { text, indexes } = resolveEscapes(pattern.text);
    // Past a quote within the word the column is off by it; words are quoted as a whole or not at all.
    const start = pattern.index + (/^["']/.test(pattern.raw) ? 1 : 0);
    reportLostBackslashes(pattern.text, (index) => placed(statement, start + index), findings);
    return { text, at: (index) => placed(statement, start + (indexes[index] ?? pattern.text.length)) };
  },
});

function placed({ source }: Statement, index: number): Word {
  return { text: '', file: source.file, line: source.line, column: columnIn(source, index) };
}

/** `\d` reaches PCRE2 as `d`: hardly what was meant. */
function reportLostBackslashes(written: string, at: (index: number) => Word, findings: Findings): void {
  for (const { 0: found, index } of written.matchAll(/\\[^]/g)) {
    const [, character = ''] = found;
    if (!/[dDwWsSbBAzZRhHNQKGpPkg.*+?()[\]{}|^$]/.test(character)) continue;
    const becomes = character === 'b' ? 'a backspace' : quote(character);
    findings.report('badPattern', at(index), `regex: ${found} reaches the pattern as ${becomes}`, `write \\${found}`);
  }
}

const regexOptions = custom({
  doc: 'How the pattern is understood.',
  default: 'none',
  example: 'regex_options caseless multiline',
  syntax: 'OPTION...',
  read(statement, { findings }): readonly RegexOption[] {
    const options: RegexOption[] = [];
    for (const option of statement.words.slice(1)) {
      const known = REGEX_OPTIONS.find((name) => name === option.text);
      if (known !== undefined) options.push(known);
      else findings.report('badPattern', option, `regex_options: ${quote(option.text)} is not known; it is ignored`);
    }
    if (statement.words.length < 2) reportBare(statement, findings);
    return options;
  },
});

/** Keywords about the pattern are never an error to keepalived's -t. */
function reportBare(statement: Statement, findings: Findings): void {
  const [keyword] = statement.words;
  if (keyword !== undefined) findings.report('badPattern', keyword, `${keyword.text} needs a value; the line is ignored`);
}

const offset = (doc: string, fallback: string, example: string): ReturnType<typeof custom<number>> =>
  custom({
    doc,
    default: fallback,
    example,
    min: 0,
    syntax: 'N',
    read(statement, { findings }) {
      const [, value] = statement.words;
      if (value === undefined) reportBare(statement, findings);
      if (value === undefined || (/^\d+$/.test(value.text) && Number(value.text) < 2 ** 64)) {
        return value === undefined ? undefined : Number(value.text);
      }
      const message = `${statement.words[0]?.text ?? ''}: ${quote(value.text)} is not a number of bytes; the line is ignored`;
      findings.report('badPattern', value, message);
      return undefined;
    },
  });

const url = {
  path: word({ doc: 'What is asked for.', default: 'required', syntax: 'PATH', example: 'path /health' }),
  digest: first(
    custom({
      doc: 'MD5 of the expected body.',
      default: 'the body is not looked at',
      example: 'digest 9b3a0c85a887a256d6939da88aabd8cd',
      syntax: 'HEX32',
      read(statement, { findings }) {
        const value = argument(statement, findings);
        if (value === undefined || /^[0-9a-fA-F]{32}$/.test(value.text)) return value?.text.toLowerCase();
        findings.report('badValue', value, 'digest: 32 hex digits are needed; it is ignored', 'md5sum of the body makes them');
        return undefined;
      },
    }),
  ),
  status_code: custom({
    doc: 'Accepted status codes and ranges of them.',
    default: '200-299',
    example: 'status_code 200 301-302',
    min: 100,
    max: 599,
    syntax: 'CODE[-CODE]...',
    read: readStatusCodes,
  }),
  virtualhost: word({ doc: 'Host header.', default: 'the checker', example: 'virtualhost www.example.com' }, 'ignored'),
  regex,
  regex_no_match: flag({ doc: 'The pattern must not be found.', default: 'off' }),
  regex_options: regexOptions,
  regex_min_offset: {
    ...offset('Where in the body the pattern may begin at the earliest.', '0', 'regex_min_offset 10'),
    unit: 'bytes',
  },
  regex_max_offset: {
    ...offset('Before which place in the body the pattern must begin.', 'anywhere', 'regex_max_offset 100'),
    unit: 'bytes',
  },
  regex_stack: custom({
    doc: 'Memory for the matcher; understood for compatibility, none is needed here.',
    unit: 'bytes',
    default: 'the default of PCRE2',
    example: 'regex_stack 8192 65536',
    syntax: 'START MAX',
    read(statement, { findings }) {
      const sizes = statement.words.slice(1, 3);
      const usable = sizes.length === 2 && sizes.every(({ text }) => /^\d+$/.test(text) && Number(text) > 0);
      const at = statement.words[1] ?? statement.words[0];
      if (!usable && at !== undefined) findings.report('badPattern', at, 'regex_stack needs two sizes; the line is ignored');
      return usable ? true : undefined;
    },
  }),
  ...requestWords,
};

function readStatusCodes(statement: Statement, { findings }: Reading): readonly StatusCodeRange[] | undefined {
  const [keyword, code] = statement.words;
  if (keyword !== undefined && code === undefined) {
    findings.report('uselessLine', keyword, 'status_code without a code has no effect');
  }
  const ranges = statement.words.slice(1).flatMap((word) => readStatusRange(word, findings));
  return ranges.length === 0 ? undefined : ranges;
}

function readStatusRange(code: Word, findings: Findings): readonly StatusCodeRange[] {
  const [, from, to] = /^(\d{3})(?:-(\d{3}))?$/.exec(code.text) ?? [];
  const range = { from: Number(from), to: Number(to ?? from) };
  if (from !== undefined && range.from >= 100 && range.to <= 599 && range.from <= range.to) return [range];
  findings.report(
    'badValue',
    code,
    `status_code: ${code.text} is no code from 100 to 599; it is ignored`,
    'write: status_code 200 or 200-299',
  );
  return [];
}

const http = {
  ...commonOptions,
  nb_get_retry: integer({ doc: 'Old spelling of retry.', deprecated: 'write: retry N', min: 0, max: UINT32 }),
  virtualhost: word({ doc: 'Host header.', default: 'the real server', example: 'virtualhost www.example.com' }, 'ignored'),
  http_protocol: choice(
    {
      doc: 'Version of the request; C adds Connection: close.',
      default: '1.0',
      of: ['1.0', '1.0C', '1.0c', '1.1'],
    },
    'ignored',
  ),
  enable_sni: bool({ doc: 'Send the host name in the TLS greeting.', default: 'off' }),
  sni_name: word(
    { doc: 'Host name in the TLS greeting with enable_sni.', default: 'the virtual host', example: 'sni_name www.example.com' },
    'ignored',
  ),
  fast_recovery: bool({ doc: 'After a failure check all urls without waiting between them.', default: 'off' }),
  http2: http2Word,
};

const closeNotify = (fallback: string): ReturnType<typeof bool> =>
  bool({ doc: 'End the TLS session with close_notify.', default: fallback });

export const httpUrl = blockTable('HTTP_GET/url', url);

export const httpGet = blockTable('HTTP_GET', {
  ...http,
  url: all(section({ doc: 'One request; all are asked in turn.', example: 'url {\n path /\n}' }, httpUrl)),
});

export const sslUrl = blockTable('SSL_GET/url', { ...url, tls_compliant: closeNotify('the checker') });

export const sslGet = blockTable('SSL_GET', {
  ...http,
  tls_compliant: closeNotify('off'),
  ...certificateWords,
  url: all(section({ doc: 'One request; all are asked in turn.', example: 'url {\n path /\n}' }, sslUrl)),
});
