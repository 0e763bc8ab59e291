/**
 * A configuration as it was understood, as text (-d): the sections and keys of keepalived's own listing where it has one for
 * the same thing. Nothing that changes while a daemon runs is in it; that is in vrrp-data-text.ts and lvs-data-text.ts.
 */

import type { BfdSession } from '../bfd/config.js';
import type { Model } from '../conf/model.js';
import type { StaticTrackGroupConfig } from '../vrrp/config/track.js';
import type { StaticEntry } from '../vrrp/config.js';
import { optional, section } from './dump-lines.js';
import { globalLines } from './global-text.js';
import { groupLines, instanceLines } from './instance-text.js';
import { addressText, routeText, ruleText } from './network-text.js';
import { checkersOf, groupedLines, serviceLines } from './service-text.js';
import { fileLines, processLines, scriptLines } from './tracker-text.js';

/** One element a line. Passwords and keys are left out: logs have many readers. */
export function modelLines({ global, bfd, director, pool }: Model): readonly string[] {
  const { scripts = [], files = [], processes = [] } = director.tracked ?? {};
  const { staticObjects } = director;
  return [
    ...section('Global definitions', globalLines(global)),
    ...section('Static Addresses', (staticObjects?.addresses ?? []).map((address) => ` ${addressText(address)}${tiedText(address)}`)),
    ...section('Static Routes', (staticObjects?.routes ?? []).map((route) => ` ${routeText(route)}${tiedText(route)}`)),
    ...section('Static Rules', (staticObjects?.rules ?? []).map((rule) => ` ${ruleText(rule)}${tiedText(rule)}`)),
    ...section('Static Track groups', (director.staticTrackGroups ?? []).flatMap(trackGroupLines)),
    ...section('VRRP Topology', director.instances.flatMap((instance) => instanceLines(instance, undefined))),
    ...section('VRRP Sync groups', director.groups.flatMap((group) => groupLines(group, undefined))),
    ...section('VRRP Scripts', scripts.flatMap((script) => scriptLines(script, undefined, []))),
    ...section('VRRP Track files', files.flatMap((file) => fileLines(file, undefined, []))),
    ...section('VRRP Track processes', processes.flatMap((one) => processLines(one, undefined, []))),
    ...section('BFD Topology', bfd.sessions.flatMap(sessionLines)),
    ...section('LVS Topology', [...groupedLines(pool.virtualServers), ...pool.virtualServers.flatMap((service) => serviceLines(service, undefined))]),
    ...section('Health checkers', pool.virtualServers.flatMap(checkersOf)),
  ];
}

function tiedText({ trackGroup }: StaticEntry): string {
  return trackGroup === undefined ? '' : ` track_group ${trackGroup}`;
}

function trackGroupLines({ name, members }: StaticTrackGroupConfig): readonly string[] {
  return [` Static Track Group = ${name}`, ...members.map((member) => `   ${member}`)];
}

function sessionLines(session: BfdSession): readonly string[] {
  const { maxHops, source } = session;
  return [
    ` BFD Instance = ${session.name}`,
    `   Neighbor IP = ${session.neighbour}`,
    ...optional('   Source IP', source),
    `   Required min RX interval = ${session.minReceive} us`,
    `   Desired min TX interval = ${session.minTransmit} us`,
    `   Desired idle TX interval = ${session.idleTransmit} us`,
    `   Detection multiplier = ${session.multiplier}`,
    `   ${session.family === 'ipv4' ? 'TTL' : 'hoplimit'} = ${session.hopLimit}`,
    `   max_hops = ${maxHops ?? -1}`,
    `   passive = ${String(session.passive)}`,
    `   multihop = ${String(session.multihop)}`,
    `   send event to VRRP process = ${yesNo(session.tellsVrrp)}`,
    `   send event to checker process = ${yesNo(session.tellsCheckers)}`,
    ...(session.weight === 0 ? [] : [`   weight = ${session.weight}${session.reverse ? ' reverse' : ''}`]),
  ];
}

function yesNo(value: boolean): string {
  return value ? 'Yes' : 'No';
}
