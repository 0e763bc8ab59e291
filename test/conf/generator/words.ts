/** Every keyword that stands in a table, for slips that put one where it does not belong. */

import type { BlockTable, Keywords } from '../../../src/conf/keywords/schema.js';

/** The tables reached from one, itself first, each name once. */
export function tablesOf(table: BlockTable<Keywords>, found = new Map<string, BlockTable<Keywords>>()): ReadonlyMap<string, BlockTable<Keywords>> {
  if (found.has(table.name)) return found;
  found.set(table.name, table);
  for (const { block } of Object.values(table.keywords)) if (block !== undefined) tablesOf(block, found);
  return found;
}

export function wordsOf(table: BlockTable<Keywords>): readonly string[] {
  return [...new Set([...tablesOf(table).values()].flatMap(({ keywords }) => Object.keys(keywords)))];
}
