/**
 * What hangs on what: instances, their addresses, the virtual servers on these addresses, and their real servers. Pure, so
 * that it can be tested without a browser.
 */

import { shortAmount } from '../base/short-amount.js';
import type { AddressStatus, InstanceStatus, RealServerStatus, Status, VirtualServerStatus } from '../control/status.js';

export interface Topology {
  readonly instances: readonly InstanceBranch[];
  /** Virtual servers on addresses that no instance moves, and those by firewall mark. */
  readonly others: readonly VirtualServerStatus[];
}

export interface InstanceBranch {
  readonly instance: InstanceStatus;
  readonly addresses: readonly AddressBranch[];
}

export interface AddressBranch {
  readonly address: AddressStatus;
  readonly virtualServers: readonly VirtualServerStatus[];
}

/** `filter` keeps virtual servers that it occurs in, or in one of their real servers; empty keeps all. */
export function topologyOf({ vrrp, lvs }: Status, filter = ''): Topology {
  const all = lvs?.virtualServers ?? [];
  const shown = filter === '' ? all : all.flatMap((server) => filtered(server, filter.toLowerCase()));
  const byAddress = new Map<string, VirtualServerStatus[]>();
  for (const server of shown) {
    const key = addressIn(server.name);
    byAddress.set(key, [...(byAddress.get(key) ?? []), server]);
  }
  const placed = new Set<string>();
  const instances = (vrrp?.instances ?? []).map((instance) => ({
    instance,
    addresses: instance.addresses.map((address) => {
      placed.add(address.address);
      return { address, virtualServers: byAddress.get(address.address) ?? [] };
    }),
  }));
  return { instances, others: shown.filter(({ name }) => !placed.has(addressIn(name))) };
}

/** Names are like `[192.0.2.100]:tcp:80`; others (`FWM 1`) are on no address. */
function addressIn(name: string): string {
  return /^\[([^\]]+)\]/.exec(name)?.[1] ?? '';
}

function filtered(server: VirtualServerStatus, filter: string): readonly VirtualServerStatus[] {
  if (server.name.toLowerCase().includes(filter)) return [server];
  const realServers = server.realServers.filter(({ name, state, reason = '' }) =>
    [name, state, reason].some((text) => text.toLowerCase().includes(filter)),
  );
  return realServers.length === 0 ? [] : [{ ...server, realServers }];
}

export interface Totals {
  readonly masters: number;
  readonly faults: number;
  readonly instances: number;
  readonly realServersUp: number;
  readonly realServers: number;
  readonly virtualServersDown: number;
}

export function totalsOf({ vrrp, lvs }: Status): Totals {
  const instances = vrrp?.instances ?? [];
  const virtualServers = lvs?.virtualServers ?? [];
  const realServers = virtualServers.flatMap((server) => server.realServers);
  return {
    masters: instances.filter(({ state }) => state === 'MASTER').length,
    faults: instances.filter(({ state }) => state === 'FAULT').length,
    instances: instances.length,
    realServersUp: realServers.filter(({ state }) => state !== 'down').length,
    realServers: realServers.length,
    virtualServersDown: virtualServers.filter(({ state }) => state === 'down').length,
  };
}

/** `3 s`, `4 min`, `5 h`, `6 d`: how long ago `time` was at `now` (milliseconds since 1970). */
export function ageText(time: string, now: number): string {
  const age = Math.max(0, Math.round((now - Date.parse(time)) / 1_000));
  if (age < 120) return `${age} s`;
  if (age < 7_200) return `${Math.floor(age / 60)} min`;
  if (age < 172_800) return `${Math.floor(age / 3_600)} h`;
  return `${Math.floor(age / 86_400)} d`;
}

/** Open connections, then what comes and goes in a second; none where the kernel's counters were not read. */
export function countTexts(connections: RealServerStatus['connections'], traffic: RealServerStatus['traffic']): readonly string[] {
  if (connections === undefined) return [];
  const kept = `${shortAmount(connections.active)} connections`;
  if (traffic === undefined) return [kept];
  const { perSecond } = traffic;
  return [kept, `${shortAmount(perSecond.connections)} new, ${shortAmount(perSecond.bytesIn)}B in, ${shortAmount(perSecond.bytesOut)}B out each second`];
}
