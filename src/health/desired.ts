/**
 * What the kernel should hold, chosen from what is known about the servers. A selection and nothing else: whether that
 * means adding, changing or deleting is decided elsewhere.
 */

import { familyOf } from '../base/address.js';
import { destinationKey, entryKey, serviceKey } from '../ipvs/tables.js';
import type { Destination, DestinationKey, Service, ServiceEntry, ServiceKey, Tables } from '../ipvs/tables.js';
import type { RealServerConfig, SorryServerConfig, VirtualServerConfig } from './config.js';
import type { PoolState, RealServerState, ServerDestinations, VirtualServerState } from './pool-state.js';

/**
 * Unchanged services, destinations and, if nothing changed, the whole come back as the same objects. Making a service's
 * entry anew costs time in proportion to its servers: call it once after a batch of events.
 */
export function desiredTables(state: PoolState): Tables {
  if (state.tables !== undefined) return state.tables;
  const tables = new Map<ServiceKey, ServiceEntry>();
  for (const virtualServer of state.virtualServers) {
    virtualServer.entries ??= entriesOf(virtualServer);
    for (const [key, entry] of virtualServer.entries) if (!tables.has(key)) tables.set(key, entry);
  }
  state.tables = tables;
  return tables;
}

/** True when desiredTables would answer something new. Costs nothing. */
export function haveTablesChanged(state: PoolState): boolean {
  return state.tables === undefined;
}

/** What the virtual server is in the kernel. */
export function servicesInKernel({ services, kernelServices = services }: VirtualServerConfig): readonly Service[] {
  return kernelServices;
}

/** The weight a server carries in the kernel, or undefined when it should not be there. */
export function weightInTables({ config, weight, alive, ramp, virtualServer }: RealServerState): number | undefined {
  // Real servers have no tier: they serve while nobody stands in for them.
  const serves = !virtualServer.sorryActive && virtualServer.activeTier === config.tier;
  if (!alive || !serves) return config.inhibitOnFailure ? 0 : undefined;
  const whole = clampWeight(weight);
  return ramp === undefined || whole === 0 ? whole : Math.max(1, Math.floor(whole * ramp.share));
}

/** The kernel's weights are 0 to 2^31-1. */
export function clampWeight(weight: number): number {
  return Math.min(Math.max(Math.trunc(weight), 0), 0x7fffffff);
}

function entriesOf(virtualServer: VirtualServerState): readonly (readonly [ServiceKey, ServiceEntry])[] {
  const services = servicesInKernel(virtualServer.config);
  const maps = services.map(() => new Map<DestinationKey, Destination>());
  // Not by an iterator: code that has not run for long makes an object at each of its steps, and there may be ten thousand.
  virtualServer.servers.forEach((server) => {
    const weight = weightInTables(server);
    if (weight === undefined) return;
    if (server.destinations?.weight !== weight) server.destinations = { weight, perService: placesOf(services, server.config, weight) };
    place(maps, server.destinations.perService);
  });
  for (const { server } of virtualServer.draining.values()) place(maps, placesOf(services, server.config, 0));
  // A sorry server that is a real server too shares its entry: while it stands in, its weight is what counts.
  place(maps, sorryPlaces(virtualServer), virtualServer.sorryActive);
  return services.map((service, i) => [serviceKey(service.identity), { service, destinations: maps[i] ?? new Map() }]);
}

function sorryPlaces({ config, sorryActive }: VirtualServerState): ServerDestinations['perService'] {
  const sorry = config.sorryServer;
  if (sorry === undefined || !(sorryActive || sorry.inhibit)) return [];
  return placesOf(servicesInKernel(config), { ...sorry, upperThreshold: 0, lowerThreshold: 0 }, sorryActive ? 1 : 0);
}

/** `wins`: over the same address and port that are there already. By index: this runs for every server of every service that changed. */
function place(maps: readonly Map<DestinationKey, Destination>[], perService: ServerDestinations['perService'], wins = true): void {
  for (let i = 0; i < perService.length; i += 1) {
    const placed = perService[i];
    if (placed !== undefined && (wins || maps[i]?.has(placed.key) !== true)) maps[i]?.set(placed.key, placed.destination);
  }
}

/** Only tunnels cross families: in a group of mixed addresses other servers serve the services of their own family. */
function suits({ identity }: Service, { method, address }: Destination): boolean {
  const family = identity.kind === 'fwmark' ? identity.family : familyOf(identity.address);
  return method === 'tunnel' || familyOf(address) === family;
}

/** Where a server stands in the tables: service by service of its virtual server, undefined in those it does not suit. */
export function placesInTables({ config, destinations }: Pick<RealServerState, 'config' | 'destinations'>, virtualServer: VirtualServerConfig): readonly (Place | undefined)[] {
  const services = servicesInKernel(virtualServer);
  return (destinations?.perService ?? placesOf(services, config, 0)).map((placed, i) => {
    const service = services[i];
    return service && placed && { service: serviceKey(service.identity), destination: placed.key };
  });
}

export interface Place {
  readonly service: ServiceKey;
  readonly destination: DestinationKey;
}

/** The keys under which a server stands in the tables, service by service. */
export function keysInTables({ config }: RealServerState, virtualServer: VirtualServerConfig): readonly string[] {
  const places = placesInTables({ config, destinations: undefined }, virtualServer);
  return places.flatMap((place) => (place === undefined ? [] : [entryKey(place.service, place.destination)]));
}

type Target = Pick<RealServerConfig, 'upperThreshold' | 'lowerThreshold'> &
  Pick<SorryServerConfig, 'address' | 'port' | 'method' | 'tunnel'>;

function placesOf(services: readonly Service[], target: Target, weight: number): ServerDestinations['perService'] {
  const { address, method, tunnel, upperThreshold, lowerThreshold } = target;
  return services.map((service) => {
    const destination: Destination = {
      address,
      port: destinationPort(service.identity, target),
      method,
      ...(tunnel === undefined ? {} : { tunnel }),
      weight,
      upperThreshold,
      lowerThreshold,
    };
    return suits(service, destination) ? { key: destinationKey(destination), destination } : undefined;
  });
}

/** Masquerading rewrites the port; direct routing and tunnels cannot, so the service's port counts (0 for a mark). */
function destinationPort(identity: Service['identity'], { method, port }: Target): number {
  if (method === 'nat') return port;
  return identity.kind === 'fwmark' ? 0 : identity.port;
}
