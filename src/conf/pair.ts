/**
 * Two directors side by side: what both files must say alike, and where they drift apart. Judges two finished models; the
 * findings (HF-7xx) stand in the first file and point into the second.
 */

import type { Diagnostic } from '../base/source.js';
import { orderDiagnostics } from './findings.js';
import { createPairFindings } from './pair/findings.js';
import type { PairSide } from './pair/findings.js';
import { compareGroups } from './pair/groups.js';
import { compareInstances } from './pair/instances.js';
import { comparePools } from './pair/pools.js';

export type { PairSide } from './pair/findings.js';

/** Everything both files should agree on and do not, in the order of the first file. */
export function comparePair(first: PairSide, second: PairSide): readonly Diagnostic[] {
  const findings = createPairFindings(first, second);
  const partners = compareInstances(first, second, findings);
  compareGroups(first, second, partners, findings);
  comparePools(first, second, findings);
  return orderDiagnostics(findings.all());
}
