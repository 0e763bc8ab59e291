/**
 * A configuration as it was understood, as text (-d): the sections and keys of keepalived's own listing where it has one for
 * the same thing. Nothing that changes while a daemon runs is in it; that is dump-text.ts.
 */

import { milliseconds, seconds } from '../base/time.js';
import type { Command } from '../base/command.js';
import type { BfdSession } from '../bfd/config.js';
import type { GlobalConfig, Model } from '../conf/model.js';
import type { CheckerConfig, FollowerConfig } from '../health/config-check.js';
import type { RealServerConfig, VirtualServerConfig } from '../health/config.js';
import type { StaticTrackGroupConfig, TrackScriptConfig, Tracks } from '../vrrp/config-track.js';
import type { InstanceConfig, NotifyScripts, StaticEntry, SyncGroupConfig } from '../vrrp/config.js';
import { addressLine, AUTHENTICATION_NAMES, networkLines } from './dump-text.js';
import { addressText, routeText, ruleText } from './network-text.js';

/** One element a line. Passwords and keys are left out: logs have many readers. */
export function modelLines({ global, bfd, director, pool }: Model): readonly string[] {
  const scripts = director.tracked?.scripts ?? [];
  const { staticObjects } = director;
  return [
    ...section('Global definitions', globalLines(global)),
    ...section('Static Addresses', (staticObjects?.addresses ?? []).map((address) => ` ${addressText(address)}${tiedText(address)}`)),
    ...section('Static Routes', (staticObjects?.routes ?? []).map((route) => ` ${routeText(route)}${tiedText(route)}`)),
    ...section('Static Rules', (staticObjects?.rules ?? []).map((rule) => ` ${ruleText(rule)}${tiedText(rule)}`)),
    ...section('Static Track groups', (director.staticTrackGroups ?? []).flatMap(trackGroupLines)),
    ...section('VRRP Topology', director.instances.flatMap(instanceLines)),
    ...section('VRRP Sync groups', director.groups.flatMap(groupLines)),
    ...section('VRRP Scripts', scripts.flatMap(scriptLines)),
    ...section('BFD Topology', bfd.sessions.flatMap(sessionLines)),
    ...section('LVS Topology', pool.virtualServers.flatMap(serviceLines)),
    ...section('Health checkers', pool.virtualServers.flatMap(checkersOf)),
  ];
}

function tiedText({ trackGroup }: StaticEntry): string {
  return trackGroup === undefined ? '' : ` track_group ${trackGroup}`;
}

function trackGroupLines({ name, members }: StaticTrackGroupConfig): readonly string[] {
  return [` Static Track Group = ${name}`, ...members.map((member) => `   ${member}`)];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`------< ${title} >------`, ...lines];
}

function globalLines(global: GlobalConfig): readonly string[] {
  const { mail, scriptUser } = global;
  return [
    ` Network namespace = ${global.networkNamespace ?? '(default)'}`,
    ...optional(' Instance name', global.instanceName),
    ...optional(' Router ID', global.routerId),
    ...optional(' Smtp server', mail?.server === undefined ? undefined : `${mail.server.host} port ${mail.server.port}`),
    ...optional(' Smtp HELO name', mail?.heloName),
    ...optional(' Email notification from', mail?.sender),
    ...(mail?.recipients ?? []).map((recipient) => ` Email notification = ${recipient}`),
    ` LVS flush = ${String(global.lvsFlush)}`,
    ` LVS flush on stop = ${FLUSH_NAMES[global.lvsFlushOnStop]}`,
    ...optional(' Global notify fifo', global.notifyFifo?.path),
    ...optional(' VRRP notify fifo', global.vrrpNotifyFifo?.path),
    ...optional(' LVS notify fifo', global.lvsNotifyFifo?.path),
    ` Child wait time = ${global.childWaitTime}`,
    ` Script security ${global.enableScriptSecurity ? 'enabled' : 'disabled'}`,
    ...optional(' Default script user', scriptUser === undefined ? undefined : accountText(scriptUser)),
  ];
}

const FLUSH_NAMES = { off: 'disabled', all: 'full', services: 'VS' } as const;

/** Ids only: secrets stay where they are. */
function hmacLines({ hmac }: InstanceConfig): readonly string[] {
  if (hmac === undefined) return [];
  const ids = hmac.keys.map(({ id }) => id).join(', ');
  return [`   HMAC authentication = ${hmac.mode}, keys ${ids}, active key ${hmac.activeKey}, anti replay ${hmac.antiReplay}`];
}

