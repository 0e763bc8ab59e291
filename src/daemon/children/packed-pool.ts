/**
 * A pool on its way to a child process. A server that differs from one before it in nothing but where it stands is told by that
 * alone: ten thousand servers are megabytes otherwise, which a start would have to write, copy and read.
 */

import type { IpAddress } from '../../base/address.js';
import { present } from '../../base/invariant.js';
import type { CheckerConfig } from '../../health/config-check.js';
import type { PoolConfig, RealServerConfig, VirtualServerConfig } from '../../health/config.js';

type Place = readonly [address: IpAddress, port: number];

/** A place stands for the last whole server before it, moved there. */
type PackedServer = RealServerConfig | Place;
type PackedVirtualServer = Omit<VirtualServerConfig, 'realServers'> & { readonly realServers: readonly PackedServer[] };

export type PackedPool = Omit<PoolConfig, 'virtualServers'> & { readonly virtualServers: readonly PackedVirtualServer[] };

export function packPool(pool: PoolConfig): PackedPool {
  let whole: RealServerConfig | undefined;
  const pack = (server: RealServerConfig): PackedServer => {
    const { address, port } = server;
    if (whole !== undefined && same(movedTo(whole, address, port), server)) return [address, port];
    whole = server;
    return server;
  };
  const virtualServers = pool.virtualServers.map((each) => ({ ...each, realServers: each.realServers.map(pack) }));
  return { ...pool, virtualServers };
}

/** What was packed; parts that say nothing of the place may be shared by servers then. */
export function unpackPool(packed: PackedPool): PoolConfig {
  let whole: RealServerConfig | undefined;
  const unpack = (server: PackedServer): RealServerConfig => {
    if (isPlace(server)) return movedTo(present(whole, 'the first server is a whole one'), ...server);
    whole = server;
    return server;
  };
  const virtualServers = packed.virtualServers.map((each) => ({ ...each, realServers: each.realServers.map(unpack) }));
  return { ...packed, virtualServers };
}

function isPlace(server: PackedServer): server is Place {
  return Array.isArray(server);
}

/** The same server elsewhere: what is checked at its own address or port is checked at the new one. */
function movedTo(server: RealServerConfig, address: IpAddress, port: number): RealServerConfig {
  const moved = (checker: CheckerConfig): CheckerConfig => {
    const { check } = checker;
    if (!('connection' in check)) return checker;
    const { connection } = check;
    const there = {
      ...connection,
      address: connection.address === server.address ? address : connection.address,
      port: connection.port === server.port ? port : connection.port,
    };
    return { ...checker, check: { ...check, connection: there } };
  };
  return { ...server, address, port, checkers: server.checkers.map(moved) };
}

/** Equal as plain data, in the order of its properties too. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isData(a) || !isData(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  const others = Object.keys(b);
  if (keys.length !== others.length) return false;
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i] ?? '';
    if (key !== others[i] || !same(a[key], b[key])) return false;
  }
  return true;
}

function isData(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype);
}
