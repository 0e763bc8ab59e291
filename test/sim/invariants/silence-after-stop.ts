/** Once an orderly stop has been handled nothing is sent or announced any more, and the kernel is only asked to let go. */

import type { Watch } from '../observation.js';
import type { World } from '../world.js';

export function silenceAfterStop(world: World): Watch {
  const stopped = new Set<string>();
  return (observation) => {
    const { name } = observation.host.plan;
    if (observation.type === 'stopRequested') stopped.add(name);
    if (observation.type === 'started') stopped.delete(name);
    if (!stopped.has(name)) return;
    const takes = observation.type === 'addressesRequested' && observation.present;
    if (observation.type === 'advertSent' || observation.type === 'announced' || takes) {
      world.fail('Q1 silence after stop', `${name}: ${observation.type}`);
    }
  };
}
