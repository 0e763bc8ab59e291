/** One thing that a reload would change. */

import { fieldChanges } from './fields.js';
import type { FieldChange } from './fields.js';

export interface PlanChange {
  readonly subject:
    | 'global' | 'process' | 'instance' | 'group' | 'address' | 'route' | 'rule' | 'vrrp' | 'bfdSession'
    | 'virtualServer' | 'realServer' | 'pool';
  readonly change: 'add' | 'remove' | 'change';
  readonly name: string;
  /** The instance of an address, the virtual server of a server. */
  readonly of?: string;
  readonly fields: readonly FieldChange[];
  /** What an operator should know of it. */
  readonly remark?: string;
}

/** Of things that have a name of their own. */
export function namedChanges<T extends { readonly name: string }>(subject: PlanChange['subject'], before: readonly T[], after: readonly T[]): readonly PlanChange[] {
  const present = new Map(before.map((each) => [each.name, each]));
  const wanted = new Set(after.map(({ name }) => name));
  return [
    ...before.filter(({ name }) => !wanted.has(name)).map(({ name }): PlanChange => ({ subject, change: 'remove', name, fields: [] })),
    ...after.flatMap((next): readonly PlanChange[] => {
      const now = present.get(next.name);
      if (now === undefined) return [{ subject, change: 'add', name: next.name, fields: [] }];
      const fields = fieldChanges(now, next);
      return fields.length === 0 ? [] : [{ subject, change: 'change', name: next.name, fields }];
    }),
  ];
}
