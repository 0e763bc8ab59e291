/** flap_damping: route flap damping (RFC 2439) for real servers. */

import { micros, seconds } from '../../base/time.js';
import type { Micros } from '../../base/time.js';
import type { FlapDampingConfig } from '../../health/config.js';
import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote, readInteger, readSeconds } from './arguments.js';
import { custom } from './kinds.js';

/** Most penalty and most seconds that may be written. */
const MOST = 1_000_000;
const LONGEST_SECONDS = 86_400;

/** What routers use, with a half-life for servers: the third failure within it suppresses. */
const STANDARD = { halfLife: seconds(60), suppress: 2_000, reuse: 750 };
/** Of the longest suppression, in half-lives. */
const LONGEST = 4;

export const flapDamping = custom<FlapDampingConfig | 'off'>({
  doc: 'A server that keeps failing stays out: each failure adds 1000 to its penalty, which halves every half_life; above suppress it is out until the penalty is below reuse, at most for longest. Never at the cost of the quorum. Without words the defaults; off in a real_server.',
  default: 'off; half_life 60 suppress 2000 reuse 750 longest four half-lives',
  syntax: '[half_life SECS] [suppress N] [reuse N] [longest SECS] / off',
  example: 'flap_damping half_life 120 suppress 3000 reuse 1000',
  own: true,
  read(statement, { findings }) {
    const [keyword, ...words] = statement.words;
    if (words.length === 1 && words[0]?.text === 'off') return 'off';
    const asked = new Map<string, number>();
    for (let index = 0; index < words.length; index += 2) {
      const [option, value] = words.slice(index);
      const number = option === undefined ? undefined : readOption(option, value, findings);
      if (option === undefined || number === undefined) return undefined;
      asked.set(option.text, number);
    }
    const halfLife = (asked.get('half_life') ?? STANDARD.halfLife) as Micros;
    const config: FlapDampingConfig = {
      halfLife,
      suppress: asked.get('suppress') ?? STANDARD.suppress,
      reuse: asked.get('reuse') ?? STANDARD.reuse,
      longest: micros(asked.get('longest') ?? LONGEST * halfLife),
    };
    return keyword === undefined || !isUsable(config, keyword, findings) ? undefined : config;
  },
});

function readOption(option: Word, value: Word | undefined, findings: Findings): number | undefined {
  const isTime = option.text === 'half_life' || option.text === 'longest';
  if (!isTime && option.text !== 'suppress' && option.text !== 'reuse') {
    const message = `flap_damping: ${quote(option.text)} is not known; the line is ignored`;
    findings.report('badValue', option, message, 'write half_life, suppress, reuse or longest');
    return undefined;
  }
  if (value === undefined) {
    findings.report('badValue', option, `flap_damping: ${option.text} needs a number; the line is ignored`, `write: ${option.text} N`);
    return undefined;
  }
  if (isTime) return readSeconds(value, option.text, { min: 0.1, max: LONGEST_SECONDS }, findings, 'exact');
  return readInteger(value, option.text, { min: 1, max: MOST }, findings, 'exact');
}

function isUsable({ halfLife, suppress, reuse, longest }: FlapDampingConfig, at: Word, findings: Findings): boolean {
  if (reuse >= suppress) {
    findings.report('contradiction', at, `flap_damping: reuse ${reuse} must be below suppress ${suppress}; the line is ignored`, 'lower reuse');
    return false;
  }
  const ceiling = Math.round(reuse * 2 ** (longest / halfLife));
  if (ceiling > suppress) return true;
  const message = `flap_damping: with this longest the penalty never passes ${ceiling}, so that suppress ${suppress} is never reached; the line is ignored`;
  findings.report('contradiction', at, message, 'raise longest or lower suppress');
  return false;
}
