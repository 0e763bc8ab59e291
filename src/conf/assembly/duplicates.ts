/** Virtual servers that stand for the same IPVS service: the kernel has it once, so they must become one. */

import type { Word } from '../cst.js';
import type { RealServerConfig, VirtualServerConfig } from '../../health/config.js';
import type { Build } from './context.js';

/** A virtual server with the place of its header. */
export interface BuiltServer {
  readonly at: Word;
  readonly config: VirtualServerConfig;
}

/**
 * keepalived programs both, so that the kernel ends up with one service of the first one's settings and the real servers
 * of both. The same is made here; services of a group that are taken in part are left to the first owner.
 */
export function joinDuplicates(build: Build, built: readonly BuiltServer[]): readonly VirtualServerConfig[] {
  const owners = new Map<string, number>();
  const kept: VirtualServerConfig[] = [];
  /** By the place of the first in `kept`, its own real servers and those that join them. */
  const joined = new Map<number, Map<string, RealServerConfig>>();
  for (const { at, config } of built) {
    const free = config.services.filter(({ identity }) => !owners.has(JSON.stringify(identity)));
    if (free.length === config.services.length) {
      for (const { identity } of free) owners.set(JSON.stringify(identity), kept.length);
      kept.push(config);
      continue;
    }
    const [service] = config.services;
    const owner = owners.get(JSON.stringify(service?.identity)) ?? 0;
    const first = kept[owner];
    const report = (outcome: string): void => {
      const message = `${config.name} is the same IPVS service as an earlier virtual_server: ${outcome}`;
      build.findings.report('virtualServerDuplicate', at, message, 'write all real servers into one virtual_server');
    };
    if (free.length > 0) {
      report('only its other services are used');
      for (const { identity } of free) owners.set(JSON.stringify(identity), kept.length);
      kept.push(inPlaceOf(build, config, { ...config, services: free }));
    } else if (first !== undefined) {
      report(`its real servers join those of ${first.name}, the rest of the block is ignored`);
      const servers = joined.get(owner) ?? byAddress(first.realServers, new Map());
      joined.set(owner, byAddress(config.realServers, servers));
    }
  }
  return kept.map((config, index) => {
    const servers = joined.get(index);
    return servers === undefined ? config : inPlaceOf(build, config, { ...config, realServers: [...servers.values()] });
  });
}

/** Adds those that are not there yet. */
function byAddress(servers: readonly RealServerConfig[], known: Map<string, RealServerConfig>): Map<string, RealServerConfig> {
  for (const server of servers) {
    const key = `${server.address} ${server.port}`;
    if (!known.has(key)) known.set(key, server);
  }
  return known;
}

/** The changed server stands where the one it comes from stands. */
function inPlaceOf({ origins }: Build, original: VirtualServerConfig, changed: VirtualServerConfig): VirtualServerConfig {
  const located = origins?.virtualServers.get(original);
  if (located !== undefined) origins?.virtualServers.set(changed, located);
  return changed;
}
