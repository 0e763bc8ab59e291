/** The VRRP side of a plan: instances matched as the VRRP process matches them at a reload, and what they have as masters. */

import { addressText, routeText, ruleText } from '../../runtime/network-text.js';
import { routeKey } from '../../vrrp/adoption.js';
import { allBelongings, listOf, signature } from '../../vrrp/instance/belongings.js';
import type { Belonging } from '../../vrrp/instance/belongings.js';
import type { DirectorConfig, InstanceConfig } from '../../vrrp/config.js';
import { namedChanges } from './change.js';
import type { PlanChange } from './change.js';
import { fieldChanges } from './fields.js';
import { belongingCommand } from './kernel-commands.js';

export interface VrrpChanges {
  readonly changes: readonly PlanChange[];
  readonly rolesLost: readonly string[];
  readonly kernel: readonly string[];
}

const BELONGINGS: readonly (keyof InstanceConfig)[] = ['virtualAddresses', 'excludedAddresses', 'routes', 'rules'];

/** `masters`: names of the instances that are MASTER now. */
export function vrrpChanges(before: DirectorConfig, after: DirectorConfig, masters: ReadonlySet<string>): VrrpChanges {
  const pairs = matched(before.instances, after.instances);
  const gone = pairs.filter(({ after: next }) => next === undefined).flatMap(({ before: last }) => last ?? []);
  const rolesLost = gone.filter(({ name }) => masters.has(name)).map(({ name }) => name);
  const owned = pairs.flatMap(({ before: last, after: next }) => belongingChanges(last, next, last !== undefined && masters.has(last.name)));
  const fixed = belongingsOf(before, after);
  return {
    changes: [
      ...pairs.flatMap(({ before: last, after: next }) => instanceChange(last, next, masters)),
      ...namedChanges('group', before.groups, after.groups),
      ...directorChanges(before, after),
      ...[...owned, ...fixed].map(({ change }) => change),
    ],
    rolesLost,
    // What goes, goes first: an address may be moving from one instance to another.
    kernel: [...owned, ...fixed].flatMap(({ command, change }) => (command === undefined ? [] : [{ command, last: change.change === 'add' }])).sort((a, b) => Number(a.last) - Number(b.last)).map(({ command }) => command),
  };
}

interface Pair {
  readonly before?: InstanceConfig;
  readonly after?: InstanceConfig;
}

function matched(before: readonly InstanceConfig[], after: readonly InstanceConfig[]): readonly Pair[] {
  const wanted = new Map(after.map((next) => [routeKey(next), next]));
  const kept = new Set(before.map(routeKey));
  return [
    ...before.map((last) => ({ before: last, after: wanted.get(routeKey(last)) })),
    ...after.filter((next) => !kept.has(routeKey(next))).map((next) => ({ after: next })),
  ].map(({ before: last, after: next }: { readonly before?: InstanceConfig; readonly after?: InstanceConfig | undefined }) => ({
    ...(last === undefined ? {} : { before: last }),
    ...(next === undefined ? {} : { after: next }),
  }));
}

function instanceChange(before: InstanceConfig | undefined, after: InstanceConfig | undefined, masters: ReadonlySet<string>): readonly PlanChange[] {
  if (after === undefined) {
    if (before === undefined) return [];
    const remark = masters.has(before.name) ? 'it is MASTER and gives that up' : undefined;
    return [{ subject: 'instance', change: 'remove', name: before.name, fields: [], ...(remark === undefined ? {} : { remark }) }];
  }
  if (before === undefined) return [{ subject: 'instance', change: 'add', name: after.name, fields: [] }];
  const fields = fieldChanges(before, after, BELONGINGS);
  if (fields.length === 0) return [];
  const remark = masters.has(before.name) ? masterRemark(before, after) : undefined;
  return [{ subject: 'instance', change: 'change', name: before.name, fields, ...(remark === undefined ? {} : { remark }) }];
}

function masterRemark(before: InstanceConfig, after: InstanceConfig): string {
  if (after.unusable !== undefined) return 'it is MASTER and cannot work with this: FAULT';
  return after.priority < before.priority ? 'it is MASTER until a router with a better priority speaks' : 'it stays MASTER';
}

interface BelongingChange {
  readonly change: PlanChange;
  readonly command?: string;
}

function belongingChanges(before: InstanceConfig | undefined, after: InstanceConfig | undefined, isMaster: boolean): readonly BelongingChange[] {
  const present = before === undefined ? [] : listOf(allBelongings(before));
  const wanted = after === undefined ? [] : listOf(allBelongings(after));
  return differing(present, wanted, after?.name ?? before?.name, isMaster);
}

/** static_ipaddress and its sisters: there whoever is master. */
function belongingsOf(before: DirectorConfig, after: DirectorConfig): readonly BelongingChange[] {
  const all = ({ staticObjects }: DirectorConfig): readonly Belonging[] => (staticObjects === undefined ? [] : listOf(staticObjects));
  return differing(all(before), all(after), undefined, true);
}

/** `inKernel`: they are set now, or will be at once. */
function differing(before: readonly Belonging[], after: readonly Belonging[], of: string | undefined, inKernel: boolean): readonly BelongingChange[] {
  const present = new Set(before.map(signature));
  const wanted = new Set(after.map(signature));
  const change = (kind: 'add' | 'remove') => (belonging: Belonging): BelongingChange => ({
    change: { subject: subjectOf(belonging), change: kind, name: textOf(belonging), fields: [], ...(of === undefined ? {} : { of }) },
    ...(inKernel ? { command: belongingCommand(belonging, kind) } : {}),
  });
  return [
    ...before.filter((belonging) => !wanted.has(signature(belonging))).map(change('remove')),
    ...after.filter((belonging) => !present.has(signature(belonging))).map(change('add')),
  ];
}

function subjectOf(belonging: Belonging): 'address' | 'route' | 'rule' {
  return 'address' in belonging ? 'address' : 'destination' in belonging ? 'route' : 'rule';
}

function textOf(belonging: Belonging): string {
  if ('address' in belonging) return addressText(belonging);
  return 'destination' in belonging ? routeText(belonging) : ruleText(belonging);
}

function directorChanges(before: DirectorConfig, after: DirectorConfig): readonly PlanChange[] {
  const fields = fieldChanges(before, after, ['instances', 'groups', 'staticObjects', 'tracked']);
  const tracked = (['scripts', 'files', 'processes'] as const).flatMap((kind) =>
    namedChanges<{ readonly name: string }>('vrrp', before.tracked?.[kind] ?? [], after.tracked?.[kind] ?? []),
  );
  return [...(fields.length === 0 ? [] : [{ subject: 'vrrp' as const, change: 'change' as const, name: 'vrrp', fields }]), ...tracked];
}
