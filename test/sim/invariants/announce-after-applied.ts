/** Nobody announces an address that the kernel has not confirmed, or that was asked to be removed since. */

import type { Watch } from '../observation.js';
import type { World } from '../world.js';

export function announceAfterApplied(world: World): Watch {
  const confirmed = new Map<string, Set<string>>();
  /** Whether the newest request of a router on a host was for its addresses to be there. */
  const newest = new Map<string, boolean>();
  const of = (host: string): Set<string> => {
    const known = confirmed.get(host) ?? new Set();
    confirmed.set(host, known);
    return known;
  };
  return (observation) => {
    const { name, software } = observation.host.plan;
    if (software === 'keepalived') return;
    if (observation.type === 'started') of(name).clear();
    if (observation.type === 'addressesRequested') {
      newest.set(`${name} ${observation.instance}`, observation.present);
      if (!observation.present) for (const { address } of observation.addresses) of(name).delete(address);
    }
    // An answer to a request that was taken back since confirms nothing.
    if (observation.type === 'addressesApplied' && observation.present && newest.get(`${name} ${observation.instance}`) === true) {
      for (const { address } of observation.addresses) of(name).add(address);
    }
    if (observation.type !== 'announced') return;
    for (const { address } of observation.addresses) {
      if (!of(name).has(address)) world.fail('A1 announce only what is applied', `${name} announces ${address}`);
    }
  };
}
