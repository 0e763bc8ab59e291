/** What the independent model hears, and its own reading of what operators say by hand. */

import type { ServerOverride } from '../../src/health/by-hand.js';
import type { PoolConfig, RealServerConfig, VirtualServerConfig } from '../../src/health/config.js';
import type { PoolEvent } from '../../src/health/events.js';
import { connectionOf } from '../support/connection.js';

/** An event as the test makes it. `words` and `idle` are what the machine is told in its own terms. */
export type ModelEvent =
  | Exclude<PoolEvent, { readonly type: 'reconfigured' | 'entriesSeenIdle' }>
  | { readonly type: 'reconfigured'; readonly config: PoolConfig; readonly words: readonly ServerOverride[] }
  /** Pairs of virtual server and server. */
  | { readonly type: 'entriesSeenIdle'; readonly idle: readonly (readonly [VirtualServerConfig, RealServerConfig])[] };

/** The configuration with what was said by hand, one word after the other. */
export function overlaid(config: PoolConfig, words: readonly ServerOverride[]): PoolConfig {
  let virtualServers = config.virtualServers;
  for (const { virtualServer, server, action, weight } of words) {
    const is = ({ address, port }: RealServerConfig): boolean => `[${address}]:tcp:${port}` === server;
    virtualServers = virtualServers.map((each) => {
      if (each.name !== virtualServer) return each;
      const { realServers } = each;
      if (action === 'remove') return { ...each, realServers: realServers.filter((one) => !is(one)) };
      if (action === 'add') return realServers.some(is) ? each : { ...each, realServers: [...realServers, ...added(realServers[0], server, weight)] };
      const byHand = { action, ...(action === 'disable' ? {} : { weight: action === 'drain' ? 0 : (weight ?? 0) }) };
      return { ...each, realServers: realServers.map((one) => (is(one) ? { ...one, byHand } : one)) };
    });
  }
  return { ...config, virtualServers };
}

/** The first one's twin at another address, which asks itself what that one asks itself. */
function added(first: RealServerConfig | undefined, server: string, weight: number | undefined): readonly RealServerConfig[] {
  if (first === undefined) return [];
  const address = address4(server);
  const checkers = first.checkers.map((checker) => {
    const connection = connectionOf(checker.check);
    const moved = connection.address === first.address ? { ...connection, address } : connection;
    return { ...checker, check: { ...checker.check, connection: moved } as typeof checker.check };
  });
  return [{ ...first, address, weight: weight ?? first.weight, checkers, byHand: { action: 'add' } }];
}

function address4(server: string): RealServerConfig['address'] {
  return server.slice(1, server.indexOf(']')) as RealServerConfig['address'];
}
