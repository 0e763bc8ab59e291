/** A datagram that must be refused moves no timer, sends nothing, asks the kernel for nothing and changes no state. */

import type { Observation, Watch } from '../observation.js';
import type { World } from '../world.js';

const CHANGES: ReadonlySet<Observation['type']> = new Set([
  'alarmSet',
  'advertSent',
  'announced',
  'addressesRequested',
  'roleChanged',
]);

/** `stallsCount`: a master that wakes too late gives way as soon as it hears anything at all, and it is not the packet that did it. */
export function refusedChangesNothing(world: World, stallsCount: boolean): Watch {
  const interruptedAt = new Map<string, number>();
  let hearing = false;
  return ({ type, host }) => {
    if (type === 'interrupted') interruptedAt.set(host.plan.name, world.now());
    if (type === 'rubbishHeard') hearing = !stallsCount || interruptedAt.get(host.plan.name) !== world.now();
    if (type === 'turnEnded') hearing = false;
    if (hearing && CHANGES.has(type)) world.fail('N1 what is refused changes nothing', `${host.plan.name}: ${type}`);
  };
}
