/**
 * What an instance has as master beside its role: addresses, routes and policy rules, asked of the kernel together. Which of
 * two are the same, and which are left of a set, is said here; when they are asked for, in addresses.ts.
 */

import type { DirectorConfig, InstanceConfig, VirtualAddress } from '../config.js';
import type { Route } from '../host/routes.js';
import type { Rule } from '../host/rules.js';

export type Belonging = VirtualAddress | Route | Rule;

/** In the order in which they are set; they are removed the other way round, kind by kind. */
export interface Belongings {
  readonly addresses: readonly VirtualAddress[];
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
}

export const NOTHING: Belongings = { addresses: [], routes: [], rules: [] };

/** Fields that mean nothing to the kernel. */
const OURS_ALONE: readonly string[] = ['tracked', 'trackGroup'];

type Owner = Pick<InstanceConfig, 'virtualAddresses' | 'excludedAddresses' | 'routes' | 'rules'>;

/** VIPs, then excluded ones: the order of setting and announcing. */
export function allAddresses(config: Owner): readonly VirtualAddress[] {
  return [...config.virtualAddresses, ...config.excludedAddresses];
}

/** Everything that goes with being master. */
export function allBelongings(config: Owner): Belongings {
  return { addresses: allAddresses(config), routes: config.routes ?? [], rules: config.rules ?? [] };
}

/** Every route and rule of a configuration, static ones too: what the kernel's events are compared with. */
export function networkOf({ instances, staticObjects }: DirectorConfig): Pick<Belongings, 'routes' | 'rules'> {
  return {
    routes: [...instances.flatMap(({ routes = [] }) => routes), ...(staticObjects?.routes ?? [])],
    rules: [...instances.flatMap(({ rules = [] }) => rules), ...(staticObjects?.rules ?? [])],
  };
}

export function isNothing({ addresses, routes, rules }: Belongings): boolean {
  return addresses.length + routes.length + rules.length === 0;
}

export function listOf({ addresses, routes, rules }: Belongings): readonly Belonging[] {
  return [...addresses, ...routes, ...rules];
}

/** Those of which `keep` is true. */
export function filtered({ addresses, routes, rules }: Belongings, keep: (belonging: Belonging) => boolean): Belongings {
  return { addresses: addresses.filter(keep), routes: routes.filter(keep), rules: rules.filter(keep) };
}

/** Equal for what the kernel would remove as the same, whatever object it is. */
export function identity(belonging: Belonging): string {
  if ('address' in belonging) return `${belonging.address}/${belonging.prefixLength} ${belonging.interface}`;
  if ('destination' in belonging) return routeIdentity(belonging);
  return `rule ${sorted(belonging, [...OURS_ALONE, 'protocol'])}`;
}

/** Equal for what the kernel would show as the same; whether we watch over it is our own affair. */
export function signature(belonging: Belonging): string {
  return sorted(belonging, OURS_ALONE);
}

export function identities(belongings: Belongings): ReadonlySet<string> {
  return new Set(listOf(belongings).map(identity));
}

/** Of everything that goes with being master of any of these. */
export function identitiesOf(owners: readonly Owner[]): ReadonlySet<string> {
  return new Set(owners.flatMap((owner) => listOf(allBelongings(owner))).map(identity));
}

export function signatures(belongings: Belongings): ReadonlySet<string> {
  return new Set(listOf(belongings).map(signature));
}

/** Destination, TOS, table and metric make a route; equal ones may stand beside each other with other next hops. */
function routeIdentity(route: Route): string {
  const { destination, source, typeOfService, table, vrf, metric, type, interface: device, gateway } = route;
  const parts = { destination, source, typeOfService, table, vrf, metric, type, device, gateway };
  return `route ${sorted({ ...parts, hops: route.nextHops.map((hop) => [hop.gateway, hop.interface]) })}`;
}

function sorted(fields: object, without: readonly string[] = []): string {
  const entries = Object.entries(fields).filter(([name]) => !without.includes(name));
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** It needs this interface. A next hop without one is reached through whichever fits. */
export function isOn(belonging: Belonging, name: string): boolean {
  if (interfaceOf(belonging) === name) return true;
  return 'nextHops' in belonging && (belonging.gateway !== undefined || belonging.nextHops.some((hop) => hop.interface === name));
}

export function interfaceOf(belonging: Belonging): string | undefined {
  return 'priority' in belonging ? belonging.inputInterface : belonging.interface;
}