function instanceLines(instance: InstanceConfig): readonly string[] {
  const { announcements, authentication, virtualAddresses, excludedAddresses, unicast, version } = instance;
  const interval = version === 2 ? `${instance.advertInterval / seconds(1)} sec` : `${instance.advertInterval / milliseconds(1)} milli-sec`;
  const peers = (unicast?.peers ?? []).map(({ address }) => `     ${address}`);
  return [
    ` VRRP Instance = ${instance.name}`,
    `   VRRP Version = ${version}`,
    ...(instance.family === 'ipv6' ? ['   Using Native IPv6'] : []),
    `   Wantstate = ${instance.wantsMaster ? 'MASTER' : 'BACKUP'}`,
    `   Interface = ${instance.interface}`,
    `   Using src_ip = ${instance.source ?? 'none'}`,
    ...optional('   Multicast address', instance.multicastDestination),
    ...(peers.length === 0 ? [] : ['   Unicast Peers :', ...peers]),
    `   Gratuitous ARP delay = ${announcements.masterDelay / seconds(1)}`,
    `   Gratuitous ARP repeat = ${announcements.masterRepeat}`,
    `   Gratuitous ARP refresh = ${announcements.masterRefresh / seconds(1)}`,
    `   Gratuitous ARP refresh repeat = ${announcements.masterRefreshRepeat}`,
    `   Gratuitous ARP lower priority delay = ${announcements.lowerPriorityDelay / seconds(1)}`,
    `   Gratuitous ARP lower priority repeat = ${announcements.lowerPriorityRepeat}`,
    `   Down timer adverts = ${instance.downTimerAdverts}`,
    `   Send advert after receive lower priority advert = ${String(!instance.lowerPriorityNoAdvert)}`,
    `   Send advert after receive higher priority advert = ${String(instance.higherPrioritySendAdvert)}`,
    `   Virtual Router ID = ${instance.virtualRouterId}`,
    `   Priority = ${instance.priority}`,
    `   Advert interval = ${interval}`,
    `   Accept = ${enabled(instance.accept ?? true)}`,
    `   Preempt = ${enabled(instance.preempt)}`,
    ...(instance.preemptDelay === 0 ? [] : [`   Preempt delay = ${instance.preemptDelay / seconds(1)} secs`]),
    `   Authentication type = ${AUTHENTICATION_NAMES[authentication.type]}`,
    ...hmacLines(instance),
    ...(instance.trackInterfaces.length === 0 ? [] : ['   Tracked interfaces :']),
    ...instance.trackInterfaces.map(({ interface: name, ...weight }) => trackLine(name, weight)),
    ...trackLines(instance.tracks),
    `   Virtual IP (${virtualAddresses.length}):`,
    ...virtualAddresses.map((virtual) => addressLine(virtual, false)),
    ...(excludedAddresses.length === 0 ? [] : ['   Virtual IP Excluded :']),
    ...excludedAddresses.map((virtual) => addressLine(virtual, false)),
    ...networkLines(instance.routes ?? [], instance.rules ?? []),
    ...notifyLines(instance.notify),
  ];
}

const TRACK_TITLES = { scripts: 'scripts', files: 'files', processes: 'processes', bfd: 'BFDs' } as const;

function trackLines(tracks: Tracks = {}): readonly string[] {
  return (Object.keys(TRACK_TITLES) as (keyof Tracks)[]).flatMap((kind) => {
    const tracked = tracks[kind] ?? [];
    return tracked.length === 0 ? [] : [`   Tracked ${TRACK_TITLES[kind]} :`, ...tracked.map(({ name, ...weight }) => trackLine(name, weight))];
  });
}

function trackLine(name: string, { weight, reverse }: { readonly weight: number; readonly reverse: boolean }): string {
  return `     ${name}, weight ${weight}${reverse ? ' reverse' : ''}`;
}

function notifyLines({ master, backup, fault, stop, any }: NotifyScripts): readonly string[] {
  return [
    ...optional('   Backup state transition script', commandText(backup)),
    ...optional('   Master state transition script', commandText(master)),
    ...optional('   Fault state transition script', commandText(fault)),
    ...optional('   Stop state transition script', commandText(stop)),
    ...optional('   Generic state transition script', commandText(any)),
  ];
}

function groupLines({ name, members, notify, trackInterfaces = [], tracks }: SyncGroupConfig): readonly string[] {
  return [
    ` VRRP Sync Group = ${name}`,
    '   VRRP member instances :',
    ...members.map((member) => `     ${member}`),
    ...(trackInterfaces.length === 0 ? [] : ['   Tracked interfaces :']),
    ...trackInterfaces.map(({ interface: device, ...weight }) => trackLine(device, weight)),
    ...trackLines(tracks),
    ...notifyLines(notify),
  ];
}

