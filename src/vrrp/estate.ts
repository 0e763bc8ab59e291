/**
 * What would be left behind if this process ended now without a word: addresses that nobody answers for, and neighbours who
 * wait in vain for an advert. Described so that somebody else can tidy up: the goodbye, and the addresses to remove.
 */

import { micros, milliseconds, type Micros } from '../base/time.js';
import { allBelongings, isNothing, type Belongings } from './instance/belongings.js';
import type { DirectorState } from './director.js';
import { handoverSpan } from './instance/handover.js';
import { type Instance, type SendAdvert } from './instance/state.js';

/** Of one virtual router: what to remove, routes and rules included. */
export interface Estate extends Belongings {
  /** Absent when nobody waits for us: it was master no longer. */
  readonly goodbye?: SendAdvert;
  /** How long after the goodbye the addresses are still of use, because no successor can have them yet. */
  readonly keptFor: Micros;
}

/** The addresses of the dead are gone a second after the takeover, whoever takes over whenever. */
const LONGEST_KEPT = milliseconds(1_000);

/** Empty for a director that holds nothing. */
export function estatesOf(state: DirectorState): readonly Estate[] {
  const given = [...state.handovers.map(({ config }) => allBelongings(config)), ...state.releases.map(({ belongings }) => belongings)];
  const ofInstances = state.instances.flatMap((instance) => estateOf(instance, state) ?? []);
  const { wanted } = state.staticObjects;
  return [
    ...ofInstances,
    ...given.map((belongings) => ({ ...belongings, keptFor: micros(0) })),
    // What is forwarded until a successor has the addresses may need them.
    ...(isNothing(wanted) ? [] : [{ ...wanted, keptFor: longestKept(ofInstances) }]),
  ];
}

/** How long anything of these is still of use. */
export function longestKept(estates: readonly Estate[]): Micros {
  return micros(Math.max(0, ...estates.map(({ keptFor }) => keptFor)));
}

function estateOf(instance: Instance, state: DirectorState): Estate | undefined {
  const { config, addresses } = instance;
  if (instance.state.role === 'master') {
    const { advert } = instance.state;
    const goodbye: SendAdvert = { ...advert, advert: { ...advert.advert, priority: 0 } };
    return { ...allBelongings(config), goodbye, keptFor: keptFor(instance, state) };
  }
  // Asked for and not let go of yet.
  if (addresses.status === 'applied' && !addresses.present) return undefined;
  return { ...addresses.requested, keptFor: micros(0) };
}

/** A successor takes over a whole sync group at once. */
function keptFor({ config: { name } }: Instance, { instances, groups, groupOf }: DirectorState): Micros {
  const index = instances.findIndex(({ config }) => config.name === name);
  const group = groupOf[index];
  const members = group === undefined ? [name] : (groups[group]?.config.members ?? [name]);
  const companions = instances.flatMap(({ config }) => (members.includes(config.name) ? [config] : []));
  return micros(Math.min(handoverSpan(companions), LONGEST_KEPT));
}
