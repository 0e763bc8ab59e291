/**
 * Instances that an operator has made step down: last resort until they may resume. They stay backups that take over when
 * nobody else is there, and give way to anybody who is.
 */

import type { DirectorConfig, InstanceConfig } from '../config.js';
import { instanceAt, stepMember, type Fleet } from '../group.js';
import type { Turn } from './state.js';

/** The lowest that a router can have (RFC 5798 5.2.4). */
const LAST_RESORT = 1;

/** `names`: of instances; those of a sync group go together. */
export function withYielded(config: DirectorConfig, names: ReadonlySet<string>): DirectorConfig {
  if (names.size === 0) return config;
  const concerned = new Set(names);
  for (const { members } of config.groups) {
    if (members.some((member) => names.has(member))) for (const member of members) concerned.add(member);
  }
  return { ...config, instances: config.instances.map((instance) => (concerned.has(instance.name) ? yielded(instance) : instance)) };
}

function yielded(instance: InstanceConfig): InstanceConfig {
  return { ...instance, priority: LAST_RESORT, wantsMaster: false, yielded: { priority: instance.priority } };
}

/** Masters that have just been told to, and were not before: they say goodbye, and their groups with them. */
export function stepDown(fleet: Fleet, before: readonly InstanceConfig[], turn: Turn): void {
  const yieldedBefore = new Set(before.filter((config) => config.yielded !== undefined).map(({ name }) => name));
  for (const index of fleet.instances.keys()) {
    const { config, state } = instanceAt(fleet, index);
    if (config.yielded === undefined || yieldedBefore.has(config.name) || state.role !== 'master') continue;
    stepMember(fleet, index, { type: 'ordered', to: 'BACKUP', span: 'yield' }, turn);
  }
}
