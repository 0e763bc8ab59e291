/**
 * Virtual routers and sync groups as ` Key = value` lines with keepalived's keys: as they are configured (-d) and, with what
 * is known of them while they run, as SIGUSR1 shows them. Passwords and keys are masked: both have many readers.
 */

import { familyOf } from '../base/address.js';
import { milliseconds, seconds } from '../base/time.js';
import type { Micros } from '../base/time.js';
import { identity } from '../vrrp/instance/belongings.js';
import type { Tracks, TrackWeight } from '../vrrp/config/track.js';
import type { InstanceConfig, NotifyScripts, SyncGroupConfig, VirtualAddress } from '../vrrp/config.js';
import { subjectOf } from '../vrrp/links/links.js';
import type { FaultReason, VrrpState } from '../vrrp/notes.js';
import { commandText } from './command-text.js';
import { enabled, listed, optional, yesNo } from './dump-lines.js';
import { addressText, routeText, ruleText } from './network-text.js';

const AUTHENTICATION_NAMES = { none: 'none', pass: 'SIMPLE_PASSWORD', ah: 'IPSEC_AH' } as const;

/** What only a running instance has. */
export interface RunningInstance {
  readonly state: VrrpState | 'INIT';
  readonly wanted: VrrpState;
  readonly faults: readonly FaultReason[];
  /** Of the last change of state: seconds since 1970, and a date. */
  readonly since: string;
  readonly masterDownInterval: Micros;
  readonly source: string | undefined;
  readonly priority: number;
  readonly masterInterval: Micros;
  readonly master: { readonly address: string; readonly priority: number } | undefined;
  readonly held: readonly VirtualAddress[];
  readonly group: string | undefined;
}

/** `running` undefined: as it is configured. */
export function instanceLines(instance: InstanceConfig, running: RunningInstance | undefined): readonly string[] {
  return [
    ` VRRP Instance = ${instance.name}`,
    `   VRRP Version = ${instance.version}`,
    ...(instance.family === 'ipv6' ? ['   Using Native IPv6'] : []),
    ...stateLines(instance, running),
    ...interfaceLines(instance, running),
    ...announcementLines(instance),
    ...priorityLines(instance, running),
    ...authenticationLines(instance),
    ...addressLines(instance, running?.held ?? []),
    ...unicastLines(instance),
    ...trackLines(instance.trackInterfaces, instance.tracks),
    ...optional('   Using smtp notification', instance.notifyOptions?.mail === true ? 'yes' : undefined),
    ...notifyLines(instance.notify),
  ];
}

function stateLines({ wantsMaster }: InstanceConfig, running: RunningInstance | undefined): readonly string[] {
  if (running === undefined) return [`   Wantstate = ${wantsMaster ? 'MASTER' : 'BACKUP'}`];
  const { faults } = running;
  return [
    ...optional('   Sync group', running.group),
    `   State = ${running.state}`,
    `   Wantstate = ${running.wanted}`,
    `   Number of interface and track script faults = ${faults.length}`,
    ...faults.map((fault) => `     ${fault.type} ${subjectOf(fault)}`),
    `   Number of track scripts init = ${faults.filter(({ type }) => type === 'scriptUnknown').length}`,
    `   Last transition = ${running.since}`,
    `   Master down timer = ${running.masterDownInterval} usecs`,
  ];
}

function interfaceLines(instance: InstanceConfig, running: RunningInstance | undefined): readonly string[] {
  const { device, unicast } = instance;
  const virtual = device?.virtual;
  const below = device?.transmitOnBase === true ? ', xmit base i/f' : '';
  return [
    ...(virtual?.type === 'macvlan' ? [`   Use VMAC, i/f name ${virtual.name}, xmit_base = ${String(device?.transmitOnBase === true)}`] : []),
    ...(virtual?.type === 'ipvlan' ? [`   Use IPVLAN, i/f name ${virtual.name}`] : []),
    virtual === undefined
      ? `   Interface = ${instance.interface}`
      : `   Interface = ${virtual.name}, ${virtual.type === 'macvlan' ? 'vmac' : 'ipvlan'} on ${instance.interface}${below}`,
    `   Using src_ip = ${running?.source ?? instance.source ?? '(none)'}`,
    ...optional('   Multicast address', unicast === undefined ? instance.multicastDestination : undefined),
  ];
}

function announcementLines({ announcements, ...instance }: InstanceConfig): readonly string[] {
  return [
    `   Gratuitous ARP delay = ${announcements.masterDelay / seconds(1)}`,
    `   Gratuitous ARP repeat = ${announcements.masterRepeat}`,
    `   Gratuitous ARP refresh = ${announcements.masterRefresh / seconds(1)}`,
    `   Gratuitous ARP refresh repeat = ${announcements.masterRefreshRepeat}`,
    `   Gratuitous ARP lower priority delay = ${announcements.lowerPriorityDelay / seconds(1)}`,
    `   Gratuitous ARP lower priority repeat = ${announcements.lowerPriorityRepeat}`,
    `   Down timer adverts = ${instance.downTimerAdverts}`,
    `   Send advert after receive lower priority advert = ${String(!instance.lowerPriorityNoAdvert)}`,
    `   Send advert after receive higher priority advert = ${String(instance.higherPrioritySendAdvert)}`,
  ];
}

