/**
 * Conflicts named: what goes on although it should not, and by whom. One advert too many is a matter of an election; one that
 * keeps coming is a second master, a stranger or another configuration, and an operator must hear of it once, not a thousand
 * times. keepalived repeats its line for every packet, or says nothing.
 */

import { seconds } from '../../base/time.js';
import type { DirectorEvent } from '../events.js';
import type { Links } from '../links/links.js';
import type { ConflictKind, RejectionType } from '../notes.js';
import type { Conflict, Instance, Turn } from './state.js';
import { counted, type Counter } from './statistics.js';

/** So often it must happen: after an election the loser may still say a word or two. */
const TOLD_AT: Readonly<Record<ConflictKind, number>> = { twoMasters: 3, stranger: 3, addressList: 3, addressTaken: 1 };
const COUNTERS: Readonly<Record<ConflictKind, Counter>> = {
  twoMasters: 'secondMasterAdverts',
  stranger: 'strangerAdverts',
  addressList: 'driftedAdverts',
  addressTaken: 'addressClaims',
};
/** While it lasts it is told again this often. */
const TOLD_AGAIN = seconds(600);
/** What has not happened for so long, or ten intervals, is over: the next time is another conflict. */
const OVER = seconds(30);
/** Whoever invents senders fills no memory and no log. */
const MOST = 8;

/** Damage on the way and packets from elsewhere say nothing about who shares our virtual router. */
const NO_STRANGERS: ReadonlySet<RejectionType> = new Set(['length', 'packetType', 'checksum', 'hopLimit', 'peerHopLimit', 'ownerIgnores']);

/** Counts it, and tells it when it is due. `detail`: what about it, in the words of the sentence. */
export function noteConflict(instance: Instance, kind: ConflictKind, by: string, turn: Turn, detail?: string): Instance {
  const statistics = counted(instance.statistics, COUNTERS[kind]);
  const over = Math.max(OVER, 10 * instance.config.advertInterval);
  const others: Conflict[] = [];
  let known: Conflict | undefined;
  for (const conflict of instance.conflicts) {
    if (turn.now - conflict.lastAt > over) continue;
    if (conflict.kind === kind && conflict.by === by) known = conflict;
    else others.push(conflict);
  }
  if (known === undefined && others.length >= MOST) return { ...instance, statistics, conflicts: others };
  const count = (known?.count ?? 0) + 1;
  const toldAt = known?.toldAt;
  const tells = count >= TOLD_AT[kind] && (toldAt === undefined || turn.now - toldAt >= TOLD_AGAIN);
  if (tells) {
    turn.notes.push({ type: 'conflictFound', instance: instance.config.name, kind, by, count, ...(detail === undefined ? {} : { detail }) });
  }
  const conflict: Conflict = { kind, by, count, lastAt: turn.now, toldAt: tells ? turn.now : toldAt };
  return { ...instance, statistics, conflicts: [...others, conflict] };
}

/** An advert of our virtual router that had to be refused for this reason. */
export function noteStranger(instance: Instance, rejection: RejectionType, source: string, turn: Turn): Instance {
  return NO_STRANGERS.has(rejection) ? instance : noteConflict(instance, 'stranger', source, turn, rejection);
}

/** After a takeover the master before may still answer for a moment. */
const GRACE = seconds(1);

/** Another MAC has an address that we hold as master. Our own, on whatever interface, is nobody else's. */
export function hearsClaim(
  instance: Instance,
  { interface: on, address, mac }: Extract<DirectorEvent, { type: 'addressClaimed' }>,
  links: Links,
  turn: Turn,
): Instance {
  if (instance.state.role !== 'master' || turn.now - instance.since < GRACE) return instance;
  const isHeld = instance.addresses.held.some((held) => held.address === address && held.interface === on);
  if (!isHeld || [...links.values()].some((link) => link?.mac === mac)) return instance;
  return noteConflict(instance, 'addressTaken', `${address} by ${mac} on ${on}`, turn);
}
