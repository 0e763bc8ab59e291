/**
 * lb_kind FULLNAT: which connections have their client's address translated too, so that real servers answer to the director
 * without a route back through it. A choice and nothing else; io/netlink/full-nat.ts has the kernel do it.
 *
 * IPVS translates the destination (NAT) and, with net.ipv4.vs.conntrack, tells the connection tracking of it; a rule behind it
 * then masquerades the source, and answers come back to the director by themselves.
 */

import { familyOf } from '../base/address.js';
import type { Family, IpAddress } from '../base/address.js';
import type { ServiceIdentity } from '../ipvs/tables.js';
import { serversOf } from './config.js';
import type { PoolConfig } from './config.js';

/** Connections to a service that IPVS sends to one of these servers. */
export interface TranslatedService {
  readonly identity: ServiceIdentity;
  readonly family: Family;
  /** Each once. */
  readonly servers: readonly IpAddress[];
}

/** Those of all virtual servers that have servers by FULLNAT; sorry and backup servers too. */
export function translatedServices({ virtualServers }: PoolConfig): readonly TranslatedService[] {
  return virtualServers.flatMap((virtualServer) => {
    const { services, sorryServer } = virtualServer;
    const all = [...serversOf(virtualServer), ...(sorryServer === undefined ? [] : [sorryServer])];
    const addresses = [...new Set(all.filter(({ fullNat }) => fullNat === true).map(({ address }) => address))];
    return services.flatMap(({ identity }): readonly TranslatedService[] => {
      const family = identity.kind === 'fwmark' ? identity.family : familyOf(identity.address);
      const servers = addresses.filter((address) => familyOf(address) === family);
      return servers.length === 0 ? [] : [{ identity, family, servers }];
    });
  });
}

/** What the kernel must be set to for these: paths below /proc/sys/net. */
export function translationSettings(services: readonly TranslatedService[]): readonly { readonly path: string; readonly value: string }[] {
  const has = (family: Family): boolean => services.some((service) => service.family === family);
  return [
    ...(services.length === 0 ? [] : [{ path: 'ipv4/vs/conntrack', value: '1' }]),
    ...(has('ipv4') ? [{ path: 'ipv4/ip_forward', value: '1' }] : []),
    ...(has('ipv6') ? [{ path: 'ipv6/conf/all/forwarding', value: '1' }] : []),
  ];
}
