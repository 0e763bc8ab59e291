/** Names of services and servers as keepalived prints them in messages about IPVS commands. For people, never for keys. */

import type { Destination, ServiceIdentity } from './tables.js';
import type { Op } from './plan.js';

/** `192.0.2.1:tcp:80`, `[2001:db8::1]:tcp:80`, `Fwm 7`, `Fwm 7 inet6`. */
function serviceLabel(identity: ServiceIdentity): string {
  if (identity.kind === 'fwmark') return `Fwm ${identity.fwmark}${identity.family === 'ipv6' ? ' inet6' : ''}`;
  return `${host(identity.address)}:${identity.protocol}:${identity.port}`;
}

/** `192.0.2.11:80`, `[2001:db8::11]:80`. */
function destinationLabel({ address, port }: Pick<Destination, 'address' | 'port'>): string {
  return `${host(address)}:${port}`;
}

/** What an op is about: the service, and the server where it is about one. */
export function opLabels(op: Op): { readonly service: string; readonly server?: string } {
  const service = serviceLabel(op.service.identity);
  return 'destination' in op ? { service, server: destinationLabel(op.destination) } : { service };
}

function host(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
