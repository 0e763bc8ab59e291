/**
 * nftables_ipvs: a group's addresses become one firewall mark, which the kernel serves instead of one service for each address. A
 * group that has marks of its own stays as it is, as with keepalived. Marks are given out as configurations come, so that a group
 * keeps its own through reloads: another mark would be another service, without the connections of this one.
 */

import { FAMILIES, familyOf } from '../base/address.js';
import type { IpAddress } from '../base/address.js';
import type { Protocol, Service } from '../ipvs/tables.js';
import type { PoolConfig, VirtualServerConfig } from './config.js';

/** The marks that are given out, by group and protocol. */
export type MarkLedger = ReadonlyMap<string, number>;

/** The same as plain data, for other processes and for the next daemon. */
export type GroupMarks = readonly (readonly [group: string, mark: number])[];

/** Packets to these addresses get the mark; port 0 = all ports. */
export interface MarkedAddresses {
  readonly protocol: Protocol;
  /** First and last, of one family. */
  readonly from: IpAddress;
  readonly to: IpAddress;
  readonly port: number;
  readonly mark: number;
}

export interface Marking {
  /** With `kernelServices` where a group has a mark. */
  readonly pool: PoolConfig;
  readonly marked: readonly MarkedAddresses[];
  readonly ledger: MarkLedger;
}

/** Without nftables_ipvs the pool as it is. Groups that are gone give their marks back. */
export function markGroups(pool: PoolConfig, before: MarkLedger): Marking {
  const { nftables } = pool;
  if (nftables === undefined) return { pool, marked: [], ledger: new Map() };
  const keys = keysOf(pool.virtualServers);
  const written = new Set(marksInFile(pool));
  const ledger = new Map([...keys.values()].flatMap((key) => {
    const mark = before.get(key);
    return mark === undefined || written.has(mark) ? [] : [[key, mark] as const];
  }));
  const taken = new Set([...ledger.values(), ...written]);
  const marked: MarkedAddresses[] = [];
  let next = nftables.startFwmark;
  const virtualServers = pool.virtualServers.map((config) => {
    const key = keys.get(config);
    if (key === undefined) return config;
    while (!ledger.has(key) && taken.has(next)) next += 1;
    const mark = ledger.get(key) ?? next;
    ledger.set(key, mark);
    taken.add(mark);
    marked.push(...addressesOf(config, mark));
    return { ...config, kernelServices: markServices(config.services, mark) };
  });
  return { pool: { ...pool, virtualServers }, marked, ledger };
}

/** Of those that get a mark; a group used several times with one protocol is told apart by order. */
function keysOf(virtualServers: readonly VirtualServerConfig[]): ReadonlyMap<VirtualServerConfig, string> {
  const keys = new Map<VirtualServerConfig, string>();
  const used = new Map<string, number>();
  for (const config of virtualServers) {
    const protocol = protocolOf(config);
    if (config.group?.entries.every(({ kind }) => kind === 'addresses') !== true || protocol === undefined) continue;
    const name = `${config.group.name} ${protocol}`;
    const count = (used.get(name) ?? 0) + 1;
    used.set(name, count);
    keys.set(config, `${name} ${count}`);
  }
  return keys;
}

function protocolOf({ services }: VirtualServerConfig): Protocol | undefined {
  const identity = services[0]?.identity;
  return identity?.kind === 'address' ? identity.protocol : undefined;
}

function marksInFile({ virtualServers }: PoolConfig): readonly number[] {
  return virtualServers.flatMap(({ services }) => services.flatMap(({ identity }) => (identity.kind === 'fwmark' ? identity.fwmark : [])));
}

function addressesOf(config: VirtualServerConfig, mark: number): readonly MarkedAddresses[] {
  const protocol = protocolOf(config);
  if (protocol === undefined) return [];
  return (config.group?.entries ?? []).flatMap((entry) => {
    if (entry.kind === 'fwmark') return [];
    const { from, to, port } = entry;
    return [{ protocol, from, to, port, mark }];
  });
}

/** One for each family that the addresses are of. */
function markServices(services: readonly Service[], mark: number): readonly Service[] {
  return FAMILIES.flatMap((family) => {
    const service = services.find(({ identity }) => identity.kind === 'address' && familyOf(identity.address) === family);
    return service === undefined ? [] : [{ ...service, identity: { kind: 'fwmark', fwmark: mark, family } as const }];
  });
}
