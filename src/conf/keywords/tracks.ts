/** The lines of track_interface, track_script, track_file and track_process, in an instance or in a group. */

import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote, readInteger } from './arguments.js';
import { entries } from './kinds.js';
import type { EntryOptions, Keyword } from './schema.js';

/** One line; what it leaves out is that of the named object. */
export interface TrackEntry {
  readonly at: Word;
  readonly name: string;
  readonly weight?: number;
  readonly reverse?: boolean;
}

interface Kind {
  /** As the manual names its lines. */
  readonly block: string;
  /** For messages. */
  readonly what: string;
  /** Largest weight either way that is read, and that is used. */
  readonly most: 253 | 254;
  readonly options: readonly ('reverse' | 'noreverse')[];
  /** The weight of a line without one, and what a weight does, for the manual. */
  readonly standard: string;
  readonly weight: string;
  /** A word behind the weight that is not known drops the line. */
  readonly strict: boolean;
}

export const SESSION_WEIGHT = 'Added to the priority: positive while it is up, negative while it is down; 0 = FAULT while it is down.';
const SCRIPT_WEIGHT = 'Added to the priority: positive while it succeeds, negative while it fails; 0 = FAULT while it fails.';
const FILE_WEIGHT = 'Times the number in the file, added to the priority; 0 = FAULT while the number is not 0.';
const PROCESS_WEIGHT = 'Added to the priority: positive with quorum, negative without; 0 = FAULT without quorum.';

const INTERFACE: Kind = { block: 'track_interface', what: 'a tracked interface', most: 253, options: ['reverse'], standard: '0', weight: SESSION_WEIGHT, strict: false };
const SCRIPT: Kind = { block: 'track_script', what: 'a tracked script', most: 253, options: ['reverse', 'noreverse'], standard: 'that of the vrrp_script', weight: SCRIPT_WEIGHT, strict: false };
const FILE: Kind = { block: 'track_file', what: 'a tracked file', most: 254, options: ['reverse', 'noreverse'], standard: 'that of the track_file', weight: FILE_WEIGHT, strict: true };
const PROCESS: Kind = { block: 'track_process', what: 'a tracked process', most: 254, options: ['reverse', 'noreverse'], standard: 'that of the vrrp_track_process', weight: PROCESS_WEIGHT, strict: false };

/** Weights of 254 are read everywhere; where 253 is the most they are cut to it. */
const WIDEST = { min: -254, max: 254 };

function track(doc: string, example: string, kind: Kind): Keyword<readonly TrackEntry[], 'last'> {
  const { block, most, options, standard, weight } = kind;
  return entries({
    doc,
    example,
    line: `NAME [weight N [${options.join(' / ')}]]`,
    entry: (words, findings) => readEntry(kind, words, findings),
    options: trackOptions(block, most, options, standard, weight),
  });
}

export const trackInterface = track('Interfaces that matter; weight 0 = FAULT while one is down.', 'track_interface {\n  eth1 weight -20\n}', INTERFACE);
export const trackScript = track('Scripts that matter; weight 0 = FAULT while one fails.', 'track_script {\n  check_proxy weight -20\n}', SCRIPT);
export const trackFile = track('Files that matter; weight 0 = FAULT while the number is not 0.', 'track_file {\n  maintenance weight 0\n}', FILE);
export const trackProcess = track('Processes that matter; weight 0 = FAULT without quorum.', 'track_process {\n  haproxy weight -20\n}', PROCESS);

/** What may stand behind a name in any of these blocks; `standard`: the weight of a line without one. */
export function trackOptions(
  name: string,
  most: number,
  turns: readonly ('reverse' | 'noreverse')[],
  standard: string,
  doc: string,
): EntryOptions {
  const turned = {
    reverse: { doc: 'Count it the other way round: up as down.', default: 'off', syntax: '', example: 'weight 20 reverse' },
    noreverse: { doc: 'Count it as it is, whatever the block it names says.', default: 'off', syntax: '', example: 'weight 20 noreverse' },
  };
  return {
    name,
    options: {
      weight: {
        doc,
        default: standard,
        syntax: 'N',
        min: -most,
        max: most,
        example: 'weight -20',
      },
      ...Object.fromEntries(turns.map((turn) => [turn, turned[turn]])),
    },
  };
}

/** Reads `NAME [weight N [reverse | noreverse]]`. */
function readEntry(kind: Kind, words: readonly Word[], findings: Findings): TrackEntry | undefined {
  const [name, option, number, turn] = words;
  if (name === undefined) return undefined;
  const plain: TrackEntry = { at: name, name: name.text };
  if (option === undefined) return plain;
  if (option.text !== 'weight') {
    const message = `${quote(option.text)} is no option of ${kind.what}; the line is ignored`;
    findings.report('badValue', option, message, 'write: weight N');
    return undefined;
  }
  if (number === undefined) {
    findings.report('badValue', option, 'weight needs a number; the line is ignored', 'write: weight N');
    return undefined;
  }
  const weight = readWeight(number, kind, findings);
  const known = kind.options.find((candidate) => candidate === turn?.text);
  if (turn !== undefined && known === undefined) {
    const outcome = kind.strict ? 'the line is ignored' : 'it is ignored';
    const message = `${quote(turn.text)} after a weight is not known; ${outcome}`;
    findings.report('badValue', turn, message, `write ${kind.options.join(' or ')}`);
    if (kind.strict) return undefined;
  }
  return {
    ...plain,
    ...(weight === undefined ? {} : { weight }),
    ...(known === undefined ? {} : { reverse: known === 'reverse' }),
  };
}

function readWeight(word: Word, { most }: Kind, findings: Findings): number | undefined {
  const weight = readInteger(word, 'weight', WIDEST, findings);
  if (weight === undefined) return undefined;
  const cut = Math.max(-most, Math.min(most, weight));
  if (cut !== weight) {
    findings.report('outOfRange', word, `a weight of ${weight} is cut to ${cut}`, `write at most ${most}`);
  }
  return cut;
}
