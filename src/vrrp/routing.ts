/** Which instance an advert is meant for: several may share interface, family and VRID when they do not share a way. */

import { isMulticast, type IpAddress } from '../base/address.js';
import type { DirectorConfig, InstanceConfig } from './config.js';
import { advertInterface } from './host/devices.js';
import type { DirectorEvent } from './events.js';
import type { Instance } from './instance/state.js';

/** Instance indexes by interface, family and VRID. */
export type Routes = ReadonlyMap<string, readonly number[]>;

type AdvertEvent = Extract<DirectorEvent, { type: 'advertReceived' | 'advertMalformed' }>;

export function routesOf({ instances }: DirectorConfig): Routes {
  const routes = new Map<string, number[]>();
  for (const [index, instance] of instances.entries()) {
    const key = keyOf({ ...instance, interface: advertInterface(instance) });
    const others = routes.get(key);
    if (others === undefined) routes.set(key, [index]);
    else others.push(index);
  }
  return routes;
}

/** Index of the instance that has to judge it; undefined when it concerns nobody. */
export function recipientOf(event: AdvertEvent, routes: Routes, instances: readonly Instance[]): number | undefined {
  const virtualRouterId = virtualRouterIdOf(event);
  if (virtualRouterId === undefined) return undefined;
  const candidates = routes.get(keyOf({ ...event, virtualRouterId }));
  if (candidates === undefined) return undefined;
  const [only] = candidates;
  if (candidates.length === 1) return only;
  const destination = destinationOf(event);
  const among = (fits: (instance: Instance) => boolean): number | undefined =>
    candidates.find((index) => {
      const instance = instances[index];
      return instance !== undefined && fits(instance);
    });
  // Whoever is spoken to in its own way judges; without one, somebody has to say that this is not the way.
  if (destination === undefined || isMulticast(destination)) return among(({ config }) => config.unicast === undefined) ?? only;
  const isPeer = ({ config }: Instance): boolean => config.unicast?.peers.some(({ address }) => address === event.source) === true;
  return among(isPeer) ?? among(({ config }) => config.unicast !== undefined) ?? only;
}

/** Undefined when too little arrived to say. */
export function virtualRouterIdOf(event: AdvertEvent): number | undefined {
  return event.type === 'advertReceived' ? event.advert.virtualRouterId : event.header?.virtualRouterId;
}

function destinationOf(event: AdvertEvent): IpAddress | undefined {
  return event.type === 'advertReceived' ? event.arrival?.destination : event.destination;
}

function keyOf(of: Pick<InstanceConfig, 'interface' | 'family' | 'virtualRouterId'>): string {
  return `${of.interface} ${of.family} ${of.virtualRouterId}`;
}
