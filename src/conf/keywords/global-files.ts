/** Keywords of global_defs about files: what is written where and with which permissions, and how reloads are made safe. */

import type { Statement } from '../cst.js';
import type { Findings } from '../findings.js';
import { INCLUDE_CHECKS } from '../include.js';
import { quote } from './arguments.js';
import { argument, bool, custom, flag, integer, UINT32, word } from './kinds.js';

/** The text layer acts on it while reading; here its words are judged. */
const includeCheck = custom({
  doc: 'What a failing include is an error for, in the rest of this file and in files it includes.',
  default: 'nothing; without words all',
  syntax: '[WORD] [+WORD...] [-WORD...]',
  example: 'include_check read +match',
  read(statement, { findings }) {
    const checks = statement.words.slice(1);
    for (const [i, check] of checks.entries()) {
      const signed = /^[+-]/.test(check.text);
      if (!INCLUDE_CHECKS.has(signed ? check.text.slice(1) : check.text)) {
        const known = [...INCLUDE_CHECKS.keys()].join(', ');
        findings.report('badValue', check, `include_check: '${check.text}' is not known and is ignored`, `known: ${known}`);
      } else if (!signed && i > 0) {
        findings.report('badValue', check, `include_check: only the first word may lack + or -; ${check.text} is ignored`, `write +${check.text}`);
      }
    }
    return checks.map(({ text }) => text);
  },
});

/** The names of <sys/stat.h> without S_. */
const PERMISSION_BITS: ReadonlyMap<string, number> = new Map([
  ['IRUSR', 0o400], ['IWUSR', 0o200], ['IXUSR', 0o100], ['IRWXU', 0o700],
  ['IRGRP', 0o040], ['IWGRP', 0o020], ['IXGRP', 0o010], ['IRWXG', 0o070],
  ['IROTH', 0o004], ['IWOTH', 0o002], ['IXOTH', 0o001], ['IRWXO', 0o007],
]);

/** A number as in C (0x, 0, decimal), or names of bits joined by |. */
function readUmask(statement: Statement, findings: Findings): number | undefined {
  const first = argument(statement, findings);
  if (first === undefined) return undefined;
  const text = statement.words.slice(1).map((part) => part.text).join('');
  const mask = /^\d/.test(text) ? numberOf(first.text) : bitsOf(text);
  if (mask !== undefined && mask <= 0o777) return mask;
  findings.report('badValue', first, `umask: ${quote(text)} is no file mode mask; it is ignored`, 'write it like 022 or IWGRP|IWOTH');
  return undefined;
}

function numberOf(text: string): number | undefined {
  if (/^0x[0-9a-f]+$/i.test(text)) return Number.parseInt(text.slice(2), 16);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}

function bitsOf(text: string): number | undefined {
  let mask = 0;
  for (const name of text.split('|')) {
    const bit = PERMISSION_BITS.get(name);
    if (bit === undefined) return undefined;
    mask |= bit;
  }
  return mask;
}

/** keepalived refuses the line when a second word stands on it. */
function readOnlyPath(statement: Statement, findings: Findings): string | undefined {
  const path = argument(statement, findings, 'ignored');
  const extra = statement.words[2];
  if (path === undefined || extra === undefined) return path?.text;
  findings.report('badValue', extra, `${quote(extra.text)} stands behind the path; the line is ignored`, 'remove it');
  return undefined;
}

const directory = (doc: string, fallback: string): ReturnType<typeof word> =>
  word({ doc, default: fallback, syntax: 'DIRECTORY' });

const dumpFile = (doc: string, name: string): ReturnType<typeof word> =>
  word({ doc, default: `${name} in TMPDIR, else /tmp`, syntax: 'PATH' });

const optionalPath = (doc: string, bare: string): ReturnType<typeof custom<string>> =>
  custom({ doc, default: `off; without a path ${bare}`, syntax: '[PATH]', read: ({ words: [, path] }) => path?.text ?? '' });

export const fileDefinitions = {
  umask: custom({
    doc: 'Permissions that files made by the daemon do not get; --umask on the command line wins.',
    default: '0177',
    syntax: 'MASK',
    example: 'umask 022',
    read: (statement, { findings }) => readUmask(statement, findings),
  }),
  random_seed: integer(
    { doc: 'Makes ${_RANDOM} behind it repeatable.', default: 'another one each time', min: 0, max: UINT32 },
    'lenient',
  ),
  include_check: includeCheck,
  reload_check_config: optionalPath('Tries a new configuration before it replaces the running one; findings go to the file.', '/dev/null'),
  reload_time_file: custom({
    doc: 'File that says when to reload: HH:MM:SS, or with YY-MM-DD or YYYY-MM-DD before it; a Z behind it means UTC.',
    default: 'none',
    syntax: 'PATH',
    example: 'reload_time_file /etc/keepalived/reload-at',
    read: (statement, { findings }) => readOnlyPath(statement, findings),
  }),
  reload_repeat: flag({ doc: 'A time of day in reload_time_file holds for every day.', default: 'off' }),
  reload_file: optionalPath('File that is there while a reload is under way.', 'the pid file with .reload'),
  config_save_dir: directory('Directory that gets the configuration, and dumps of the data before and after each reload; made if need be.', 'none'),
  tmp_config_directory: custom({
    doc: 'Where keepalived keeps its copy of the configuration; holdfast needs none.',
    default: 'memory',
    syntax: 'DIRECTORY',
    read: (statement, { findings }) => argument(statement, findings, 'ignored')?.text,
  }),
  data_use_instance: bool({ doc: 'Puts network namespace and instance into the names of dump files.', default: 'off' }),
  json_version: integer({ doc: 'Layout of the JSON dump.', default: '1', min: 1, max: 2 }, 'exact'),
  iproute_usr_dir: directory('Where iproute2 keeps the tables of names that came with it.', '/usr/share/iproute2'),
  iproute_etc_dir: directory('Where iproute2 keeps the tables of names of this machine.', '/etc/iproute2'),
  state_dump_file: dumpFile('Data dump of SIGUSR1; the directory of it when the path ends in /.', 'keepalived.data'),
  stats_dump_file: dumpFile('Statistics of SIGUSR2.', 'keepalived.stats'),
  json_dump_file: dumpFile('JSON dump.', 'keepalived.json'),
} as const;
