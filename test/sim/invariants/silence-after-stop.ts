/** Once an orderly stop has been handled, nothing is sent, announced or asked for any more. */

import type { Watch } from '../observation.js';
import type { World } from '../world.js';

export function silenceAfterStop(world: World): Watch {
  const stopped = new Set<string>();
  return (observation) => {
    const { name } = observation.host.plan;
    if (observation.type === 'stopRequested') stopped.add(name);
    if (observation.type === 'started') stopped.delete(name);
    if (!stopped.has(name)) return;
    if (observation.type === 'advertSent' || observation.type === 'announced' || observation.type === 'addressesRequested') {
      world.fail('Q1 silence after stop', `${name}: ${observation.type}`);
    }
  };
}
