/** vrrp_sync_group blocks: who belongs together, before the instances are built, and the groups themselves after. */

import type { NotifyScripts, SyncGroupConfig } from '../../vrrp/config.js';
import type { Word } from '../cst.js';
import type { Section } from '../keywords/kinds.js';
import type { Located, Values } from '../keywords/schema.js';
import type { topLevel } from '../keywords/top-level.js';
import type { vrrpSyncGroup } from '../keywords/vrrp-sync-group.js';
import { blockName } from './context.js';
import type { Build } from './context.js';
import type { BuiltInstance } from './built-instance.js';
import { buildNotify, buildNotifyOptions } from './notify.js';
import type { Trackers } from './trackers.js';
import { resolveTracks, trackedInterfacesOf, tracksOf } from './tracks.js';
import type { References } from './tracks.js';
import { groupWeights } from './weights.js';

type TopLevel = Values<(typeof topLevel)['keywords']>;
type GroupSection = Located<Section<(typeof vrrpSyncGroup)['keywords']>>;

/** A group that will be, with members that are in the text. */
export interface GroupPlan {
  readonly name: Word;
  readonly located: GroupSection;
  readonly members: readonly string[];
  readonly references: References;
  readonly weightsCount: boolean;
  readonly notify: NotifyScripts;
}

/** `known`: names of the instances in the text. Groups without members and second ones of a name are left out. */
export function planGroups(top: TopLevel, build: Build, known: ReadonlySet<string>, trackers: Trackers): readonly GroupPlan[] {
  const { findings } = build;
  const memberOf = new Map<string, string>();
  const plans = new Map<string, GroupPlan>();
  for (const located of top.vrrp_sync_group) {
    const { statement, values } = located.value;
    const name = blockName(statement, findings);
    if (name === undefined) continue;
    if (plans.has(name.text)) {
      const message = `there is a vrrp_sync_group ${name.text} already; this block is skipped`;
      findings.report('duplicateName', name, message, 'rename one of them');
      continue;
    }
    // First, because scripts count for script security even where the group has no members.
    const notify = buildNotify(build, values);
    const members = membersOf(build, name, values.group?.value ?? [], known, memberOf);
    if (members.length === 0) {
      const message = `vrrp_sync_group ${name.text} has no members; it is ignored`;
      findings.report('badGroup', name, message, 'write: group { INSTANCE ... }');
      continue;
    }
    if (members.length === 1) {
      const message = `vrrp_sync_group ${name.text} has only one member`;
      findings.report('badGroup', name, message, 'add the other instances or remove the group');
    }
    const references = resolveTracks(build, name, values, trackers);
    const weightsCount = values.sync_group_tracking_weight !== undefined;
    plans.set(name.text, { name, located, members, references, weightsCount, notify });
  }
  return [...plans.values()];
}

function membersOf(
  build: Build,
  group: Word,
  words: readonly Word[],
  known: ReadonlySet<string>,
  memberOf: Map<string, string>,
): readonly string[] {
  const members: string[] = [];
  for (const member of words) {
    const elsewhere = memberOf.get(member.text);
    if (!known.has(member.text)) {
      const message = `there is no vrrp_instance ${member.text}; it is left out of group ${group.text}`;
      build.findings.report('badGroup', member, message);
    } else if (elsewhere !== undefined) {
      const message = `${member.text} is in group ${elsewhere} already and cannot be in ${group.text} too; it is left out`;
      build.findings.report('badGroup', member, message);
    } else {
      memberOf.set(member.text, group.text);
      members.push(member.text);
    }
  }
  return members;
}

export function buildGroups(build: Build, plans: readonly GroupPlan[], instances: readonly BuiltInstance[]): readonly SyncGroupConfig[] {
  const byName = new Map(instances.map((instance) => [instance.name.text, instance]));
  return plans.map((plan) => {
    const members = plan.members.flatMap((member) => byName.get(member) ?? []);
    checkMembers(build, plan, members);
    const priorities = members.map(({ config }) => config.priority);
    const references = groupWeights(build, plan.name, plan.references, priorities);
    const { values } = plan.located.value;
    const options = buildNotifyOptions(build, values);
    const tracks = tracksOf(references);
    const group: SyncGroupConfig = {
      name: plan.name.text,
      members: plan.members,
      ...(plan.weightsCount ? { trackingWeight: true } : {}),
      notify: plan.notify,
      ...(options === undefined ? {} : { notifyOptions: options }),
      ...(references.interfaces.length === 0 ? {} : { trackInterfaces: trackedInterfacesOf(references) }),
      ...(tracks === undefined ? {} : { tracks }),
    };
    build.origins?.groups.set(group, plan.located);
    return group;
  });
}

/** Members change state together: what would part them is told. */
function checkMembers(build: Build, { name, references }: GroupPlan, members: readonly BuiltInstance[]): void {
  const owners = members.filter(({ config }) => config.priority === 255);
  const [owner] = owners;
  if (owner !== undefined && owners.length < members.length) {
    const message = `(${name.text}) ${owner.name.text} is an address owner (priority 255) and other members are not`;
    build.findings.report('badGroup', name, message, 'give all members priority 255 or none');
  }
  for (const { config, name: member } of members) {
    const own = references.interfaces.find((reference) => reference.name === config.interface);
    if (own === undefined) continue;
    const message = `(${member.text}) ${own.name} is its own interface and tracked by group ${name.text} too`;
    build.findings.report('contradiction', own.at, message, 'remove it from the group');
  }
}
