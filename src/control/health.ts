/**
 * GET /livez, /readyz and /v1/health: whether the daemon works at all, and whether it does what it is for. Addresses are not believed but
 * looked for on the interfaces of this host: what a director shows about itself is not what clients can reach.
 */

import { networkInterfaces } from 'node:os';

import type { DaemonPartStatus, DaemonStatus, Status } from './status.js';

/**
 * A part that was looked at longer ago than this hangs, milliseconds: pictures come every five seconds, of large farms on busy
 * machines half as often. Processes that hang are replaced much sooner than that, by the supervisor.
 */
const STALE = 30_000;

/** One reason against it. */
export interface HealthProblem {
  /** `tables`: the kernel's IPVS tables. */
  readonly kind: 'daemon' | 'instance' | 'address' | 'tables';
  /** The vrrp_instance that it is about. */
  readonly instance?: string;
  readonly text: string;
}

/** GET /v1/health: /livez and /readyz for programs. */
export interface Health {
  readonly version: 1;
  readonly live: boolean;
  readonly ready: boolean;
  /** Why it is not ready; among them why it does not live. */
  readonly problems: readonly HealthProblem[];
}

export type OnLink = (interfaceName: string, address: string) => boolean;

/** Why it should be started again; empty while it lives. A process being replaced is no reason: the supervisor does that. */
export function livenessProblems({ daemon, vrrp, lvs }: Status, now: number): readonly HealthProblem[] {
  if (daemon === undefined) return [ofDaemon('the supervisor has said nothing yet')];
  const stale = (name: string, part: { readonly asOf: string } | undefined): readonly HealthProblem[] =>
    part !== undefined && now - Date.parse(part.asOf) > STALE ? [ofDaemon(`the ${name} process has shown nothing since ${part.asOf}`)] : [];
  return [...gone(daemon, ({ stopping }) => !stopping), ...stale('VRRP', vrrp), ...stale('checkers', lvs)];
}

function ofDaemon(text: string): HealthProblem {
  return { kind: 'daemon', text };
}

/** Daemons that a control service has heard and hears no longer. */
function gone({ daemons = [] }: DaemonStatus, counts: (daemon: DaemonPartStatus) => boolean): readonly HealthProblem[] {
  return daemons.flatMap((each) => (each.isGone && counts(each) ? [ofDaemon(`the daemon ${each.name} is gone`)] : []));
}

/** Why clients should not count on it; empty while it is ready. A backup is ready, and so is a service on its sorry server. */
export function readinessProblems(status: Status, now: number, onLink: OnLink): readonly HealthProblem[] {
  const { daemon, vrrp, lvs } = status;
  const running = new Set(daemon?.processes.map(({ name }) => name));
  const missing = [
    ...(running.has('vrrp') && vrrp === undefined ? [ofDaemon('the VRRP process has shown nothing yet')] : []),
    ...(running.has('checkers') && lvs === undefined ? [ofDaemon('the checkers process has shown nothing yet')] : []),
  ];
  const instances = (vrrp?.instances ?? []).flatMap(({ name, state, reason, addresses }): readonly HealthProblem[] => {
    if (state === 'INIT' || state === 'FAULT') return [{ kind: 'instance', instance: name, text: `${name} is in ${state}: ${reason}` }];
    if (state !== 'MASTER') return [];
    const absent = addresses.filter(({ interface: device, address }) => !onLink(device, address));
    return absent.map(({ interface: device, address }) => ({ kind: 'address', instance: name, text: `${name} is MASTER and ${address} is not on ${device}` }));
  });
  const tables: readonly HealthProblem[] =
    lvs === undefined || lvs.kernel.known ? [] : [{ kind: 'tables', text: `the kernel's IPVS tables are out of reach: ${lvs.kernel.trouble ?? 'not read yet'}` }];
  const stopping = daemon?.stopping === true ? [ofDaemon('the daemon is stopping')] : [];
  const left = daemon === undefined ? [] : gone(daemon, (each) => each.stopping);
  return [...livenessProblems(status, now), ...left, ...stopping, ...missing, ...instances, ...tables];
}

/** All of it at once. `links`: undefined where nobody could say what is on the interfaces. */
export function healthOf(status: Status, now: number, links: Links | undefined): Health {
  const unseen = links === undefined ? [ofDaemon('nobody says which addresses are on the interfaces')] : [];
  const problems = [...unseen, ...readinessProblems(status, now, onLinkOf(links ?? []))];
  return { version: 1, live: livenessProblems(status, now).length === 0, ready: problems.length === 0, problems };
}

/** Each interface with one of its addresses. */
export type Links = readonly (readonly [interfaceName: string, address: string])[];

/** The kernel's own word, asked at this moment. */
export function linksNow(): Links {
  return Object.entries(networkInterfaces()).flatMap(([name, each = []]) => each.map(({ address }) => [name, address] as const));
}

export function onLinkOf(links: Links): OnLink {
  const all = new Set(links.map(([name, address]) => `${name} ${address}`));
  return (name, address) => all.has(`${name} ${address}`);
}
