/**
 * Flows whose server is gone. The kernel keeps what it knows of a flow when its server leaves the table, and drops its packets until
 * that is forgotten: 300 s for UDP, in which a client that goes on asking from one port hears nothing. With
 * net.ipv4.vs.expire_nodest_conn it forgets them at once, and the next packet goes to a server that is there. For TCP that is a
 * matter of taste: a connection to a server that comes back soon would live on.
 */

import type { VirtualServerConfig } from '../../health/config.js';
import type { Service } from '../../ipvs/tables.js';
import { BITS } from './scheduler-flags.js';

/** Whether flows end with their server: as lvs_expire_nodest_conn says, else where that can cost no connection. */
export function expiresFlows(virtualServers: readonly VirtualServerConfig[], said: boolean | undefined): boolean {
  const services = virtualServers.flatMap((virtualServer) => virtualServer.services);
  if (services.length === 0) return false;
  return said ?? (services.every(isDatagrams) && services.some(isPinned));
}

/** A service whose flows stay with one server; with `ops` each packet is on its own. */
export function isPinned(service: Service): boolean {
  return isDatagrams(service) && (service.flags & BITS.onePacket) === 0;
}

/** What a firewall mark stands for is not known. */
function isDatagrams({ identity }: Service): boolean {
  return identity.kind === 'address' && identity.protocol === 'udp';
}
