/**
 * What `holdfast explain HF-nnn`, the manual and the rules of SARIF say about each kind of finding.
 *
 * Whoever adds a kind to catalog.ts adds an entry to the file of its hundred in `explanations/`; without one this file does
 * not compile. The example is loaded by test/conf/explanations.test.ts and must give that finding and no other.
 */

import type { FindingKind } from './catalog.js';
import type { Explanation } from './explanations/explanation.js';
import { KEYWORDS } from './explanations/keywords.js';
import { LINTS } from './explanations/lints.js';
import { LVS } from './explanations/lvs.js';
import { PAIR } from './explanations/pair.js';
import { TEXT } from './explanations/text.js';
import { VRRP } from './explanations/vrrp.js';
import { VRRP_SETUPS } from './explanations/vrrp-setups.js';

export const EXPLANATIONS: Readonly<Record<FindingKind, Explanation>> = {
  ...TEXT,
  ...KEYWORDS,
  ...VRRP,
  ...VRRP_SETUPS,
  ...LVS,
  ...LINTS,
  ...PAIR,
} satisfies Record<FindingKind, Explanation>;
