/** Before the start-up delay is over nobody becomes master. */

import type { Watch } from '../observation.js';
import type { World } from '../world.js';

export function startupDelay(world: World, delay: number): Watch {
  const startedAt = new Map<string, number>();
  return (observation) => {
    const { name } = observation.host.plan;
    if (observation.type === 'started' && !observation.inherits) startedAt.set(name, world.now());
    if (observation.type !== 'roleChanged' || observation.to !== 'MASTER') return;
    if (world.now() - (startedAt.get(name) ?? 0) < delay) world.fail('D1 start-up delay', `${name} is master too early`);
  };
}
