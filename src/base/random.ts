/** Seeded randomness (mulberry32): the seed lives in a machine's state, so a run can be replayed. */

export interface Draw {
  /** In [0, 1). */
  readonly value: number;
  readonly seed: number;
}

/** The next value and the seed that follows it. */
export function nextRandom(seed: number): Draw {
  const next = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(next ^ (next >>> 15), 1 | next);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return { value: ((t ^ (t >>> 14)) >>> 0) / 4294967296, seed: next };
}
