/**
 * Two routers that both own the address (priority 255): a configuration error, and the way out is keepalived's. The one
 * with the lower address gives way as usual; the other one lets two of its adverts pass, waits, and if the rival goes on
 * claims only 254 until it is gone.
 */

import type { IpAddress } from '../../base/address.js';
import { after, isDue, micros } from '../../base/time.js';
import type { Advert } from '../wire/packet.js';
import { composeAdvert } from './outgoing.js';
import type { Instance, MasterState, Turn } from './state.js';

const ADVERTS_TO_PASS = 2;
/** Of the longer of both intervals. */
const PATIENCE = 1.2;
const STEPPED_DOWN = 254;

/** A master and owner hears another owner. Undefined when the ordinary election shall decide. */
export function ownerHears(
  instance: Instance,
  state: MasterState,
  advert: Advert,
  source: IpAddress,
  rivalWins: boolean,
  turn: Turn,
): Instance | undefined {
  const { name } = instance.config;
  if (rivalWins || state.rival === undefined) {
    turn.notes.push({ type: 'ownerConflict', instance: name, source });
    if (rivalWins) return undefined;
    const rival = { address: source, advertInterval: advert.advertInterval, advertsLeft: ADVERTS_TO_PASS, until: undefined };
    return { ...instance, state: { ...state, rival } };
  }
  if (state.rival.until === undefined || state.rival.address !== source) return instance;
  turn.notes.push({ type: 'ownerConflictPriorityReduced', instance: name, source, priority: STEPPED_DOWN });
  const reduced: Instance = { ...instance, priority: STEPPED_DOWN };
  const own = composeAdvert(reduced, STEPPED_DOWN, turn) ?? state.advert;
  return { ...reduced, state: { ...state, rival: undefined, advert: own } };
}

/** One of our regular adverts went out. */
export function ownerAdvertSent(instance: Instance, state: MasterState, turn: Turn): MasterState {
  const { rival } = state;
  if (rival === undefined || rival.until !== undefined) return state;
  const advertsLeft = rival.advertsLeft - 1;
  const patience = micros(PATIENCE * Math.max(instance.config.advertInterval, rival.advertInterval));
  const until = advertsLeft > 0 ? undefined : after(turn.now, patience);
  return { ...state, rival: { ...rival, advertsLeft, until } };
}

/** The rival has kept silent long enough. */
export function ownerTimeout(instance: Instance, state: MasterState, turn: Turn): MasterState {
  const { rival } = state;
  if (rival === undefined || !isDue(rival.until, turn.now)) return state;
  turn.notes.push({ type: 'ownerConflictEnded', instance: instance.config.name, source: rival.address });
  return { ...state, rival: undefined };
}