function scriptLines({ name, command, interval, timeout, rise, fall }: TrackScriptConfig): readonly string[] {
  return [
    ` VRRP Script = ${name}`,
    `   Command = ${commandText(command) ?? 'none'}`,
    `   Interval = ${interval / seconds(1)} sec`,
    `   Timeout = ${timeout / seconds(1)} sec`,
    `   Rise = ${rise}`,
    `   Fall = ${fall}`,
  ];
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

function serviceLines(service: VirtualServerConfig): readonly string[] {
  const [kernel] = service.services;
  const { sorryServer: sorry } = service;
  return [
    ` Virtual Server = ${service.name}`,
    `   lvs_sched = ${kernel?.scheduler ?? 'none'}`,
    ...(kernel === undefined || kernel.persistenceTimeout === 0 ? [] : [`   persistence timeout = ${kernel.persistenceTimeout}`]),
    `   quorum = ${service.quorum}, hysteresis = ${service.hysteresis}`,
    ...optional('   Quorum up notify script', commandText(service.quorumUp)),
    ...optional('   Quorum down notify script', commandText(service.quorumDown)),
    ...(sorry === undefined ? [] : [`   sorry server = [${sorry.address}]:${sorry.port}`, `     forwarding method = ${METHODS[sorry.method]}`]),
    ...service.realServers.flatMap(realServerLines),
  ];
}

const METHODS = { nat: 'NAT', direct: 'DR', tunnel: 'TUN' } as const;

function realServerLines(server: RealServerConfig): readonly string[] {
  return [
    `   Real Server = [${server.address}]:${server.port}`,
    `     weight = ${server.weight}`,
    `     forwarding method = ${METHODS[server.method]}`,
    ...(server.upperThreshold === 0 ? [] : [`     upper threshold = ${server.upperThreshold}`]),
    ...(server.lowerThreshold === 0 ? [] : [`     lower threshold = ${server.lowerThreshold}`]),
    `     inhibit on failure = ${server.inhibitOnFailure ? 'yes' : 'no'}`,
    ...optional('     notify up script', commandText(server.notifyUp)),
    ...optional('     notify down script', commandText(server.notifyDown)),
  ];
}

function checkersOf({ name, realServers }: VirtualServerConfig): readonly string[] {
  return realServers.flatMap((server) => [
    ...server.checkers.flatMap((checker) => checkerLines(name, server, checker)),
    ...(server.followers ?? []).flatMap((follower) => followerLines(name, server, follower)),
  ]);
}

function checkerLines(service: string, server: RealServerConfig, checker: CheckerConfig): readonly string[] {
  const { check } = checker;
  return [
    ` ${check.type}`,
    `   Virtual Server = ${service}`,
    `   Real Server = [${server.address}]:${server.port}`,
    ...('connection' in check ? connectionLines(check.connection) : []),
    `   Alpha is ${checker.alpha ? 'ON' : 'OFF'}`,
    `   Delay loop = ${checker.delayLoop / seconds(1)}`,
    `   Retry count = ${checker.retry}`,
    `   Retry delay = ${checker.delayBeforeRetry / seconds(1)}`,
    `   Warm up = ${checker.warmup / seconds(1)}`,
    ...('urls' in check ? check.urls.map(({ path }) => `   Checked path = ${path}`) : []),
  ];
}

function followerLines(service: string, server: RealServerConfig, { check, alpha }: FollowerConfig): readonly string[] {
  return [
    ` ${check.type}`,
    `   Virtual Server = ${service}`,
    `   Real Server = [${server.address}]:${server.port}`,
    check.type === 'BFD_CHECK' ? `   BFD instance = ${check.session}` : `   Track file = ${check.file}, weight ${check.weight}${check.reverse ? ' reverse' : ''}`,
    `   Alpha is ${alpha ? 'ON' : 'OFF'}`,
  ];
}

function connectionLines({ address, port, connectTimeout }: { address: string; port: number; connectTimeout: number }): readonly string[] {
  return [`   Dest = [${address}]:${port}`, `   Connection timeout = ${connectTimeout / seconds(1)}`];
}

function optional(key: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`${key} = ${value}`];
}

function enabled(value: boolean): string {
  return value ? 'enabled' : 'disabled';
}

function commandText(command: Command | undefined): string | undefined {
  if (command === undefined) return undefined;
  const account = accountText(command);
  return command.argv.map((word) => `'${word}'`).join(' ') + (account === '' ? '' : `, ${account}`);
}

function accountText({ user, group }: { readonly user?: string; readonly group?: string }): string {
  return [user, group].filter((part) => part !== undefined).join(':');
}
