/** The status as one screen of text. Nothing is asked here. */

import type { InstanceStatus, LvsStatus, RealServerStatus, Status, VirtualServerStatus } from '../control/status.js';

/** A part that was looked at longer ago than this is told as old, milliseconds. */
const OLD = 30_000;

/** `now`: milliseconds since 1970. */
export function statusText(status: Status, now: number): string {
  const { daemon, vrrp, lvs, bfd } = status;
  const blocks: string[][] = [];
  if (daemon === undefined) {
    blocks.push(['The daemon has not said anything yet.']);
  } else {
    const { file, generation, loadedAt } = daemon.configuration;
    blocks.push([
      `holdfast ${daemon.version}, pid ${daemon.pid}, up ${ago(daemon.startedAt, now)}${daemon.stopping ? ', STOPPING' : ''}`,
      `configuration ${file}, number ${generation}, in force for ${ago(loadedAt, now)}`,
      `processes ${daemon.processes.map(({ name, pid }) => `${name} ${pid ?? '(not running)'}`).join(', ') || 'none'}`,
    ]);
  }
  if (vrrp !== undefined) blocks.push([`VRRP${oldness(vrrp.asOf, now)}`, ...vrrp.instances.flatMap((each) => instanceLines(each, now))]);
  if (lvs !== undefined) blocks.push([`LVS${kernelText(lvs)}${oldness(lvs.asOf, now)}`, ...lvs.virtualServers.flatMap((each) => virtualServerLines(each, now))]);
  if (bfd !== undefined) blocks.push([`BFD${oldness(bfd.asOf, now)}`, ...bfd.sessions.map(({ name, neighbour, phase }) => `  ${name}  ${phase}  ${neighbour}`)]);
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
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
  const { name, state, since, quorum, aliveWeight, sorryServer, activeTier, realServers } = server;
  const backup = activeTier === undefined ? '' : `, backup servers of tier ${activeTier} ACTIVE`;
  const sorry = sorryServer === undefined ? '' : `, sorry server ${sorryServer.name}${sorryServer.active ? ' ACTIVE' : ''}`;
  return [
    `  ${name}  ${state} for ${ago(since, now)}, weight ${aliveWeight} of quorum ${quorum}${sorry}${backup}`,
    ...table(realServers.map((each) => realServerCells(each, now))).map((line) => `      ${line}`),
  ];
}

function realServerCells({ name, state, since, weight, checks, reason, tier }: RealServerStatus, now: number): readonly string[] {
  const { configured, effective, kernel } = weight;
  const weights = effective === configured ? `weight ${configured}` : `weight ${effective} (configured ${configured})`;
  const inKernel = kernel === effective ? '' : kernel === undefined ? ', not in the table' : `, ${kernel} in the table`;
  const latencies = checks.flatMap(({ latencyMilliseconds }) => latencyMilliseconds ?? []);
  const latency = latencies.length === 0 ? '' : `${Math.max(...latencies).toFixed(1)} ms`;
  return [tier === undefined ? name : `${name} (backup, tier ${tier})`, state, ago(since, now), `${weights}${inKernel}`, latency, reason ?? ''];
}

function kernelText({ kernel: { known, trouble, repairs } }: LvsStatus): string {
  const parts = [
    ...(known ? [] : ["the kernel's tables are not known"]),
    ...(trouble === undefined ? [] : [trouble]),
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

/** Columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ').trimEnd());
}
