/**
 * interface_up_down_delays: a change of a link counts when it has lasted; what returns to what it was before has not
 * happened. Only up and down wait: an interface that goes away, or another one of its name, counts at once.
 */

import { after, earliest, isDue, type Micros } from '../../base/time.js';
import type { LinkDelayConfig } from '../config/track.js';
import type { DirectorConfig, LinkState } from '../config.js';
import { devicesOf } from '../host/devices.js';

/** By interface: when a change counts that has been seen already. */
export type PendingLinks = ReadonlyMap<string, { readonly until: Micros; readonly up: boolean }>;

export const NO_PENDING_LINKS: PendingLinks = new Map<string, { readonly until: Micros; readonly up: boolean }>();

/** Those configured, and the same for macvlans and ipvlans, which go down with the interface below. */
export function delaysOf(config: DirectorConfig | undefined): readonly LinkDelayConfig[] {
  const delays = config?.linkDelays ?? [];
  if (config === undefined || delays.length === 0) return delays;
  const above = devicesOf(config, config.instances).devices.flatMap(({ base, device }) =>
    delays.flatMap((delay) => (delay.interface === base ? [{ ...delay, interface: device.name }] : [])),
  );
  return [...delays, ...above];
}

export interface Delayed {
  readonly link: LinkState | undefined;
  readonly pending: PendingLinks;
  /** It was down, even if that did not count: the kernel has dropped the routes through it, and says so to nobody. */
  readonly returned: boolean;
}

/** The link as it counts now. `known`: as it has counted so far. */
export function delayed(
  delays: readonly LinkDelayConfig[],
  pending: PendingLinks,
  name: string,
  link: LinkState | undefined,
  known: LinkState | undefined,
  now: Micros,
): Delayed {
  const returned = link?.up === true && known?.index === link.index && !(pending.get(name) ?? known).up;
  const delay = delays.find((each) => each.interface === name);
  const span = link?.up === true ? delay?.up : delay?.down;
  const waits = span !== undefined && span > 0 && link !== undefined && known?.index === link.index && known.up !== link.up;
  if (!waits) return { link, pending: without(pending, name), returned };
  const begun = pending.get(name) ?? { until: after(now, span), up: link.up };
  // Due already, but its time-out has not been heard yet.
  if (isDue(begun.until, now)) return { link, pending: without(pending, name), returned };
  return { link: { ...link, up: known.up }, pending: new Map(pending).set(name, begun), returned };
}

/** Names of the links whose change counts from now on, and what it is. */
export function duePendingLinks(pending: PendingLinks, now: Micros): readonly (readonly [name: string, up: boolean])[] {
  return [...pending].flatMap(([name, { until, up }]) => (isDue(until, now) ? [[name, up] as const] : []));
}

export function pendingLinksDeadline(pending: PendingLinks): Micros | undefined {
  let deadline: Micros | undefined;
  for (const { until } of pending.values()) deadline = earliest(deadline, until);
  return deadline;
}

export function without(pending: PendingLinks, name: string): PendingLinks {
  if (!pending.has(name)) return pending;
  const rest = new Map(pending);
  rest.delete(name);
  return rest;
}
