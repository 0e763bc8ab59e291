/**
 * Which advert sockets a configuration needs: one for each way of hearing on an interface. When they can be opened is the
 * adapter's matter.
 */

import type { IpAddress } from '../base/address.js';
import { given } from '../base/given.js';
import type { DirectorConfig, InstanceConfig } from '../vrrp/config.js';
import { advertInterface } from '../vrrp/host/devices.js';
import type { DirectorEffect } from '../vrrp/events.js';
import { bothBuffers, bufferOf } from './advert-buffers.js';
import { wayKey, type AdvertEndpoint, type AdvertWay } from './ports.js';

/** In configuration order; instances on the same socket share one endpoint. */
export function endpointsOf(config: DirectorConfig): readonly AdvertEndpoint[] {
  const groups = { ipv4: config.multicastGroup4, ipv6: config.multicastGroup6 };
  const hearsUnknown = config.logUnknownVirtualRouterIds === true ? { hearsUnknown: true } : {};
  const endpoints = config.instances.map((instance) => ({
    ...wayOfInstance(instance, groups[instance.family]),
    virtualRouterIds: [instance.virtualRouterId],
    ...hearsUnknown,
    ...given({ receiveBuffer: bufferOf(instance, config.advertBuffers) }),
  }));
  return mergeEndpoints(endpoints);
}

/** The socket that an advert leaves by. */
export function wayOf(effect: Extract<DirectorEffect, { readonly type: 'sendAdvert' }>): AdvertWay {
  const { interface: name, family, protection, unicast, source, destinations } = effect;
  const protocol = protection.type === 'header' ? 'ah' : 'vrrp';
  return { interface: name, family, protocol, ...placeOf(name, unicast, source, destinations[0]) };
}

/** Endpoints of the same socket become one that hears all their virtual routers. */
function mergeEndpoints(endpoints: readonly AdvertEndpoint[]): readonly AdvertEndpoint[] {
  const merged = new Map<string, AdvertEndpoint>();
  for (const endpoint of endpoints) {
    const key = wayKey(endpoint);
    const before = merged.get(key);
    const ids = new Set([...(before?.virtualRouterIds ?? []), ...endpoint.virtualRouterIds]);
    const receiveBuffer = bothBuffers(before?.receiveBuffer, endpoint.receiveBuffer);
    merged.set(key, { ...endpoint, virtualRouterIds: [...ids].sort((a, b) => a - b), ...given({ receiveBuffer }) });
  }
  return [...merged.values()];
}

function wayOfInstance(instance: InstanceConfig, group: IpAddress): AdvertWay {
  const { family, authentication, unicast, source, multicastDestination } = instance;
  const name = advertInterface(instance);
  const protocol = authentication.type === 'ah' ? 'ah' : 'vrrp';
  return { interface: name, family, protocol, ...placeOf(name, unicast !== undefined, source, multicastDestination ?? group) };
}

function placeOf(
  name: string,
  unicast: boolean,
  source: IpAddress | undefined,
  group: IpAddress | undefined,
): Pick<AdvertWay, 'multicastGroup' | 'localAddress'> {
  if (!unicast) return given({ multicastGroup: group });
  return name === '' ? given({ localAddress: source }) : {};
}
