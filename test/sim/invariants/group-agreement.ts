/** Whenever an event has been handled, all started members of a sync group are in the same state. */

import type { Watch } from '../observation.js';
import type { World } from '../world.js';

export function groupAgreement(world: World, members: readonly string[]): Watch {
  return (observation) => {
    if (observation.type !== 'turnEnded' || members.length === 0) return;
    const { host } = observation;
    const roles = members.map((member) => host.role(member)).filter((role) => role !== 'DEAD');
    if (new Set(roles).size > 1) world.fail('S5 sync group members agree', `${host.plan.name} has ${roles.join(', ')}`);
  };
}