function priorityLines(instance: InstanceConfig, running: RunningInstance | undefined): readonly string[] {
  const interval = (span: Micros): string => (instance.version === 2 ? `${span / seconds(1)} sec` : `${span / milliseconds(1)} milli-sec`);
  const { master } = running ?? {};
  return [
    `   Virtual Router ID = ${instance.virtualRouterId}`,
    `   Priority = ${instance.priority}`,
    ...optional('   Effective priority', running?.priority),
    `   Advert interval = ${interval(instance.advertInterval)}`,
    ...(running !== undefined && instance.version === 3 ? [`   Master advert interval = ${interval(running.masterInterval)}`] : []),
    ...(master === undefined ? [] : [`   Master router = ${master.address}`, `   Master priority = ${master.priority}`]),
    `   Accept = ${enabled(instance.accept ?? true)}`,
    `   Preempt = ${enabled(instance.preempt)}`,
    ...(instance.preemptDelay === 0 ? [] : [`   Preempt delay = ${instance.preemptDelay / seconds(1)} secs`]),
    `   Promote_secondaries = ${enabled(instance.device?.promoteSecondaries === true)}`,
  ];
}

/** That there are secrets, never which: keepalived 2.4 masks passwords too. */
function authenticationLines({ authentication, hmac }: InstanceConfig): readonly string[] {
  const keys = hmac?.keys.map(({ id }) => id).join(', ');
  return [
    `   Authentication type = ${AUTHENTICATION_NAMES[authentication.type]}`,
    ...(authentication.type === 'none' ? [] : ['   Password = ********']),
    ...(hmac === undefined
      ? []
      : [`   HMAC authentication = ${hmac.mode}, keys ${keys ?? ''}, active key ${hmac.activeKey}, anti replay ${hmac.antiReplay}`]),
  ];
}

function addressLines(instance: InstanceConfig, held: readonly VirtualAddress[]): readonly string[] {
  const { virtualAddresses, excludedAddresses, routes = [], rules = [] } = instance;
  const lines = (addresses: readonly VirtualAddress[]): readonly string[] =>
    addresses.map((address) => `     ${virtualAddressText(address, instance, held)}`);
  return [
    `   Virtual IP (${virtualAddresses.length}):`,
    ...lines(virtualAddresses),
    ...listed('   Virtual IP Excluded :', lines(excludedAddresses)),
    ...listed('   Virtual Routes :', routes.map((route) => `     ${routeText(route)}`)),
    ...listed('   Virtual Rules :', rules.map((rule) => `     ${ruleText(rule)}`)),
  ];
}

/** One virtual address as keepalived's dumps and JSON have it: `... set` says that this host holds it now. */
export function virtualAddressText(address: VirtualAddress, { device, interface: base }: InstanceConfig, held: readonly VirtualAddress[]): string {
  const below = device?.virtual?.name === address.interface ? base : device?.addressDevices?.find((made) => made.device.name === address.interface)?.base;
  const shown = below === undefined ? address : { ...address, interface: `${address.interface}@${below}` };
  const key = identity(address);
  return [addressText(shown), lifetimeText(address), held.some((one) => identity(one) === key) ? 'set' : ''].filter((part) => part !== '').join(' ');
}

/** keepalived says it of IPv6 addresses. */
function lifetimeText({ address, preferredLifetime }: VirtualAddress): string {
  if (familyOf(address) === 'ipv4') return '';
  return preferredLifetime === 0 ? 'deprecated' : `preferred_lft ${preferredLifetime}`;
}

function unicastLines({ unicast }: InstanceConfig): readonly string[] {
  return listed('   Unicast Peer :', (unicast?.peers ?? []).map(({ address }) => `     ${address}`));
}

function trackLines(interfaces: readonly (TrackWeight & { readonly interface: string })[], tracks: Tracks = {}): readonly string[] {
  const pools = (tracks.virtualServers ?? []).map(({ name, weight }) => `     ${name}, ${weight === undefined ? 'priority / 10' : `weight ${weight}`}`);
  const lines = (kind: Exclude<keyof Tracks, 'virtualServers'>, separator: string): readonly string[] =>
    (tracks[kind] ?? []).map(({ name, ...weight }) => `     ${name}${separator} ${weightText(weight)}`);
  return [
    ...listed('   Tracked interfaces :', interfaces.map(({ interface: name, ...weight }) => `     ${name} ${weightText(weight)}`)),
    ...listed('   Tracked scripts :', lines('scripts', '')),
    ...listed('   Tracked files :', lines('files', ',')),
    ...listed('   Tracked processes :', lines('processes', ',')),
    ...listed('   Tracked BFDs :', lines('bfd', ',')),
    ...listed('   Tracked virtual servers :', pools),
  ];
}

export function weightText({ weight, reverse }: TrackWeight): string {
  return `weight ${weight}${reverse ? ' reverse' : ''}`;
}

function notifyLines({ master, backup, fault, stop, any, deleted, masterReceivedLowerPriority }: NotifyScripts): readonly string[] {
  return [
    ...optional('   Backup state transition script', commandText(backup)),
    ...optional('   Master state transition script', commandText(master)),
    ...optional('   Fault state transition script', commandText(fault)),
    ...optional('   Stop state transition script', commandText(stop)),
    ...optional('   Deleted state transition script', commandText(deleted)),
    ...optional('   Generic state transition script', commandText(any)),
    ...optional('   Master rx lower pri state transition script', commandText(masterReceivedLowerPriority)),
  ];
}

/** `state` undefined: as it is configured. */
export function groupLines(group: SyncGroupConfig, state: VrrpState | 'INIT' | undefined): readonly string[] {
  return [
    ` VRRP Sync Group = ${group.name}${state === undefined ? '' : `, ${state}`}`,
    '   VRRP member instances :',
    ...group.members.map((member) => `     ${member}`),
    ...trackLines(group.trackInterfaces ?? [], group.tracks),
    `   Using smtp notification = ${yesNo(group.notifyOptions?.mail === true)}`,
    ...notifyLines(group.notify),
  ];
}
