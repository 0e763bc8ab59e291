/** All that VRRP is told: instances, groups, defaults. */

import { familyOf, parseAddress } from '../../base/address.js';
import type { Family, IpAddress } from '../../base/address.js';
import { present } from '../../base/invariant.js';
import { micros } from '../../base/time.js';
import type { DirectorConfig, SyncGroupConfig } from '../../vrrp/config.js';
import { isMulticast } from '../keywords/arguments.js';
import type { Located, Values } from '../keywords/schema.js';
import type { topLevel } from '../keywords/top-level.js';
import { buildTrackedBfd } from './bfd.js';
import { blockName } from './context.js';
import type { Build } from './context.js';
import { buildInstance, buildNotify } from './instance.js';
import type { BuiltInstance } from './instance.js';

type TopLevel = Values<(typeof topLevel)['keywords']>;

export function buildDirector(top: TopLevel, build: Build): DirectorConfig {
  const { globals } = build;
  const instances = buildInstances(top, build);
  return {
    instances: instances.map(({ config }) => config),
    groups: buildGroups(top, build, instances),
    multicastGroup4: multicastGroup(build, globals.vrrp_mcast_group4, 'ipv4', '224.0.0.18'),
    multicastGroup6: multicastGroup(build, globals.vrrp_mcast_group6, 'ipv6', 'ff02::12'),
    startupDelay: globals.vrrp_startup_delay?.value ?? micros(0),
  };
}

function multicastGroup(build: Build, located: Located<IpAddress> | undefined, family: Family, otherwise: string): IpAddress {
  const standard = present(parseAddress(otherwise), 'the default is an address');
  if (located === undefined) return standard;
  if (familyOf(located.value) === family && isMulticast(located.value)) return located.value;
  build.findings.report(
    'badAddress',
    located.at,
    `${located.value} is no multicast address of this family; ${otherwise} is used`,
  );
  return standard;
}

function buildInstances(top: TopLevel, build: Build): readonly BuiltInstance[] {
  const names = new Set<string>();
  const built: BuiltInstance[] = [];
  const unweighted = membersWithoutWeights(top);
  for (const located of top.vrrp_instance) {
    const name = blockName(located.value.statement, build.findings);
    if (name === undefined) continue;
    if (names.has(name.text)) {
      build.findings.report(
        'duplicateName',
        name,
        `there is a vrrp_instance ${name.text} already; this block is skipped`,
        'rename one of them',
      );
      continue;
    }
    names.add(name.text);
    const instance = buildInstance(build, name, located, !unweighted.has(name.text));
    if (instance === undefined) continue;
    build.origins?.instances.set(instance.config, located);
    built.push(instance);
  }
  checkVirtualRouterIds(build, built);
  return built;
}

/** Members of groups that do not ask for weights. */
function membersWithoutWeights(top: TopLevel): ReadonlySet<string> {
  const groups = top.vrrp_sync_group.filter(({ value }) => value.values.sync_group_tracking_weight === undefined);
  return new Set(groups.flatMap(({ value }) => (value.values.group?.value ?? []).map(({ text }) => text)));
}

/** Equal identities on one link would answer for each other: keepalived ends. */
function checkVirtualRouterIds(build: Build, instances: readonly BuiltInstance[]): void {
  const taken = new Map<string, BuiltInstance>();
  for (const instance of instances) {
    const { interface: device, family, virtualRouterId } = instance.config;
    const key = `${device} ${family} ${virtualRouterId}`;
    const other = taken.get(key);
    if (other === undefined) {
      taken.set(key, instance);
      continue;
    }
    const where = `${other.virtualRouterIdAt.file}:${other.virtualRouterIdAt.line}`;
    const link = `${family === 'ipv4' ? 'IPv4' : 'IPv6'} on ${device}`;
    const message = `${other.name.text} and ${instance.name.text} both use virtual router id ${virtualRouterId} with ${link}`;
    build.findings.report(
      'virtualRouterIdTaken',
      instance.virtualRouterIdAt,
      message,
      `choose another one; the first is at ${where}`,
    );
  }
}

function buildGroups(top: TopLevel, build: Build, instances: readonly BuiltInstance[]): readonly SyncGroupConfig[] {
  const { findings } = build;
  const known = new Set(instances.map(({ config }) => config.name));
  const memberOf = new Map<string, string>();
  const groups = new Map<string, SyncGroupConfig>();
  for (const located of top.vrrp_sync_group) {
    const { value } = located;
    const name = blockName(value.statement, findings);
    if (name === undefined) continue;
    if (groups.has(name.text)) {
      findings.report(
        'duplicateName',
        name,
        `there is a vrrp_sync_group ${name.text} already; this block is skipped`,
        'rename one of them',
      );
      continue;
    }
    const notify = buildNotify(build, value.values);
    const members: string[] = [];
    for (const member of value.values.group?.value ?? []) {
      const elsewhere = memberOf.get(member.text);
      if (!known.has(member.text)) {
        findings.report(
          'badGroup',
          member,
          `there is no vrrp_instance ${member.text}; it is left out of group ${name.text}`,
        );
      } else if (elsewhere !== undefined) {
        findings.report(
          'badGroup',
          member,
          `${member.text} is in group ${elsewhere} already and cannot be in ${name.text} too; it is left out`,
        );
      } else {
        memberOf.set(member.text, name.text);
        members.push(member.text);
      }
    }
    if (members.length === 0) {
      findings.report(
        'badGroup',
        name,
        `vrrp_sync_group ${name.text} has no members; it is ignored`,
        'write: group { INSTANCE ... }',
      );
      continue;
    }
    if (members.length === 1) {
      findings.report(
        'badGroup',
        name,
        `vrrp_sync_group ${name.text} has only one member`,
        'add the other instances or remove the group',
      );
    }
    const trackedBfd = buildTrackedBfd(build, name, value.values.track_bfd);
    const group: SyncGroupConfig = {
      name: name.text,
      members,
      notify,
      ...(trackedBfd === undefined ? {} : { tracks: { bfd: trackedBfd } }),
    };
    build.origins?.groups.set(group, located);
    groups.set(name.text, group);
  }
  return [...groups.values()];
}
