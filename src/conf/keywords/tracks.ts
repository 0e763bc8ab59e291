/** The lines of track_interface, track_script, track_file and track_process, in an instance or in a group. */

import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote, readInteger } from './arguments.js';
import { entries } from './kinds.js';
import type { Keyword } from './schema.js';

/** One line; what it leaves out is that of the named object. */
export interface TrackEntry {
  readonly at: Word;
  readonly name: string;
  readonly weight?: number;
  readonly reverse?: boolean;
}

interface Kind {
  /** For messages. */
  readonly what: string;
  /** Largest weight either way that is read, and that is used. */
  readonly most: 253 | 254;
  readonly options: readonly ('reverse' | 'noreverse')[];
  /** A word behind the weight that is not known drops the line. */
  readonly strict: boolean;
}

const INTERFACE: Kind = { what: 'a tracked interface', most: 253, options: ['reverse'], strict: false };
const SCRIPT: Kind = { what: 'a tracked script', most: 253, options: ['reverse', 'noreverse'], strict: false };
const FILE: Kind = { what: 'a tracked file', most: 254, options: ['reverse', 'noreverse'], strict: true };
const PROCESS: Kind = { what: 'a tracked process', most: 254, options: ['reverse', 'noreverse'], strict: false };

/** Weights of 254 are read everywhere; where 253 is the most they are cut to it. */
const WIDEST = { min: -254, max: 254 };

function track(doc: string, example: string, kind: Kind): Keyword<readonly TrackEntry[], 'last'> {
  return entries({ doc, example, entry: (words, findings) => readEntry(kind, words, findings) });
}

export const trackInterface = track('Interfaces that matter; weight 0 = FAULT while one is down.', 'track_interface {\n  eth1 weight -20\n}', INTERFACE);
export const trackScript = track('Scripts that matter; weight 0 = FAULT while one fails.', 'track_script {\n  check_proxy weight -20\n}', SCRIPT);
export const trackFile = track('Files that matter; weight 0 = FAULT while the number is not 0.', 'track_file {\n  maintenance weight 0\n}', FILE);
export const trackProcess = track('Processes that matter; weight 0 = FAULT without quorum.', 'track_process {\n  haproxy weight -20\n}', PROCESS);

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
