/** All that VRRP is told: instances, groups, defaults. */

import { familyOf, isMulticast, parseAddress } from '../../base/address.js';
import type { Family, IpAddress } from '../../base/address.js';
import { given } from '../../base/given.js';
import { present } from '../../base/invariant.js';
import { micros } from '../../base/time.js';
import type { DirectorConfig, InstanceConfig } from '../../vrrp/config.js';
import type { Located, Values } from '../keywords/schema.js';
import type { topLevel } from '../keywords/top-level.js';
import { buildAnnouncementRates } from './announcements.js';
import type { BuiltInstance } from './built-instance.js';
import { blockName } from './context.js';
import type { Build } from './context.js';
import { buildFirewall } from './firewall.js';
import { buildAdvertBuffers } from './global-files.js';
import { buildInstance } from './instance.js';
import type { InstanceContext } from './instance.js';
import { buildLinkDelays, buildLinkPolling, buildTrackGroups } from './links.js';
import { buildStaticObjects } from './static-objects.js';
import { buildGroups, planGroups } from './sync-groups.js';
import { buildTrackers, usedTrackers } from './trackers.js';

type TopLevel = Values<(typeof topLevel)['keywords']>;

export function buildDirector(top: TopLevel, build: Build): DirectorConfig {
  const { globals } = build;
  const staticObjects = buildStaticObjects(top, build);
  const trackers = buildTrackers(top, build);
  const known = new Set(top.vrrp_instance.map(({ value }) => value.statement.words[1]?.text ?? ''));
  const plans = planGroups(top, build, known, trackers);
  const groups = new Map(plans.flatMap((plan) => plan.members.map((member) => [member, plan] as const)));
  const instances = buildInstances(top, build, { trackers, groups, deviceNames: new Map() });
  const linkDelays = buildLinkDelays(top, build, instances);
  const staticTrackGroups = buildTrackGroups(top, build, known);
  const configs = instances.map(({ config }) => config);
  return {
    instances: configs,
    groups: buildGroups(build, plans, instances),
    multicastGroup4: multicastGroup(build, globals.vrrp_mcast_group4, 'ipv4', '224.0.0.18'),
    multicastGroup6: multicastGroup(build, globals.vrrp_mcast_group6, 'ipv6', 'ff02::12'),
    ...(staticObjects === undefined ? {} : { staticObjects }),
    startupDelay: globals.vrrp_startup_delay?.value ?? micros(0),
    ...given({
      delayAfterBoot: globals.vrrp_delay_after_boot?.value,
      tracked: usedTrackers(trackers, build),
      staticTrackGroups: staticTrackGroups.length === 0 ? undefined : staticTrackGroups,
      linkDelays: linkDelays.length === 0 ? undefined : linkDelays,
      linkPolling: buildLinkPolling(top, build, instances),
      announcementRates: buildAnnouncementRates(top, build),
      firewall: buildFirewall(build, configs),
      advertBuffers: buildAdvertBuffers(build),
      dynamicInterfaces: globals.dynamic_interfaces?.value,
      disableLocalIgmp: globals.disable_local_igmp?.value,
      logUnknownVirtualRouterIds: globals.log_unknown_vrids?.value,
    }),
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

function buildInstances(top: TopLevel, build: Build, context: InstanceContext): readonly BuiltInstance[] {
  const names = new Set<string>();
  const built: BuiltInstance[] = [];
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
    const instance = buildInstance(build, name, located, context);
    if (instance === undefined) continue;
    build.origins?.instances.set(instance.config, located);
    built.push(instance);
  }
  checkVirtualRouterIds(build, built);
  return built;
}

/** Equal identities on one link would answer for each other: keepalived ends. */
function checkVirtualRouterIds(build: Build, instances: readonly BuiltInstance[]): void {
  // Which interface an instance has shows later then.
  if (build.globals.dynamic_interfaces?.value === 'anyKind') return;
  const taken = new Map<string, BuiltInstance>();
  for (const instance of instances) {
    const { config } = instance;
    const identities = identitiesOf(config);
    const rival = identities.map((identity) => taken.get(identity)).find((other) => other !== undefined);
    if (rival === undefined) {
      for (const identity of identities) taken.set(identity, instance);
      continue;
    }
    const where = `${rival.virtualRouterIdAt.file}:${rival.virtualRouterIdAt.line}`;
    const { virtualRouterId: id, family, interface: device, unicast } = config;
    const link = `${family === 'ipv4' ? 'IPv4' : 'IPv6'}${device === '' ? '' : ` on ${device}`}${unicast === undefined ? '' : ' and a peer in common'}`;
    build.findings.report(
      'virtualRouterIdTaken',
      instance.virtualRouterIdAt,
      `${rival.name.text} and ${instance.name.text} both use virtual router id ${id} with ${link}`,
      `choose another one; the first is at ${where}`,
    );
  }
}

/** Whoever shares one of these with another instance hears its adverts as its own: multicast a link, unicast a peer. */
function identitiesOf({ interface: device, family, virtualRouterId, unicast }: InstanceConfig): readonly string[] {
  const link = `${device} ${family} ${virtualRouterId}`;
  return unicast === undefined ? [link] : unicast.peers.map(({ address }) => `${link} ${address}`);
}
