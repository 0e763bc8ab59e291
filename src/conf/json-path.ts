/** The path of a member of a JSON text, as json_path has it. */

import type { JsonDemand } from '../health/config-check.js';

/** `status.list[0].state`: undefined when it is no path. A name may have any character but the point and brackets. */
export function parseJsonPath(text: string): JsonDemand['path'] | undefined {
  const path: (string | number)[] = [];
  for (const part of text.split('.')) {
    const [, name = '', indexes = ''] = /^([^[\]]*)((?:\[\d{1,9}\])*)$/.exec(part) ?? [];
    if (name === '' && indexes === '') return undefined;
    if (name !== '') path.push(name);
    for (const [, index] of indexes.matchAll(/\[(\d+)\]/g)) path.push(Number(index));
  }
  return path;
}
