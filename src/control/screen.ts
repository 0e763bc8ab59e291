/** The status as one screen of text: `holdfast status`, and GET /v1/status.txt. */

import { shortAmount } from '../base/short-amount.js';
import type {
  BfdStatus,
  ByHandStatus,
  ConnectionsStatus,
  DaemonStatus,
  InstanceStatus,
  LvsStatus,
  RealServerStatus,
  Status,
  TrafficStatus,
  TransitionStatus,
  VirtualServerStatus,
  VrrpStatus,
} from './status.js';

/** A part that was looked at longer ago than this is told as old, milliseconds. */
const OLD = 30_000;
/** Last changes of state that are shown. */
const MOST_TRANSITIONS = 8;

/** The parts of the screen, in their order, with a blank line between them. */
export function screenText(blocks: readonly (readonly string[])[]): string {
  return `${blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** All of a status, as GET /v1/status.txt draws it. `now`, here and below: milliseconds since 1970. */
export function statusScreen({ daemon, vrrp, lvs, bfd, byHand, transitions = [] }: Status, now: number): string {
  const parts = [vrrp && vrrpLines(vrrp, now), lvs && lvsLines(lvs, now), bfd && bfdLines(bfd, now)];
  const silent = silentLines(daemon, { vrrp, checkers: lvs, bfd });
  return screenText([daemonLines(daemon, now), ...parts.map((lines) => lines ?? []), silent, byHandLines(byHand, now), transitionLines(transitions, now)]);
}

export function daemonLines(daemon: DaemonStatus | undefined, now: number): readonly string[] {
  if (daemon === undefined) return ['The daemon has not said anything yet.'];
  const { file, generation, loadedAt } = daemon.configuration;
  return [
    `holdfast ${daemon.version}, pid ${daemon.pid}, up ${ago(daemon.startedAt, now)}${daemon.stopping ? ', STOPPING' : ''}`,
    `configuration ${file}, number ${generation}, in force for ${ago(loadedAt, now)}`,
    ...(daemon.daemons === undefined ? [] : [`daemons ${daemon.daemons.map(({ name, pid, isGone }) => `${name} ${isGone ? 'GONE' : `pid ${pid}`}`).join(', ')}`]),
    `processes ${daemon.processes.map(({ name, pid }) => `${name} ${pid ?? '(not running)'}`).join(', ') || 'none'}`,
  ];
}

export function vrrpLines({ asOf, instances }: VrrpStatus, now: number): readonly string[] {
  return [`VRRP${oldness(asOf, now)}`, ...instances.flatMap((each) => instanceLines(each, now))];
}

export function lvsLines(lvs: LvsStatus, now: number): readonly string[] {
  return [`LVS${kernelText(lvs, now)}${oldness(lvs.asOf, now)}`, ...lvs.virtualServers.flatMap((each) => virtualServerLines(each, now))];
}

export function bfdLines({ asOf, sessions }: BfdStatus, now: number): readonly string[] {
  return [`BFD${oldness(asOf, now)}`, ...sessions.map(({ name, neighbour, phase }) => `  ${name}  ${phase}  ${neighbour}`)];
}

const PART_NAMES = { vrrp: 'VRRP', checkers: 'LVS', bfd: 'BFD' } as const;

/** Parts that should be there and show nothing. */
export function silentLines(daemon: DaemonStatus | undefined, parts: Readonly<Record<keyof typeof PART_NAMES, unknown>>): readonly string[] {
  return (daemon?.processes ?? []).flatMap(({ name, pid }) => {
    if (parts[name] !== undefined) return [];
    return [`${PART_NAMES[name]}: ${pid === undefined ? 'its process does not run and is started again; holdfast events says why' : 'its process has shown nothing yet'}`];
  });
}

/** What operators have said, and for how long. None while they have said nothing. */
export function byHandLines(words: readonly ByHandStatus[] | undefined, now: number): readonly string[] {
  if (words === undefined || words.length === 0) return [];
  const rows = words.map(({ action, instance, server, virtualServer, weight, since, until, kept }) => [
    `${action}${weight === undefined ? '' : ` ${weight}`} ${instance ?? `${server ?? ''} of ${virtualServer ?? ''}`}`,
    `since ${ago(since, now)}`,
    until === undefined ? 'until it is taken back' : `ends in ${ago(new Date(now).toISOString(), Date.parse(until))}`,
    kept ? 'outlives a restart' : '',
  ]);
  return ['By hand', ...table(rows).map((line) => `  ${line}`)];
}

/** None while nothing has changed. */
export function transitionLines(transitions: readonly TransitionStatus[], now: number): readonly string[] {
  if (transitions.length === 0) return [];
  const rows = transitions.slice(0, MOST_TRANSITIONS).map((each) => transitionCells(each, now));
  return ['Last changes', ...table(rows).map((line) => `  ${line}`)];
}

/** All that there is to say of one instance. */
export function instanceLines(instance: InstanceStatus, now: number): readonly string[] {
  const { name, state, since, reason, priority, addresses, addressesStatus } = instance;
  const reasons = priority.reasons.length === 0 ? '' : ` = ${priority.configured} ${priority.reasons.join(' ')}`;
  const group = instance.group === undefined ? '' : `, group ${instance.group}`;
  return [
    `  ${name}  ${state} for ${ago(since, now)}: ${reason}`,
    `      priority ${priority.effective}${reasons}, ${instance.interface} vrid ${instance.virtualRouterId}, version ${instance.protocolVersion}${group}`,
    ...(addressesStatus === 'failed' ? ['      the kernel refuses its addresses'] : []),
    ...addresses.map(({ address, prefixLength, interface: device, held }) => `      ${held ? '*' : ' '} ${address}/${prefixLength} ${device}`),
  ];
}

export function virtualServerLines(server: VirtualServerStatus, now: number): readonly string[] {
  const { name, state, since, quorum, aliveWeight, sorryServer, activeTier, connections, traffic, realServers } = server;
  const counted = countCells(connections, traffic).map((cell) => `, ${cell}`);
  const backup = activeTier === undefined ? '' : `, backup servers of tier ${activeTier} ACTIVE`;
  const sorry = sorryServer === undefined ? '' : `, sorry server ${sorryServer.name}${sorryServer.active ? ' ACTIVE' : ''}`;
  return [
    `  ${name}  ${state} for ${ago(since, now)}, weight ${aliveWeight} of quorum ${quorum}${sorry}${backup}${counted.join('')}`,
    ...table(realServers.map((each) => realServerCells(each, now))).map((line) => `      ${line}`),
  ];
}

/** What each check of a server has met last. */
export function checkLines({ checks }: RealServerStatus, now: number): readonly string[] {
  const rows = checks.map(({ check, up, hasRun, answeredAt, latencyMilliseconds, retriesUsed, sharedBy, certificateDays, failure }) => [
    check,
    hasRun ? (up ? 'up' : 'down') : 'not yet answered',
    answeredAt === undefined ? '' : `answered ${ago(answeredAt, now)} ago`,
    latencyMilliseconds === undefined ? '' : `${latencyMilliseconds.toFixed(1)} ms`,
    retriesUsed === 0 ? '' : `${retriesUsed} failed in a row`,
    sharedBy === undefined ? '' : `asked once for ${sharedBy}`,
    certificateDays === undefined ? '' : certificateDays < 0 ? `certificate expired ${-certificateDays} days ago` : `certificate valid for ${certificateDays} days`,
    failure ?? '',
  ]);
  return table(rows);
}

function realServerCells({ name, state, since, weight, checks, reason, tier, connections, traffic }: RealServerStatus, now: number): readonly string[] {
  const { configured, effective, kernel } = weight;
  const weights = effective === configured ? `weight ${configured}` : `weight ${effective} (configured ${configured})`;
  const inKernel = kernel === effective ? '' : kernel === undefined ? ', not in the table' : `, ${kernel} in the table`;
  const slowest = checks.reduce((most, { latencyMilliseconds = -1 }) => Math.max(most, latencyMilliseconds), -1);
  const latency = slowest < 0 ? '' : `${slowest.toFixed(1)} ms`;
  const [kept = '', ...rates] = countCells(connections, traffic);
  return [tier === undefined ? name : `${name} (backup, tier ${tier})`, state, ago(since, now), `${weights}${inKernel}`, latency, kept, rates.join('  '), reason ?? ''];
}

/** Connections, then rates of connections, packets and bytes a second: none where nothing was counted. */
function countCells(connections: ConnectionsStatus | undefined, traffic: TrafficStatus | undefined): readonly string[] {
  if (connections === undefined) return [];
  const kept = `${connections.active} active ${connections.inactive} inactive`;
  if (traffic === undefined) return [kept];
  const { perSecond } = traffic;
  const packets = `${shortAmount(perSecond.packetsIn)}/${shortAmount(perSecond.packetsOut)} packets/s`;
  return [kept, `${shortAmount(perSecond.connections)} conns/s`, packets, `${shortAmount(perSecond.bytesIn)}/${shortAmount(perSecond.bytesOut)} B/s`];
}

function transitionCells({ time, name, virtualServer, from, to, why = '' }: TransitionStatus, now: number): readonly string[] {
  const where = virtualServer === undefined ? name : `${name} of ${virtualServer}`;
  return [`${time.replace('T', ' ').slice(0, 19)}Z`, `${ago(time, now)} ago`, where, from === undefined ? to : `${from} -> ${to}`, why];
}

function kernelText({ countedAt, kernel: { known, trouble, repairs } }: LvsStatus, now: number): string {
  const parts = [
    ...(known ? [] : ["the kernel's tables are not known"]),
    ...(trouble === undefined ? [] : [trouble]),
    ...(countedAt === undefined ? [] : [`counted ${ago(countedAt, now)} ago`]),
    ...(repairs === 0 ? [] : [`${repairs} entries put right`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function oldness(asOf: string, now: number): string {
  return now - Date.parse(asOf) > OLD ? ` - as of ${ago(asOf, now)} ago: its process has shown nothing since` : '';
}

/** `3d 4h`, `5m 12s`, `8s`. */
export function ago(time: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(time)) / 1_000));
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return '0s';
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value}${unit}`)
    .join(' ');
}

/** Columns as wide as their widest cell; those without any text are left out. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, i) => ((widths[i] ?? 0) === 0 ? '' : `${cell.padEnd(widths[i] ?? 0)}  `))
      .join('')
      .trimEnd(),
  );
}
