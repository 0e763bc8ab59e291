/** bfd_instance, and the lines by which instances and groups track one. */

import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote, readInteger } from './arguments.js';
import { address, bool, custom, entries, flag, integer, milliseconds } from './kinds.js';
import { blockTable } from './schema.js';
import { SESSION_WEIGHT, trackOptions } from './tracks.js';

/** Milliseconds whose microseconds fit 32 bits. */
const LONGEST = 4_294_967;
const WEIGHTS = { min: -253, max: 253 };

export interface BfdWeight {
  readonly weight: number;
  readonly reverse: boolean;
}

export const bfdInstance = blockTable('bfd_instance', {
  neighbor_ip: {
    ...address({ doc: 'Address of the peer.', default: 'required', aliases: ['neighbour_ip'] }),
    example: 'neighbor_ip 192.0.2.2',
  },
  source_ip: {
    ...address({ doc: 'Own address.', default: 'chosen by the kernel' }),
    example: 'source_ip 192.0.2.1',
  },
  min_rx: milliseconds({
    doc: 'Smallest interval at which packets can be received.',
    default: '10',
    min: 1,
    max: LONGEST,
  }),
  min_tx: milliseconds({
    doc: 'Interval at which packets are sent while the session is up.',
    default: '10',
    min: 1,
    max: LONGEST,
  }),
  idle_tx: milliseconds({
    doc: 'Interval at which packets are sent while the session is not up.',
    default: '1000',
    min: 1_000,
    max: LONGEST,
  }),
  multiplier: integer(
    { doc: 'Packets that may be missed before the session counts as down.', default: '5', min: 1, max: 255 },
    'exact',
  ),
  passive: flag({ doc: 'Send nothing before the peer has spoken.', default: 'off' }),
  ttl: integer(
    {
      doc: 'TTL or hop limit of what is sent.',
      default: '255; an IPv6 peer may send 64',
      aliases: ['hoplimit'],
      min: 1,
      max: 255,
      },
    'exact',
  ),
  max_hops: integer(
    {
      doc: 'Hops that a received packet may have travelled; -1 = not checked.',
      default: '0',
      min: -1,
      max: 255,
      },
    'exact',
  ),
  multihop: bool({ doc: 'Use port 4784 (RFC 5883) in place of 3784.', default: 'off' }),
  weight: custom<BfdWeight>({
    doc: 'Priority change of instances that track the session without a weight of their own; 0 = FAULT while it is down.',
    syntax: 'N [reverse]',
    default: '0',
    ...WEIGHTS,
    example: 'weight -20',
    read({ words }, { findings }) {
      const [keyword, number, option] = words;
      if (keyword === undefined) return undefined;
      if (number === undefined) {
        findings.report('missingParameter', keyword, 'weight needs a value', 'keepalived stops at such a line');
        return undefined;
      }
      return readWeight('weight', number, option, ['reverse'], findings);
    },
  }),
  vrrp: flag({ doc: 'Tell VRRP of changes; without checker, VRRP only.', default: 'both are told' }),
  checker: flag({ doc: 'Tell the checkers of changes; without vrrp, the checkers only.', default: 'both are told' }),
});

/** Undefined weight: the session's own counts. */
export interface BfdTrackEntry extends Partial<BfdWeight> {
  readonly at: Word;
  readonly name: string;
}

export const trackBfd = entries({
  doc: 'BFD sessions that matter; weight 0 = FAULT while one is down.',
  example: 'track_bfd {\n  session1 weight -20\n}',
  line: 'NAME [weight N [reverse / noreverse]]',
  entry: readTrackedBfd,
  options: trackOptions('track_bfd', 253, ['reverse', 'noreverse'], 'that of the session', SESSION_WEIGHT),
});

/** Reads `NAME [weight N [reverse | noreverse]]`. keepalived drops the line at anything it does not understand. */
function readTrackedBfd(words: readonly Word[], findings: Findings): BfdTrackEntry | undefined {
  const [name, option, number, turn, extra] = words;
  if (name === undefined || option === undefined) return name === undefined ? undefined : { at: name, name: name.text };
  if (option.text !== 'weight') {
    findings.report(
      'badValue',
      option,
      `${quote(option.text)} is no option of a tracked BFD session; the line is ignored`,
      'write: weight N',
    );
    return undefined;
  }
  if (number === undefined) {
    findings.report('badValue', option, 'weight needs a number; the line is ignored', 'write: weight N');
    return undefined;
  }
  if (extra !== undefined) {
    findings.report('badValue', extra, `${quote(extra.text)} is no option of a tracked BFD session; it is ignored`);
  }
  const weight = readWeight('weight', number, turn, ['reverse', 'noreverse'], findings);
  return weight === undefined ? undefined : { at: name, name: name.text, ...weight };
}

function readWeight(
  what: string,
  number: Word,
  option: Word | undefined,
  options: readonly string[],
  findings: Findings,
): BfdWeight | undefined {
  const weight = readInteger(number, what, WEIGHTS, findings, 'exact');
  if (option !== undefined && !options.includes(option.text)) {
    findings.report('badValue', option, `${quote(option.text)} after ${what} is not known; it is ignored`, `write ${options.join(' or ')}`);
  }
  return weight === undefined ? undefined : { weight, reverse: option?.text === 'reverse' };
}
