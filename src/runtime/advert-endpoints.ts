/**
 * Which advert sockets must be open: one per (interface, family) that an instance uses, while the interface exists.
 * An interface that was deleted and made again has a new index, and a socket bound to the old one is deaf: it is reopened.
 */

import type { DirectorConfig, InstanceConfig, LinkState } from '../vrrp/config.js';
import type { DirectorEvent } from '../vrrp/events.js';
import type { AdvertEndpoint, AdvertPort } from './ports.js';

/** Keeps the port's endpoints in step with the configuration and the links. */
export interface AdvertEndpoints {
  /** Opens what `event` makes necessary. */
  readonly before: (event: DirectorEvent) => void;
  /** Closes what `event` has made needless. */
  readonly after: (event: DirectorEvent) => void;
}

export function createAdvertEndpoints(port: AdvertPort): AdvertEndpoints {
  let wanted: readonly AdvertEndpoint[] = [];
  const linkIndexes = new Map<string, number>();
  const configure = (endpoints: readonly AdvertEndpoint[]): void =>
    port.configure(endpoints.filter((endpoint) => linkIndexes.has(endpoint.interface)));

  const linkChanged = (name: string, link: LinkState | undefined): void => {
    const known = linkIndexes.get(name);
    if (link?.index === known) return;
    const used = wanted.some((endpoint) => endpoint.interface === name);
    if (known !== undefined) {
      linkIndexes.delete(name);
      if (used) configure(wanted);
    }
    if (link !== undefined) {
      linkIndexes.set(name, link.index);
      if (used) configure(wanted);
    }
  };

  return {
    before: (event) => {
      if (event.type === 'linkChanged') linkChanged(event.interface, event.link);
      if (event.type === 'reconfigured') configure(mergeEndpoints([...wanted, ...endpointsOf(event.config)]));
    },
    after: (event) => {
      if (event.type !== 'reconfigured') return;
      wanted = endpointsOf(event.config);
      configure(wanted);
    },
  };
}

/** One endpoint per (interface, family), in configuration order. */
export function endpointsOf(config: DirectorConfig): readonly AdvertEndpoint[] {
  return mergeEndpoints(config.instances.map((instance) => endpointOf(config, instance)));
}

function endpointOf(config: DirectorConfig, instance: InstanceConfig): AdvertEndpoint {
  return {
    interface: instance.interface,
    family: instance.family,
    multicastGroup: instance.family === 'ipv4' ? config.multicastGroup4 : config.multicastGroup6,
    virtualRouterIds: [instance.virtualRouterId],
  };
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
