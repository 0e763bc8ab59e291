/** "Did you mean": the known word with the fewest typing errors. */

/** The candidate within a third of the word's length of edits (swapped neighbours count once); undefined when none is. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  // Longer than any keyword: nobody mistyped one into this.
  if (word.length > 64) return undefined;
  const folded = fold(word);
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(folded, foldCandidate(candidate), fewest);
    if (distance < fewest) {
      fewest = distance;
      best = candidate;
    }
  }
  return best;
}

/** Case, dashes and characters beyond ASCII are not what a keyword differs by. */
function fold(word: string): string {
  return word.toLowerCase().replaceAll('-', '_').replaceAll(/[^ -~]/g, '');
}

/** Candidates are known words, asked for again and again. */
function foldCandidate(candidate: string): string {
  let folded = FOLDED.get(candidate);
  if (folded === undefined) {
    folded = fold(candidate);
    FOLDED.set(candidate, folded);
  }
  return folded;
}

const FOLDED = new Map<string, string>();

/** Optimal string alignment distance; gives up with `limit` as soon as it cannot be less. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    let smallest = i;
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
      smallest = Math.min(smallest, cost);
    }
    if (smallest >= limit) return limit;
    beforeLast = last;
    last = row;
  }
  return Math.min(last[b.length] ?? limit, limit);
}
