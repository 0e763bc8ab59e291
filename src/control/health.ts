/**
 * GET /livez and /readyz: whether the daemon works at all, and whether it does what it is for. Addresses are not believed but
 * looked for on the interfaces of this host: what a director shows about itself is not what clients can reach.
 */

import { networkInterfaces } from 'node:os';

import type { Status } from './status.js';

/**
 * A part that was looked at longer ago than this hangs, milliseconds: pictures come every five seconds, of large farms on busy
 * machines half as often. Processes that hang are replaced much sooner than that, by the supervisor.
 */
const STALE = 30_000;

export type OnLink = (interfaceName: string, address: string) => boolean;

/** Why it should be started again; empty while it lives. A process being replaced is no reason: the supervisor does that. */
export function livenessProblems({ daemon, vrrp, lvs }: Status, now: number): readonly string[] {
  if (daemon === undefined) return ['the supervisor has said nothing yet'];
  const stale = (name: string, part: { readonly asOf: string } | undefined): readonly string[] =>
    part !== undefined && now - Date.parse(part.asOf) > STALE ? [`the ${name} process has shown nothing since ${part.asOf}`] : [];
  return [...stale('VRRP', vrrp), ...stale('checkers', lvs)];
}

/** Why clients should not count on it; empty while it is ready. A backup is ready, and so is a service on its sorry server. */
export function readinessProblems(status: Status, now: number, onLink: OnLink): readonly string[] {
  const { daemon, vrrp, lvs } = status;
  const running = new Set(daemon?.processes.map(({ name }) => name));
  const missing = [
    ...(running.has('vrrp') && vrrp === undefined ? ['the VRRP process has shown nothing yet'] : []),
    ...(running.has('checkers') && lvs === undefined ? ['the checkers process has shown nothing yet'] : []),
  ];
  const instances = (vrrp?.instances ?? []).flatMap(({ name, state, reason, addresses }) => {
    if (state === 'INIT' || state === 'FAULT') return [`${name} is in ${state}: ${reason}`];
    if (state !== 'MASTER') return [];
    const absent = addresses.filter(({ interface: device, address }) => !onLink(device, address));
    return absent.map(({ interface: device, address }) => `${name} is MASTER and ${address} is not on ${device}`);
  });
  const tables = lvs === undefined || lvs.kernel.known ? [] : [`the kernel's IPVS tables are out of reach: ${lvs.kernel.trouble ?? 'not read yet'}`];
  const stopping = daemon?.stopping === true ? ['the daemon is stopping'] : [];
  return [...livenessProblems(status, now), ...stopping, ...missing, ...instances, ...tables];
}

/** The kernel's own word, asked at this moment. */
export function onLinkNow(): OnLink {
  const interfaces = networkInterfaces();
  return (name, address) => interfaces[name]?.some((one) => one.address === address) === true;
}
