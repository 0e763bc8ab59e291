/** Virtual servers and VRRP side by side: addresses that no director would hold, and checks that ask the director itself. */

import type { IpAddress } from '../../base/address.js';
import type { VirtualServerConfig } from '../../health/config.js';
import type { LintSubject } from './subject.js';
import type { Model } from '../model.js';
import { placeOfValue } from '../origins.js';

/** Without any instance somebody else moves the addresses; then nothing is said. */
export function lintCoverage({ model, origins, facts, findings }: LintSubject): void {
  if (model.director.instances.length === 0) return;
  const held = new Set([...movingAddresses(model), ...(facts.localAddresses ?? [])]);
  for (const service of model.pool.virtualServers) {
    const block = origins.virtualServers.get(service);
    const missing = addressesOf(service).filter((address) => !held.has(address));
    const [first] = missing;
    if (block === undefined || first === undefined) continue;
    const more = missing.length === 1 ? '' : ` and ${missing.length - 1} more`;
    findings.report(
      'addressWithoutInstance',
      block.at,
      `${service.name}: no vrrp_instance has ${first}${more}: the service does not move with the master`,
      'write the address into virtual_ipaddress or virtual_ipaddress_excluded',
    );
  }
}

/** Who asks a virtual address is answered by the machine that holds it: on the master that is the director. */
export function lintCheckOfItself({ model, origins, findings }: LintSubject): void {
  const virtual = new Set([...movingAddresses(model), ...model.pool.virtualServers.flatMap(addressesOf)]);
  for (const { name, realServers } of model.pool.virtualServers) {
    for (const checker of realServers.flatMap(({ checkers }) => checkers)) {
      if (!('connection' in checker.check)) continue;
      const { address } = checker.check.connection;
      const block = origins.checkers.get(checker);
      if (!virtual.has(address) || block === undefined) continue;
      findings.report(
        'checkOfItself',
        placeOfValue(block, 'connect_ip'),
        `${name}: the check asks ${address}, a virtual address: the director that holds it asks itself`,
        'ask an address that only the real server has',
      );
    }
  }
}

function movingAddresses({ director }: Model): readonly IpAddress[] {
  return director.instances.flatMap(({ virtualAddresses, excludedAddresses }) =>
    [...virtualAddresses, ...excludedAddresses].map(({ address }) => address),
  );
}

function addressesOf({ services }: VirtualServerConfig): readonly IpAddress[] {
  return services.flatMap(({ identity }) => (identity.kind === 'address' ? [identity.address] : []));
}
