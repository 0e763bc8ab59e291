/** Where keepalived's D-Bus objects stand. Pure. */

import type { InstanceStatus } from '../status.js';

export interface DbusPlace {
  /** Names of the network namespace and the instance of the daemon, as far as it has them. */
  readonly names: readonly string[];
  /** Stands for the interface of an instance that has none. */
  readonly noInterfaceName: string;
}

export interface DbusSettings extends DbusPlace {
  /** The name on the bus. */
  readonly serviceName: string;
}

/** Of the daemon as a whole. */
export function daemonPath({ names }: DbusPlace): string {
  return [...root(names), 'Vrrp'].join('/');
}

/** Of one vrrp_instance. */
export function instancePath(place: DbusPlace, { interface: device, virtualRouterId, family }: InstanceStatus): string {
  const { names, noInterfaceName } = place;
  const interfaceName = device === '' ? noInterfaceName : device;
  return [...root(names), 'Instance', segment(interfaceName), String(virtualRouterId), family === 'ipv4' ? 'IPv4' : 'IPv6'].join('/');
}

function root(names: readonly string[]): readonly string[] {
  return ['', 'org', 'keepalived', 'Vrrp1', ...names.map(segment)];
}

/** A path has letters and digits only; keepalived writes `_` for anything else. */
function segment(name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, '_');
}
