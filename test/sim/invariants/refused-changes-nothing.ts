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

export function refusedChangesNothing(world: World): Watch {
  let hearing = false;
  return ({ type, host }) => {
    if (type === 'rubbishHeard') hearing = true;
    if (type === 'turnEnded') hearing = false;
    if (hearing && CHANGES.has(type)) world.fail('N1 what is refused changes nothing', `${host.plan.name}: ${type}`);
  };
}
