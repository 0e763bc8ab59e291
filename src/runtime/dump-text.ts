/**
 * keepalived's data files (SIGUSR1) as text: headed sections of ` Key = value` lines, indented by nesting, with
 * keepalived's keys where it has one for the same thing. For people and for scripts that look for a key.
 */

import { seconds, milliseconds } from '../base/time.js';
import type { PoolDescription } from '../health/describe.js';
import type { VirtualAddress } from '../vrrp/config.js';
import type { Route } from '../vrrp/routes.js';
import type { Rule } from '../vrrp/rules.js';
import { addressText, routeText, ruleText } from './network-text.js';
import type { DirectorDescription, GroupDescription, InstanceDescription } from '../vrrp/describe.js';
import { subjectOf } from '../vrrp/links.js';
import type { LvsDescription } from './lvs-driver.js';

export const AUTHENTICATION_NAMES = { none: 'none', pass: 'SIMPLE_PASSWORD', ah: 'IPSEC_AH' } as const;

/** The VRRP process's file. `wallClock` turns an instant into seconds since 1970. */
export function vrrpDumpText(director: DirectorDescription, wallClock: (instant: number) => number): string {
  return [
    section('VRRP Topology', director.instances.flatMap((instance) => instanceLines(instance, wallClock))),
    section('VRRP Sync groups', director.groups.flatMap(groupLines)),
  ].join('');
}

/** The checkers process's file. */
export function checkersDumpText({ pool, reconciler }: LvsDescription): string {
  const { trouble = 'none' } = reconciler;
  return [
    section('LVS Topology', [
      ` Kernel tables known = ${yesNo(reconciler.trusted)}`,
      ` Own services = ${reconciler.ownedServices}`,
      ` Refused commands = ${reconciler.refusedCommands}`,
      ` Entries put right = ${reconciler.driftRepaired}`,
      ` Trouble = ${trouble}`,
      ...pool.virtualServers.flatMap(virtualServerLines),
    ]),
    section('Health checkers', pool.virtualServers.flatMap(checkerLines)),
  ].join('');
}

function section(title: string, lines: readonly string[]): string {
  return [`------< ${title} >------`, ...lines, ''].join('\n');
}

function instanceLines(instance: InstanceDescription, wallClock: (instant: number) => number): readonly string[] {
  const { version, advertInterval, masterInterval, virtualAddresses, excludedAddresses } = instance;
  const interval = (span: number): string =>
    version === 2 ? `${span / seconds(1)} sec` : `${span / milliseconds(1)} milli-sec`;
  const held = new Set(instance.heldAddresses);
  return [
    ` VRRP Instance = ${instance.name}`,
    `   VRRP Version = ${version}`,
    ...(instance.family === 'ipv6' ? ['   Using Native IPv6'] : []),
    `   State = ${instance.state}`,
    `   Number of interface and track script faults = ${instance.faults.length}`,
    ...instance.faults.map((fault) => `     ${fault.type} ${subjectOf(fault)}`),
    `   Last transition = ${wallClock(instance.since).toFixed(6)}`,
    `   Master down timer = ${instance.masterDownInterval} usecs`,
    `   Interface = ${instance.interface}`,
    `   Using src_ip = ${instance.source ?? 'none'}`,
    `   Virtual Router ID = ${instance.virtualRouterId}`,
    `   Priority = ${instance.basePriority}`,
    `   Effective priority = ${instance.priority}`,
    `   Advert interval = ${interval(advertInterval)}`,
    ...(version === 3 ? [`   Master advert interval = ${interval(masterInterval)}`] : []),
    ...masterLines(instance),
    `   Preempt = ${instance.preempt ? 'enabled' : 'disabled'}`,
    `   Preempt delay = ${instance.preemptDelay / seconds(1)} secs`,
    `   Authentication type = ${AUTHENTICATION_NAMES[instance.authentication]}`,
    `   Virtual IP (${virtualAddresses.length}):`,
    ...virtualAddresses.map((virtual) => addressLine(virtual, held.has(virtual.address))),
    ...(excludedAddresses.length === 0 ? [] : ['   Virtual IP Excluded :']),
    ...excludedAddresses.map((virtual) => addressLine(virtual, held.has(virtual.address))),
    ...networkLines(instance.routes, instance.rules),
    ...(instance.group === undefined ? [] : [`   Sync group = ${instance.group}`]),
  ];
}

function masterLines({ masterAddress, masterPriority }: InstanceDescription): readonly string[] {
  if (masterAddress === undefined) return [];
  return [`   Master router = ${masterAddress}`, `   Master priority = ${masterPriority ?? 0}`];
}

/** One address of an instance; `set` says that this host has it now. */
export function addressLine(address: VirtualAddress, set: boolean): string {
  return `     ${addressText(address)}${set ? ' set' : ''}`;
}

/** The routes and rules of an instance, each under its heading. */
export function networkLines(routes: readonly Route[], rules: readonly Rule[]): readonly string[] {
  return [
    ...(routes.length === 0 ? [] : ['   Virtual Routes :']),
    ...routes.map((route) => `     ${routeText(route)}`),
    ...(rules.length === 0 ? [] : ['   Virtual Rules :']),
    ...rules.map((rule) => `     ${ruleText(rule)}`),
  ];
}

function groupLines({ name, state, members }: GroupDescription): readonly string[] {
  return [
    ` VRRP Sync Group = ${name}, ${state}`,
    `   VRRP member instances = ${members.length}`,
    ...members.map((member) => `     ${member}`),
  ];
}

type VirtualServer = PoolDescription['virtualServers'][number];

function virtualServerLines({ name, quorum, quorumUp, aliveWeight, sorryServer, realServers }: VirtualServer): readonly string[] {
  return [
    ` Virtual Server = ${name}`,
    `   quorum = ${quorum}`,
    `   Have quorum = ${yesNo(quorumUp)}`,
    `   Alive weight = ${aliveWeight}`,
    ...(sorryServer === undefined ? [] : [`   sorry server = ${sorryServer.name}${sorryServer.active ? ' (active)' : ''}`]),
    ...realServers.flatMap((server) => [
      `   Real Server = ${server.name}`,
      `     alive = ${server.alive ? '1' : '0'}`,
      `     weight = ${server.weight}`,
      `     weight in kernel = ${server.weightInTables ?? 'absent'}`,
    ]),
  ];
}

function checkerLines({ name, realServers }: VirtualServer): readonly string[] {
  return realServers.flatMap((server) =>
    server.checkers.flatMap(({ check, up, hasRun, retries, probing }) => [
      ` ${check}`,
      `   Virtual Server = ${name}`,
      `   Real Server = ${server.name}`,
      `   Alive = ${yesNo(up)}`,
      `   Has run = ${yesNo(hasRun)}`,
      `   Retries used = ${retries}`,
      `   Question under way = ${yesNo(probing)}`,
    ]),
  );
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
