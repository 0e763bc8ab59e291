/** What a configuration needs of its host, in the terms that the examinations ask for. */

import { familyOf } from '../../base/address.js';
import type { IpAddress } from '../../base/address.js';
import type { Model } from '../../conf/model.js';
import { serversOf } from '../../health/config.js';
import type { ForwardingMethod } from '../../ipvs/tables.js';
import { allAddresses } from '../../vrrp/instance/belongings.js';

export interface PlacedAddress {
  readonly interface: string;
  readonly address: IpAddress;
}

export interface Needs {
  /** Interfaces that instances speak through. */
  readonly interfaces: readonly string[];
  readonly virtualAddresses: readonly PlacedAddress[];
  /** Addresses of virtual servers. */
  readonly serviceAddresses: readonly IpAddress[];
  readonly methods: ReadonlySet<ForwardingMethod>;
  /** Of the servers by NAT. */
  readonly natFamilies: ReadonlySet<'ipv4' | 'ipv6'>;
  readonly fullNat: boolean;
  readonly persistence: boolean;
  readonly servers: number;
  readonly checks: number;
  /** IP protocols of adverts that arrive, with where they go: 112, and 51 with auth_type AH. */
  readonly adverts: readonly { readonly interface: string; readonly protocol: 112 | 51; readonly family: 'ipv4' | 'ipv6'; readonly unicast: boolean }[];
  /** Names of instances whose adverts are signed by the clock. */
  readonly signedByClock: readonly string[];
  readonly routes: boolean;
  readonly rules: boolean;
  readonly virtualMacs: readonly { readonly instance: string; readonly base: string }[];
}

export function needsOf({ director, pool }: Model): Needs {
  const { instances } = director;
  const servers = pool.virtualServers.flatMap((virtualServer) => serversOf(virtualServer));
  const nat = servers.filter(({ method }) => method === 'nat');
  return {
    interfaces: [...new Set(instances.map((instance) => instance.interface))].filter((name) => name !== ''),
    virtualAddresses: instances.flatMap((instance) => allAddresses(instance)).map(({ interface: device, address }) => ({ interface: device, address })),
    serviceAddresses: [...new Set(pool.virtualServers.flatMap(({ services }) => services.flatMap(({ identity }) => (identity.kind === 'address' ? [identity.address] : []))))],
    methods: new Set(servers.map(({ method }) => method)),
    natFamilies: new Set(nat.map(({ address }) => familyOf(address))),
    fullNat: servers.some(({ fullNat }) => fullNat === true),
    persistence: pool.virtualServers.some(({ services }) => services.some(({ persistenceTimeout }) => persistenceTimeout > 0)),
    servers: servers.length,
    checks: servers.reduce((count, { checkers }) => count + checkers.length, 0),
    adverts: instances.map(({ interface: device, family, authentication, unicast }) => ({
      interface: device,
      protocol: authentication.type === 'ah' ? 51 : 112,
      family,
      unicast: unicast !== undefined,
    })),
    signedByClock: instances.filter(({ hmac }) => hmac?.antiReplay === 'time').map(({ name }) => name),
    routes: instances.some(({ routes = [] }) => routes.length > 0) || (director.staticObjects?.routes.length ?? 0) > 0,
    rules: instances.some(({ rules = [] }) => rules.length > 0) || (director.staticObjects?.rules.length ?? 0) > 0,
    virtualMacs: instances.flatMap(({ name, interface: base, device }) => (device?.virtual?.type === 'macvlan' ? [{ instance: name, base }] : [])),
  };
}
