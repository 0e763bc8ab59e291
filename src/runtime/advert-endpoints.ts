/** Which advert sockets a configuration needs: one per (interface, family). When they can be opened is the adapter's matter. */

import type { DirectorConfig } from '../vrrp/config.js';
import { advertInterface } from '../vrrp/devices.js';
import type { AdvertEndpoint } from './ports.js';

/** In configuration order; instances on the same socket share one endpoint. */
export function endpointsOf(config: DirectorConfig): readonly AdvertEndpoint[] {
  const endpoints = config.instances.map((instance) => ({
    interface: advertInterface(instance),
    family: instance.family,
    multicastGroup: instance.family === 'ipv4' ? config.multicastGroup4 : config.multicastGroup6,
    virtualRouterIds: [instance.virtualRouterId],
  }));
  return mergeEndpoints(endpoints);
}

/** Endpoints of the same socket become one that hears all their virtual routers; the last one's group counts. */
function mergeEndpoints(endpoints: readonly AdvertEndpoint[]): readonly AdvertEndpoint[] {
  const merged = new Map<string, AdvertEndpoint>();
  for (const endpoint of endpoints) {
    const key = `${endpoint.interface} ${endpoint.family}`;
    const ids = new Set([...(merged.get(key)?.virtualRouterIds ?? []), ...endpoint.virtualRouterIds]);
    merged.set(key, { ...endpoint, virtualRouterIds: [...ids].sort((a, b) => a - b) });
  }
  return [...merged.values()];
}
