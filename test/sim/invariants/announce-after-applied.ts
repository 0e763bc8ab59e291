/** Nobody announces an address that the kernel has not confirmed, or that was asked to be removed since. */

import type { Watch } from '../observation.js';
import type { World } from '../world.js';

export function announceAfterApplied(world: World): Watch {
  const confirmed = new Map<string, Set<string>>();
  const of = (host: string): Set<string> => {
    const known = confirmed.get(host) ?? new Set();
    confirmed.set(host, known);
    return known;
  };
  return (observation) => {
    const { name } = observation.host.plan;
    if (observation.type === 'started') of(name).clear();
    if (observation.type === 'addressesRequested' && !observation.present) {
      for (const { address } of observation.addresses) of(name).delete(address);
    }
    if (observation.type === 'addressesApplied' && observation.present) {
      for (const { address } of observation.addresses) of(name).add(address);
    }
    if (observation.type !== 'announced') return;
    for (const { address } of observation.addresses) {
      if (!of(name).has(address)) world.fail('A1 announce only what is applied', `${name} announces ${address}`);
    }
  };
}
