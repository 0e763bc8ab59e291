/**
 * The changes of state of one instance with everything that belongs to them, in keepalived's order. Who may change when is
 * decided in backup.ts, master.ts and group.ts.
 */

import { after, type Micros } from '../../base/time.js';
import { invariant } from '../../base/invariant.js';
import { letGo, requestAddresses } from './addresses.js';
import { allBelongings } from './belongings.js';
import { LONGEST_HANDOVER, callOff, canHandOver, companionsOf, handOver } from './handover.js';
import type { VrrpState } from '../notes.js';
import { composeAdvert, notifyInstance, sendAdvert } from './outgoing.js';
import { downInterval, takeoverAt, vrrpState, type Instance, type RoleState, type SendAdvert, type Turn } from './state.js';
import { counted } from './statistics.js';

/** What an earlier process may have left behind goes before anything else. */
export function removeLeftovers(instance: Instance, turn: Turn): Instance {
  return requestAddresses(instance, false, allBelongings(instance.config), turn);
}

export interface Start {
  readonly faulty: boolean;
  /** Nothing but scripts without a result holds it: nobody is told. */
  readonly waiting: boolean;
  readonly wantsMasterAtOnce: boolean;
  /** What scripts have heard of an earlier process: not told twice. */
  readonly before?: VrrpState;
}

/** The first state. */
export function start(instance: Instance, { faulty, waiting: silently, wantsMasterAtOnce, before }: Start, turn: Turn): Instance {
  const { name } = instance.config;
  const state = faulty ? 'FAULT' : 'BACKUP';
  if (!silently) turn.notes.push({ type: 'instanceStarted', instance: name, state });
  if (before !== state && !silently) notifyInstance(instance, state, turn);
  return { ...instance, since: turn.now, state: faulty ? { role: 'fault' } : waiting(instance, wantsMasterAtOnce, turn) };
}

/** The advert goes out before anything else: the others stop their timers, whatever the kernel takes. */
export function becomeMaster(instance: Instance, turn: Turn): Instance {
  const restored = restoreInterval(restoreOwner(instance, turn), turn);
  const advert = composeAdvert(restored, restored.priority, turn);
  invariant(advert !== undefined, `${instance.config.name} becomes master without a source address`);
  const sent = sendAdvert(restored, advert, turn);
  const entered = enter({ ...sent, statistics: counted(sent.statistics, 'becameMaster') }, 'MASTER', turn, {
    role: 'master',
    advertAt: after(turn.now, instance.config.advertInterval),
    advert,
    announceAt: undefined,
    refreshAt: undefined,
    lowerPriorityAnnounceAt: undefined,
    rival: undefined,
  });
  callOff(entered.config, turn);
  const asked = requestAddresses(entered, true, allBelongings(entered.config), turn);
  notifyInstance(asked, 'MASTER', turn);
  return { ...asked, master: undefined };
}

/**
 * From MASTER. `span` is the wait before it tries to take over again. Whoever gives way to a better master does it
 * silently; without one the others are told.
 */
export function becomeBackup(instance: Instance, span: Micros, turn: Turn, manner: 'silently' | 'sayGoodbye'): Instance {
  const masterDownAt = takeoverAt(span, turn);
  const state: RoleState = { role: 'backup', masterDownAt, wantsMaster: false, preemptAt: undefined };
  const entered = enter(instance, 'BACKUP', turn, state);
  const left = manner === 'sayGoodbye' ? leave(entered, composeAdvert(entered, 0, turn), turn) : release(entered, turn);
  notifyInstance(left, 'BACKUP', turn);
  return left;
}

/** Leaving FAULT: the interval of a master of former days means nothing any more. */
export function recover(instance: Instance, wantsMasterAtOnce: boolean, turn: Turn): Instance {
  const restored = restoreInterval(instance, turn);
  const entered = enter(restored, 'BACKUP', turn, waiting(restored, wantsMasterAtOnce, turn));
  notifyInstance(entered, 'BACKUP', turn);
  return entered;
}

/**
 * A master says goodbye twice, as keepalived does: one lost packet must not cost a whole master-down interval. It does so
 * from the address it has spoken from so far, even if losing that is the fault. Whatever its fault, its addresses are better
 * here than nowhere until a successor has them, unless it is its own link that fails.
 */
export function becomeFault(instance: Instance, turn: Turn): Instance {
  const { state } = instance;
  const wasMaster = state.role === 'master';
  const farewell = wasMaster ? composeAdvert({ ...instance, source: state.advert.source }, 0, turn) : undefined;
  const warned = sendAdvert(instance, farewell, turn);
  const entered = enter(warned, 'FAULT', turn, { role: 'fault' });
  const left = wasMaster ? leave(entered, farewell, turn) : entered;
  notifyInstance(left, 'FAULT', turn);
  return left;
}

/** The others take over after their skew instead of a whole master-down interval (RFC 5798 6.4.3). */
export function sayGoodbye(instance: Instance, turn: Turn, advert = composeAdvert(instance, 0, turn)): Instance {
  if (advert !== undefined) turn.notes.push({ type: 'priorityZeroSent', instance: instance.config.name });
  return sendAdvert(instance, advert, turn);
}

/** An owner that had stepped down to 254 claims 255 again. */
export function restoreOwner(instance: Instance, turn: Turn): Instance {
  const { name, priority } = instance.config;
  if (priority !== 255 || instance.priority === 255) return instance;
  turn.notes.push({ type: 'ownerPriorityRestored', instance: name, priority });
  return { ...instance, priority };
}

function restoreInterval(instance: Instance, turn: Turn): Instance {
  const from = instance.masterInterval;
  const to = instance.config.advertInterval;
  if (from === to) return instance;
  turn.notes.push({ type: 'advertIntervalRestored', instance: instance.config.name, from, to });
  return { ...instance, masterInterval: to };
}

function waiting(instance: Instance, wantsMasterAtOnce: boolean, turn: Turn): RoleState {
  // keepalived arms 1 us for an owner that wants to be master.
  const span = wantsMasterAtOnce ? (1 as Micros) : downInterval(instance);
  return { role: 'backup', masterDownAt: takeoverAt(span, turn), wantsMaster: wantsMasterAtOnce, preemptAt: undefined };
}

function enter(instance: Instance, to: VrrpState, turn: Turn, state: RoleState): Instance {
  const from = vrrpState(instance.state);
  invariant(from !== undefined, `${instance.config.name} changes state before it has started`);
  turn.notes.push({ type: 'stateChanged', instance: instance.config.name, from, to });
  return { ...instance, told: [], since: turn.now, state };
}

/** What a master has is kept for a successor that has been told, and given up at once when nobody can be. */
function leave(instance: Instance, farewell: SendAdvert | undefined, turn: Turn): Instance {
  const gone = sayGoodbye(instance, turn, farewell);
  if (farewell === undefined || !canHandOver(gone)) return release(gone, turn);
  handOver(gone, companionsOf(gone.config, turn), LONGEST_HANDOVER, turn);
  return letGo({ ...gone, statistics: counted(gone.statistics, 'releasedMaster') });
}

function release(instance: Instance, turn: Turn): Instance {
  const statistics = counted(instance.statistics, 'releasedMaster');
  return requestAddresses({ ...instance, statistics }, false, allBelongings(instance.config), turn);
}
