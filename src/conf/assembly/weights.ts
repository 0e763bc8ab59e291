/**
 * Where weights cannot count: with an address owner, whose priority never moves, and with the members of a sync group that
 * does not ask for them. And the trackers that a member shares with its group.
 */

import type { Word } from '../cst.js';
import type { Build } from './context.js';
import type { Reference } from './tracker.js';
import type { References } from './tracks.js';

/** A file's weight unless it is given: such a line means fault or no fault to a member whose weights do not count. */
const FILE_WEIGHT = 1;

export interface MemberOf {
  readonly name: string;
  readonly weightsCount: boolean;
  readonly references: References;
}

/**
 * What is left of an instance's trackers. keepalived leaves weighted ones out, except that processes are not looked at and
 * files of the usual weight lose it.
 */
export function instanceWeights(
  build: Build,
  instance: { readonly name: Word; readonly priority: number },
  references: References,
  group: MemberOf | undefined,
): References {
  const counting = withoutWeights(build, instance, references, group);
  return group === undefined ? counting : withoutShared(build, instance.name, counting, group);
}

function withoutWeights(
  build: Build,
  instance: { readonly name: Word; readonly priority: number },
  alone: References,
  group: MemberOf | undefined,
): References {
  const why = reasonAgainstWeights(instance.priority, group);
  if (why === undefined) return alone;
  const drop = (reference: Pick<Reference, 'at' | 'name' | 'weight'>, hint: string): boolean => {
    if (reference.weight === 0) return false;
    const message = `(${instance.name.text}) ${reference.name}: ${why.text}; the line is ignored`;
    build.findings.report('contradiction', reference.at, message, hint);
    return true;
  };
  return {
    interfaces: alone.interfaces.filter((reference) => !drop(reference, why.hint)),
    scripts: alone.scripts.filter((reference) => !drop(reference, why.hint)),
    files: alone.files.flatMap((reference) => {
      if (instance.priority === 255 || reference.weight !== FILE_WEIGHT) return drop(reference, why.hint) ? [] : [reference];
      const message = `(${instance.name.text}) ${reference.name}: ${why.text}; it counts with weight 0`;
      build.findings.report('contradiction', reference.at, message, 'write: weight 0');
      return [{ ...reference, weight: 0 }];
    }),
    processes: alone.processes,
    bfd: alone.bfd.filter((reference) => !drop(reference, why.hint)),
    // Without a weight too they count by priority alone.
    virtualServers: alone.virtualServers.filter(({ at, name, weight = 1 }) => !drop({ at, name, weight }, why.hint)),
  };
}

/** A group with an owner among its members: weights become 0. */
export function groupWeights(build: Build, group: Word, references: References, priorities: readonly number[]): References {
  if (!priorities.includes(255)) return references;
  for (const { at, name } of references.virtualServers) {
    const message = `(${group.text}) ${name}: a member has priority 255, which nothing can lower; the line is ignored`;
    build.findings.report('contradiction', at, message, 'remove the line');
  }
  const clear = (reference: Reference): Reference => {
    if (reference.weight === 0) return reference;
    const message = `(${group.text}) ${reference.name}: a member has priority 255, so that weights cannot count; it counts with weight 0`;
    build.findings.report('contradiction', reference.at, message, 'write: weight 0');
    return { ...reference, weight: 0 };
  };
  return {
    interfaces: references.interfaces.map(clear),
    scripts: references.scripts.map(clear),
    files: references.files.map(clear),
    processes: references.processes.map(clear),
    bfd: references.bfd.map((tracked) => ({ ...tracked, weight: 0 })),
    virtualServers: [],
  };
}

function reasonAgainstWeights(
  priority: number,
  group: MemberOf | undefined,
): { readonly text: string; readonly hint: string } | undefined {
  if (priority === 255) return { text: 'weights do not work with priority 255', hint: 'write: weight 0, or a priority below 255' };
  if (group === undefined || group.weightsCount) return undefined;
  return {
    text: 'weights do not count for members of a sync group',
    hint: 'write sync_group_tracking_weight into the group',
  };
}

/** The group's line counts for the member too. */
function withoutShared(build: Build, instance: Word, references: References, group: MemberOf): References {
  const keep = (own: readonly Reference[], shared: readonly Reference[], kind: 'contradiction' | 'uselessLine'): readonly Reference[] =>
    own.filter((reference) => {
      if (!shared.some(({ name }) => name === reference.name)) return true;
      const message = `(${instance.text}) ${reference.name} is tracked by group ${group.name} too; the line is ignored`;
      build.findings.report(kind, reference.at, message, `remove it here or in ${group.name}`);
      return false;
    });
  return {
    interfaces: keep(references.interfaces, group.references.interfaces, 'contradiction'),
    scripts: keep(references.scripts, group.references.scripts, 'uselessLine'),
    files: keep(references.files, group.references.files, 'uselessLine'),
    processes: keep(references.processes, group.references.processes, 'uselessLine'),
    bfd: references.bfd.filter(({ name }) => !group.references.bfd.some((shared) => shared.name === name)),
    virtualServers: references.virtualServers.filter(({ at, name }) => {
      if (!group.references.virtualServers.some((shared) => shared.name === name)) return true;
      const message = `(${instance.text}) ${name} is tracked by group ${group.name} too; the line is ignored`;
      build.findings.report('uselessLine', at, message, `remove it here or in ${group.name}`);
      return false;
    }),
  };
}
