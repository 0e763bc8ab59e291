/**
 * What an operator has said about real servers since the configuration was read, laid over it. The file stays what it is;
 * whoever reads the result cannot tell it from a configuration, except by `byHand`.
 */

import { parseAddress } from '../base/address.js';
import type { IpAddress } from '../base/address.js';
import type { CheckerConfig } from './config-check.js';
import type { PoolConfig, RealServerConfig, VirtualServerConfig } from './config.js';
import { serverName } from './pool-state.js';

/** `drain`: no new connections. `disable`: out of the tables, not checked. `weight`: counts instead of any other. */
export type ServerAction = 'drain' | 'disable' | 'weight' | 'add' | 'remove';

/** One word about one server of one virtual server. */
export interface ServerOverride {
  readonly virtualServer: string;
  /** As serverName() names it. */
  readonly server: string;
  readonly action: ServerAction;
  /** 0..2^31-1; of `weight`, and of `add` where it is not that of the other servers. */
  readonly weight?: number;
}

/** `overrides` in the order in which they were said: a server may be added, then drained. Those that fit nothing do nothing. */
export function withOverrides(config: PoolConfig, overrides: readonly ServerOverride[]): PoolConfig {
  if (overrides.length === 0) return config;
  return {
    ...config,
    virtualServers: config.virtualServers.map((virtualServer) => {
      const concerned = overrides.filter((override) => override.virtualServer === virtualServer.name);
      return concerned.reduce(withOverride, virtualServer);
    }),
  };
}

function withOverride(virtualServer: VirtualServerConfig, { server, action, weight }: ServerOverride): VirtualServerConfig {
  const { realServers } = virtualServer;
  const isMeant = (config: RealServerConfig): boolean => serverName(virtualServer, config) === server;
  switch (action) {
    case 'add': {
      const added = realServers.some(isMeant) ? undefined : newServer(virtualServer, server, weight);
      return added === undefined ? virtualServer : { ...virtualServer, realServers: [...realServers, added] };
    }
    case 'remove':
      return { ...virtualServer, realServers: realServers.filter((config) => !isMeant(config)) };
    case 'drain':
    case 'disable':
    case 'weight': {
      const byHand = { action, ...(action === 'drain' ? { weight: 0 } : action === 'weight' && weight !== undefined ? { weight } : {}) };
      return { ...virtualServer, realServers: realServers.map((config) => (isMeant(config) ? { ...config, byHand } : config)) };
    }
  }
}

/** Like the first server that the file names, at another address: what asked that one asks this one. */
function newServer(virtualServer: VirtualServerConfig, name: string, weight: number | undefined): RealServerConfig | undefined {
  const [template] = virtualServer.realServers;
  const target = addressIn(name);
  if (template === undefined || target === undefined) return undefined;
  return {
    ...template,
    ...target,
    weight: weight ?? template.weight,
    checkers: template.checkers.map((checker) => movedChecker(checker, template, target)),
    byHand: { action: 'add' },
  };
}

function movedChecker(checker: CheckerConfig, from: RealServerConfig, to: { readonly address: IpAddress; readonly port: number }): CheckerConfig {
  const { check } = checker;
  if (!('connection' in check)) return checker;
  const { connection } = check;
  const address = connection.address === from.address ? to.address : connection.address;
  const port = connection.port === from.port ? to.port : connection.port;
  return { ...checker, check: { ...check, connection: { ...connection, address, port } } };
}

/** Of `[192.0.2.11]:tcp:80`. */
function addressIn(name: string): { readonly address: IpAddress; readonly port: number } | undefined {
  const [, text = '', port] = /^\[(.+)\]:\w+:(\d+)$/.exec(name) ?? [];
  const address = parseAddress(text);
  return address === undefined ? undefined : { address, port: Number(port) };
}
