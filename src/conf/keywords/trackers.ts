/** What can be tracked by name: vrrp_script, track_file and vrrp_track_process; and track_group for static entries. */

import { micros } from '../../base/time.js';
import type { Micros } from '../../base/time.js';
import type { Head, Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote, readInteger, readSeconds } from './arguments.js';
import { program } from './command.js';
import { argument, custom, flag, INT32, integer, timer, words } from './kinds.js';
import { blockTable, first } from './schema.js';
import type { Keyword } from './schema.js';

/** `N [reverse]`: what those who track it without a weight of their own get. */
export interface OwnWeight {
  readonly weight: number;
  readonly reverse: boolean;
}

function ownWeight(most: 253 | 254, otherwise: string, bare: 'fatal' | 'ignored'): Keyword<OwnWeight, 'last'> {
  const range = { min: -most, max: most };
  return custom<OwnWeight>({
    doc: 'Priority change of those who track it without a weight of their own.',
    syntax: 'N [reverse]',
    default: otherwise,
    ...range,
    example: 'weight -20',
    read(statement, { findings }) {
      const number = argument(statement, findings, bare);
      const option = statement.words[2];
      if (number === undefined) return undefined;
      const weight = readInteger(number, 'weight', range, findings);
      if (option !== undefined && option.text !== 'reverse') {
        findings.report('badValue', option, `${quote(option.text)} after weight is not known; it is ignored`, 'write reverse');
      }
      return weight === undefined ? undefined : { weight, reverse: option?.text === 'reverse' };
    },
  });
}

const LONGEST_SECONDS = 4_294;

/** Seconds with at most three decimals; 0 is no time and becomes 1 s. */
function scriptSeconds(doc: string, otherwise: string): Keyword<Micros, 'last'> {
  return custom<Micros>({
    doc,
    syntax: 'SECS',
    unit: 's',
    default: otherwise,
    min: 0,
    max: LONGEST_SECONDS,
    example: doc.startsWith('Time') ? 'interval 2' : 'timeout 1.5',
    read(statement, { findings }) {
      const seconds = argument(statement, findings);
      const keyword = statement.words[0]?.text ?? '';
      if (seconds === undefined) return undefined;
      const read = readSeconds(seconds, keyword, { min: 0, max: LONGEST_SECONDS }, findings, 'exact');
      if (read === undefined) return undefined;
      const rounded = micros(Math.round(read / 1_000) * 1_000);
      if (rounded !== read) findings.report('badValue', seconds, `${keyword}: only 3 decimals count; it is rounded`);
      if (rounded > 0) return rounded;
      findings.report('outOfRange', seconds, `${keyword} must be more than 0; 1 s is used`, 'write 1');
      return micros(1_000_000);
    },
  });
}

/** How often in a row; what is no such number counts as 1. */
function inRow(doc: string): Keyword<number, 'last'> {
  return integer({ doc, default: '1', min: 1, max: INT32 }, 'exact');
}

/** An account as script_user has it. */
export interface AccountWords {
  readonly at: Word;
  readonly user: string;
  /** Without the colon. */
  readonly group?: string;
}

const user = custom<AccountWords>({
  doc: 'Account the script runs as.',
  default: 'script_user',
  syntax: 'USER [[:]GROUP]',
  example: 'user nobody nogroup',
  read(statement, { findings }) {
    const account = argument(statement, findings);
    const group = statement.words[2]?.text.replace(/^:/, '');
    if (account === undefined) return undefined;
    return { at: account, user: account.text, ...(group === undefined || group === '' ? {} : { group }) };
  },
});

export const vrrpScript = blockTable('vrrp_script', {
  script: program({ doc: 'Program whose exit status tells: 0 is success.', example: 'script "/usr/bin/pgrep -x haproxy"' }, 'ignored'),
  interval: scriptSeconds('Time from the start of one run to the start of the next.', '1'),
  timeout: scriptSeconds('A run that takes longer is stopped and counts as a failure.', 'interval'),
  weight: ownWeight(253, '0', 'fatal'),
  rise: inRow('Successes in a row until it is up.'),
  fall: inRow('Failures in a row until it is down.'),
  user,
  init_fail: flag({ doc: 'Count as failed until it has succeeded rise times.', default: 'off' }),
});

