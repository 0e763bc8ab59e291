/** All that the keyword tables hold, so that configurations can be asked for which hold it. */

import type { BlockTable, Keywords } from '../../../src/conf/keywords/schema.js';
import { topLevel } from '../../../src/conf/keywords/top-level.js';

/** What must stand in a configuration, from the outermost block inwards: `BLOCK KEYWORD`, `BLOCK option WORD`. */
export type Demand = readonly string[];

/** net_namespace would need one on the machine. */
const NEVER: ReadonlySet<string> = new Set(['top-level net_namespace']);

/** Every keyword of every block once, with the blocks around it, and every option within a line. */
export const DEMANDS: readonly Demand[] = demandsOf(topLevel, [], new Set()).filter(([first = '']) => !NEVER.has(first));

function demandsOf(table: BlockTable<Keywords>, around: Demand, seen: Set<string>): readonly Demand[] {
  if (seen.has(table.name)) return [];
  seen.add(table.name);
  return Object.entries(table.keywords).flatMap(([key, { block, options }]) => {
    const demand = [...around, `${table.name} ${key}`];
    const words = Object.keys(options?.options ?? {}).map((word) => [...demand, `${options?.name ?? ''} option ${word}`]);
    return [demand, ...words, ...(block === undefined ? [] : demandsOf(block, demand, seen))];
  });
}
