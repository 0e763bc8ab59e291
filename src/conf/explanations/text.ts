/** HF-1xx: files and the text in them. */

import type { FindingKind } from '../catalog.js';
import { instance } from './explanation.js';
import type { Explanation } from './explanation.js';

export const TEXT = {
  fileMissing: {
    title: 'The configuration file is not there',
    meaning: 'Nothing can be read, so nothing would run. The name is wrong, or the file has not been put in place.',
    keepalived: 'Its -t says that the file is missing and still ends with status 0; the daemon ends with status 6.',
    remedy: 'Name the file (holdfast check FILE, holdfast -f FILE), or create it.',
    example: { text: undefined, shown: 'holdfast check /nowhere/keepalived.conf' },
  },
  fileUnreadable: {
    title: 'The configuration file cannot be read',
    meaning: 'The path names a directory, something that is not a plain file, an executable file, or one without permission.',
    keepalived: 'It skips such a file, mostly without a word: -t ends with status 0 for a directory.',
    remedy: 'Name a plain file, make it readable (chmod u+r) and not executable (chmod a-x).',
    example: { text: undefined, files: { 'keepalived.conf/': '' }, shown: 'holdfast check /etc/keepalived' },
  },
  includeFailed: {
    title: 'An include that must find its file finds none',
    meaning: 'The word (includer, includem, includew, includeb, includea) or include_check demands a file, and it is not there.',
    keepalived: 'It refuses the configuration; -t ends with status 6.',
    remedy: 'Put the file in place, correct the pattern, or write plain include where nothing has to match.',
    example: 'includem servers/missing.conf\n',
  },
  includeSkipped: {
    title: 'An include finds nothing',
    meaning: 'A plain include line names a file or pattern that does not exist or cannot be read; the rest is read without it.',
    keepalived: 'It goes on without a word about it in -t.',
    remedy: 'Correct the pattern, remove the line, or write includem so that a missing file is an error.',
    example: 'include conf.d/*.conf\n',
  },
  includeLoop: {
    title: 'Files include each other without end',
    meaning: 'A file is included while it is being read already, or includes are nested too deeply.',
    keepalived: 'It reads until it runs out of files or memory.',
    remedy: 'Take one include out of the circle.',
    example: { text: 'include a.conf\n', files: { 'a.conf': 'include b.conf\n', 'b.conf': 'include a.conf\n' } },
  },
  tooMuchText: {
    title: 'Definitions, sequences or includes make too much text',
    meaning: 'The text grows beyond every sensible size or refers to itself. Reading stops, so that a slip does not eat the memory.',
    keepalived: 'It has no bound and goes on until the memory is gone.',
    remedy: 'Look for a definition that holds itself, or a sequence with far too many rounds.',
    example: '$A=x $B\n$B=y $A\nglobal_defs {\n    router_id $A\n}\n',
  },
  lineTooLong: {
    title: 'A line is longer than keepalived reads',
    meaning: 'Lines are read in pieces of 1,023 bytes: the first piece is thrown away and the rest is read as a line of its own.',
    keepalived: 'The same, with "line too long - ignoring" and no place.',
    remedy: 'Split the line: use a definition, or write the words of a block on lines of their own.',
    example: {
      text: `global_defs {\n    router_id a${' '.repeat(1_009)}\n}\n`,
      shown: 'global_defs {\n    router_id a...   (a line of 1,024 characters)\n}\n',
    },
  },
  embeddedNul: {
    title: 'A NUL byte in a line',
    meaning: 'The whole line is ignored. Such bytes come from a broken copy or from a file in UTF-16.',
    keepalived: 'It ignores the line too and says so in its log, not under -t.',
    remedy: 'Remove the byte, or save the file as UTF-8.',
    example: { text: '!ok\nglobal_defs\0\n', shown: 'global_defs<NUL>\n' },
  },
  oddCharacter: {
    title: 'A character that looks like another one',
    meaning: 'A no-break space, a full-width sign or a typographic quote does not separate or quote: it becomes part of a word.',
    keepalived: 'It reads the character as part of the word and never mentions it.',
    remedy: 'Type the plain ASCII character in its place.',
    example: 'global_defs {\n    router_id lvs\u00a01\n}\n',
  },
  byteOrderMark: {
    title: 'The file begins with a byte order mark',
    meaning: 'An editor saved it as UTF-8 with signature. The mark is skipped here.',
    keepalived: 'The mark becomes part of the first word, which it then does not know.',
    remedy: 'Save the file as UTF-8 without BOM.',
    example: { text: '\ufeff! a comment\n', shown: '<BOM>! a comment\n' },
  },
  unmatchedQuote: {
    title: 'A double quote is never closed',
    meaning: 'A quoted word ends at the next double quote of its line. Without one the rest of the line is lost.',
    keepalived: 'It reports an unmatched quote and loses the value as well.',
    remedy: 'Add the second quote; a quoted word cannot span lines.',
    example: instance('track_interface {', '    eth1 "x', '}'),
  },
  undefinedParameter: {
    title: 'A name after $ is not defined',
    meaning: 'The text stays as it is, with the dollar sign: probably not what was meant.',
    keepalived: 'It leaves the text unchanged without a word.',
    remedy: 'Define it above ($NAME=value), or correct its spelling.',
    example: 'global_defs {\n    router_id $NODE\n}\n',
  },
  badSequence: {
    title: 'A ~SEQ or ~LST line is not understood',
    meaning: 'Its head is not of the form that repeats a line, so the line is ignored.',
    keepalived: 'It reports the line and ignores it.',
    remedy: 'Write ~SEQ(VAR, [START, [STEP,]] END) TEXT, or ~LST(VAR, VALUE, ...) TEXT.',
    example: '~SEQ(n, one, two) x\n',
  },
  includeRepeated: {
    title: 'An include inside a sequence',
    meaning: 'Here the file is read once for each round, with the names set. keepalived reads it once, without them.',
    keepalived: 'It includes the file once, and the names stay unreplaced in it.',
    remedy: 'Write one include line for each file.',
    example: { text: '~LST(node, a, b) include ${node}.conf\n', files: { 'a.conf': '', 'b.conf': '' } },
  },
  rescanned: {
    title: 'A condition or a sequence that comes out of a definition',
    meaning: 'The value of a definition begins with @ or ~SEQ or ~LST. Here it is obeyed.',
    keepalived: 'It takes it for a keyword that it does not know (2.4).',
    remedy: 'Write the condition or the sequence on the line itself.',
    example: '$ONLY=@^other\n$ONLY use_pid_dir\n',
  },
  tooManyFindings: {
    title: 'More findings than are kept',
    meaning: 'The file has more than 10,000 of them. They are counted from there on, not listed.',
    keepalived: 'It prints all of them.',
    remedy: 'Mend the first ones: usually one misplaced brace is behind them all.',
    example: {
      text: `global_defs {\n${'    router_id a b\n'.repeat(10_001)}}\n`,
      shown: 'global_defs {\n    router_id a b   (and 10,000 more such lines)\n}\n',
      also: ['extraWords'],
    },
  },
} as const satisfies Partial<Record<FindingKind, Explanation>>;