/** `[VALUE] [overwrite]` */
export interface InitialValue {
  readonly value: number;
  readonly overwrite: boolean;
}

const initFile = custom<InitialValue>({
  doc: 'Create the file at start, with overwrite also when it exists.',
  syntax: '[VALUE] [overwrite]',
  default: 'not created; without words 0',
  min: -254,
  max: 254,
  example: 'init_file 0 overwrite',
  read(statement, { findings }) {
    let value = 0;
    let overwrite = false;
    for (const word of statement.words.slice(1)) {
      if (word.text === 'overwrite') {
        overwrite = true;
      } else if (/^[+-]?\d+$/.test(word.text)) {
        const number = readInteger(word, 'init_file', { min: -254, max: 254 }, findings);
        if (number === undefined) return undefined;
        value = number;
      } else {
        const message = `init_file: ${quote(word.text)} is neither a number nor overwrite; the line is ignored`;
        findings.report('badValue', word, message, 'write: init_file 0 overwrite');
        return undefined;
      }
    }
    return { value, overwrite };
  },
});

export const trackFileBlock = blockTable('track_file', {
  file: first(
    custom<Word>({
      doc: 'The file that holds one whole number.',
      default: 'required',
      syntax: 'PATH',
      example: 'file /run/maintenance',
      read: (statement, { findings }) => argument(statement, findings, 'ignored'),
    }),
  ),
  weight: first(ownWeight(254, '1', 'ignored')),
  init_file: initFile,
});

/** `NAME [ARG...]` */
export interface ProcessWords {
  readonly program: string;
  readonly parameters: readonly string[];
}

const DELAY = { min: 0.000_001, max: 3_600 };

const paramMatch = custom<'exact' | 'partial' | 'initial'>({
  doc: 'How the arguments must match: all equal, the first ones (partial), or the last one in part (initial).',
  syntax: '[initial / partial]',
  default: 'no check; without a word all equal',
  example: 'param_match partial',
  read(statement, { findings }) {
    const how = statement.words[1];
    if (how === undefined) return 'exact';
    if (how.text === 'initial' || how.text === 'partial') return how.text;
    findings.report('badValue', how, `param_match: ${quote(how.text)} is not known; it is ignored`, 'write initial or partial');
    return undefined;
  },
});

export const vrrpTrackProcess = blockTable('vrrp_track_process', {
  process: first(
    custom<ProcessWords>({
      doc: 'The program, by name or path, and what must stand on its command line.',
      default: 'required',
      syntax: 'NAME [ARG...]',
      example: 'process haproxy',
      read(statement, { findings }) {
        const program = argument(statement, findings);
        if (program === undefined) return undefined;
        return { program: program.text, parameters: statement.words.slice(2).map(({ text }) => text) };
      },
    }),
  ),
  param_match: paramMatch,
  weight: first(ownWeight(254, '0', 'ignored')),
  quorum: integer({ doc: 'Fewest processes that are enough.', default: '1', min: 1, max: 65_535 }, 'exact'),
  quorum_max: integer(
    { doc: 'Most processes that are still right; 0 = it must not run.', default: 'no limit', min: 0, max: 65_535 },
    'exact',
  ),
  delay: timer({ doc: 'Sets fork_delay and terminate_delay.', default: '0', ...DELAY }, 'exact'),
  fork_delay: timer({ doc: 'How long quorum must hold before it counts.', default: '0', ...DELAY }, 'exact'),
  terminate_delay: timer({ doc: 'How long quorum must be missed before it counts.', default: '0', ...DELAY }, 'exact'),
  full_command: flag({ doc: 'Compare the command line instead of the name the kernel keeps.', default: 'off' }),
});

export const trackGroup = blockTable('track_group', {
  group: first({
    ...words({ doc: 'The instances with which static entries stand and fall.', line: 'VRRP_INSTANCE...' }),
    example: 'group {\n  VI_1\n}',
  }),
});

/**
 * The name behind the keyword of a block that keepalived does not start with a name of its own check: without one it stops
 * reading and exits; further words have no effect.
 */
export function trackerName(statement: Head, findings: Findings): Word | undefined {
  const name = argument(statement, findings);
  const extra = statement.words[2];
  if (extra !== undefined) {
    findings.report('extraWords', extra, `${quote(extra.text)} after ${statement.words[0]?.text ?? ''} has no effect`, 'one name');
  }
  return name;
}
