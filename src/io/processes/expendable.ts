/** Whom the kernel ends first when memory runs out: who can be missed for a while goes before who holds addresses. */

import { readFileSync, writeFileSync } from 'node:fs';

const SCORE = '/proc/self/oom_score_adj';
/** OOM_SCORE_ADJ_MAX. */
const MOST = 1_000;

/**
 * This process goes before its parent and its siblings, by `points` of proc(5)'s oom_score_adj; its children inherit that.
 * Anybody may raise his own; where it cannot be done nothing changes.
 */
export function makeExpendable(points: number): void {
  try {
    const own = Number(readFileSync(SCORE, 'utf8'));
    writeFileSync(SCORE, String(Math.min(own + points, MOST)));
  } catch {
    // Without /proc all are alike to the kernel.
  }
}
