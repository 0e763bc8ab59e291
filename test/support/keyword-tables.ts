/** Every keyword table there is, found from the outermost level down. */

import type { BlockTable, Keywords } from '../../src/conf/keywords/schema.js';
import { topLevel } from '../../src/conf/keywords/top-level.js';

export function keywordTables(): readonly BlockTable<Keywords>[] {
  const found = new Map<string, BlockTable<Keywords>>();
  const visit = (table: BlockTable<Keywords>): void => {
    if (found.has(table.name)) return;
    found.set(table.name, table);
    for (const { block } of Object.values(table.keywords)) if (block !== undefined) visit(block);
  };
  visit(topLevel);
  return [...found.values()];
}
