/**
 * Notices what somebody else does to tables of ours in the packet filter. A look asks for one number, the generation of the whole
 * rule set; only when that is another one are the tables read, and never for more than a small part of the time.
 */

import type { FilterNote } from '../../vrrp/host/device-notes.js';
import { KernelError } from '../kernel-error.js';
import { differenceText, generationNow, tableDifferences } from './filter-tables.js';
import type { FilterDifference, WantedTable } from './filter-tables.js';
import type { Netfilter } from './netfilter.js';

/** Between two looks, milliseconds. */
export const LOOK_EVERY = 1_000;
/** Where others change the packet filter all the time, reading it takes at most one part in so many. */
const SHARE = 20;
/** A look that took long, on a machine that had no time for it, is not waited for longer than this. Milliseconds. */
const LONGEST_REST = 10_000;
/** Named one by one. */
const MOST_NAMED = 10;

export class FilterWatch {
  #generation: number | undefined;
  #notBefore = 0;

  /** What differs from these tables; nothing when nobody has changed anything since the last look, or it cannot be told now. */
  look(netfilter: Netfilter, tables: () => readonly WantedTable[]): readonly FilterDifference[] {
    const begun = performance.now();
    if (begun < this.#notBefore) return [];
    const generation = generationNow(netfilter);
    if (generation !== undefined && generation === this.#generation) return [];
    const found: FilterDifference[] = [];
    for (const table of tables()) {
      const differences = tableDifferences(netfilter, table);
      if (differences instanceof KernelError) return [];
      found.push(...differences);
    }
    // Whoever was quicker than these questions is looked at again.
    if (generationNow(netfilter) !== generation) return [];
    const now = performance.now();
    this.#notBefore = now + Math.min((now - begun) * SHARE, LONGEST_REST);
    this.#generation = generation;
    return found;
  }
}

/** One for each table that was put back. */
export function repairNotes(differences: readonly FilterDifference[]): readonly FilterNote[] {
  return [...new Set(differences.map(({ table }) => table))].map((table) => {
    const own = differences.filter((difference) => difference.table === table);
    return { type: 'filterRepaired', table, count: own.length, named: own.slice(0, MOST_NAMED).map(differenceText) };
  });
}
