/** The lines of track_virtual_server, in an instance or in a group: virtual servers as their own blocks name them. */

import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote, readInteger } from './arguments.js';
import { entries } from './kinds.js';

const MOST = 253;

export interface TrackedPoolEntry {
  readonly at: Word;
  /** What stands after virtual_server: an address with port, `fwmark N` or `group NAME`; a protocol may follow. */
  readonly words: readonly string[];
  /** Absent = the priority is divided. */
  readonly weight?: number;
}

export const trackVirtualServer = entries({
  doc: 'A director whose pool has lost its quorum gives way to a peer that is better off. Without weight the priority is divided by ten for each such pool, and never FAULT: of two with dead pools the better one stays master.',
  example: 'track_virtual_server {\n  192.0.2.100 80\n}',
  line: 'IP PORT [PROTO] / fwmark N / group NAME [weight N]',
  own: true,
  entry: readEntry,
  options: {
    name: 'track_virtual_server',
    options: {
      weight: {
        doc: 'Added to the priority: positive while it has its quorum, negative while it has not.',
        default: 'none: the priority is divided by ten',
        syntax: 'N',
        min: -MOST,
        max: MOST,
        example: 'weight -20',
      },
    },
  },
});

function readEntry(words: readonly Word[], findings: Findings): TrackedPoolEntry | undefined {
  const [at] = words;
  if (at === undefined) return undefined;
  const index = words.findIndex(({ text }) => text === 'weight');
  const entry = { at, words: (index < 0 ? words : words.slice(0, index)).map(({ text }) => text) };
  if (index < 0) return entry;
  const [number, extra] = words.slice(index + 1);
  if (number === undefined) {
    findings.report('badValue', words[index] ?? at, 'weight needs a number; the line is ignored', 'write: weight N');
    return undefined;
  }
  if (extra !== undefined) findings.report('extraWords', extra, `${quote(extra.text)} after a weight has no effect`);
  const weight = readInteger(number, 'weight', { min: -MOST, max: MOST }, findings);
  return weight === undefined ? undefined : { ...entry, ...(weight === 0 ? {} : { weight }) };
}
