/** Blocks of the outermost level about the links of the host: interface_up_down_delays and linkbeat_interfaces. */

import type { Micros } from '../../base/time.js';
import { micros } from '../../base/time.js';
import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote, readSeconds } from './arguments.js';
import { entries, flag } from './kinds.js';

/** One line of interface_up_down_delays. */
export interface DelayEntry {
  readonly at: Word;
  readonly interface: string;
  readonly down: Micros;
  readonly up: Micros;
}

const RANGE = { min: 0, max: 255 };

/** Reads `IF DOWN [UP]`. UP is 0 when it is left out, whatever the manual of keepalived says. */
function readDelay(words: readonly Word[], findings: Findings): DelayEntry | undefined {
  const [name, down, up, extra] = words;
  if (name === undefined) return undefined;
  if (down === undefined) {
    findings.report('uselessLine', name, `no delay is given for ${name.text}; the line has no effect`, 'write: IF DOWN UP');
    return { at: name, interface: name.text, down: micros(0), up: micros(0) };
  }
  if (extra !== undefined) findings.report('extraWords', extra, `${quote(extra.text)} behind the delays has no effect`);
  const downDelay = readSeconds(down, 'down delay', RANGE, findings);
  const upDelay = up === undefined ? micros(0) : readSeconds(up, 'up delay', RANGE, findings);
  if (downDelay === undefined || upDelay === undefined) return undefined;
  return { at: name, interface: name.text, down: downDelay, up: upDelay };
}

/** One line of linkbeat_interfaces. */
export interface LinkbeatEntry {
  readonly at: Word;
  readonly interface: string;
  readonly method?: 'mii' | 'ethtool' | 'ioctl';
}

const METHODS = { MII: 'mii', ETHTOOL: 'ethtool', IOCTL: 'ioctl' } as const;

function readLinkbeat(words: readonly Word[], findings: Findings): LinkbeatEntry | undefined {
  const [name, method, extra] = words;
  if (name === undefined) return undefined;
  const plain = { at: name, interface: name.text };
  if (method === undefined) return plain;
  const known = extra === undefined && method.text in METHODS ? METHODS[method.text as keyof typeof METHODS] : undefined;
  if (known !== undefined) return { ...plain, method: known };
  const odd = extra ?? method;
  findings.report('badValue', odd, `${quote(odd.text)} behind ${name.text} is not known; it is ignored`, 'write MII, ETHTOOL or IOCTL');
  return plain;
}

export const linkKeywords = {
  linkbeat_use_polling: flag({
    doc: 'Ask for the links of all interfaces that matter every second.',
    default: 'off: the kernel tells',
  }),
  interface_up_down_delays: entries({
    doc: 'How long a link must be down, and up, before it counts.',
    example: 'interface_up_down_delays {\n  eth0 0.5 2\n}',
    line: 'IF DOWN [UP]',
    entry: readDelay,
  }),
  linkbeat_interfaces: entries({
    doc: 'Interfaces whose link is asked for every second instead of trusted to the kernel to tell.',
    example: 'linkbeat_interfaces {\n  eth0 MII\n}',
    line: 'IF [MII / ETHTOOL / IOCTL]',
    entry: readLinkbeat,
  }),
} as const;
