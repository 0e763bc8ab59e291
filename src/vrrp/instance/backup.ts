/** A backup: listens, keeps the master-down timer, takes over. RFC 5798 6.4.2 with keepalived's rules of preemption. */

import type { IpAddress } from '../../base/address.js';
import { after, isDue, micros, type Micros } from '../../base/time.js';
import type { InstanceConfig } from '../config.js';
import { useAllowance } from './outgoing.js';
import type { Advert } from '../wire/packet.js';
import { downInterval, skewInterval, takeoverAt, type BackupState, type Instance, type Turn } from './state.js';
import { counted } from './statistics.js';
import { becomeMaster, restoreOwner } from './transitions.js';

/** In own intervals. */
const LEARNT_INTERVAL_LIMIT = 10;

/** The advert has passed the checks of receive.ts. */
export function backupHears(
  before: Instance,
  state: BackupState,
  advert: Advert,
  source: IpAddress,
  turn: Turn,
): Instance {
  const rivalIsGone = advert.priority < 255 || source !== before.master?.address;
  const instance = rivalIsGone ? restoreOwner(before, turn) : before;
  if (advert.priority === 0) return hearsGoodbye(instance, state, source, turn);
  if (!accepts(instance, state, advert.priority, turn.now)) return discards(instance, advert.priority, source, turn);
  const followed = follow(instance, advert, source, turn);
  return {
    ...followed,
    state: {
      role: 'backup',
      masterDownAt: takeoverAt(downInterval(followed), turn),
      wantsMaster: false,
      preemptAt: preemptDeadline(followed, state, advert.priority, turn),
    },
  };
}

/** The timer. `mayBecomeMaster` is false while the sync group waits for another member. */
export function backupTimeout(instance: Instance, state: BackupState, mayBecomeMaster: boolean, turn: Turn): Instance {
  if (!isDue(state.masterDownAt, turn.now)) return instance;
  turn.notes.push({ type: 'advertTimeout', instance: instance.config.name });
  if (mayBecomeMaster) return becomeMaster(instance, turn);
  return { ...instance, state: { ...state, wantsMaster: true, masterDownAt: takeoverAt(downInterval(instance), turn) } };
}

/** The sender is our master now: its address and, in v3, its interval. */
export function follow(instance: Instance, advert: Advert, source: IpAddress, turn: Turn): Instance {
  const { config, master } = instance;
  if (master?.address !== source) {
    turn.notes.push({
      type: 'masterChanged',
      instance: config.name,
      ...(master === undefined ? {} : { from: master.address }),
      to: source,
    });
  }
  const masterInterval = learntInterval(config, advert);
  if (masterInterval !== instance.masterInterval) {
    const { name } = config;
    if (masterInterval < advert.advertInterval) {
      turn.notes.push({ type: 'advertIntervalCapped', instance: name, source, received: advert.advertInterval, taken: masterInterval });
    }
    turn.notes.push({ type: 'advertIntervalLearnt', instance: name, from: instance.masterInterval, to: masterInterval });
  }
  return {
    ...instance,
    masterInterval,
    master: { address: source, priority: advert.priority },
  };
}

/**
 * Version 3 follows the master's (RFC 5798 6.4.2), whatever it says: a forged advert with the longest interval there is
 * would keep every backup waiting for two minutes. So nobody is followed beyond a multiple of the own interval.
 */
function learntInterval(config: InstanceConfig, advert: Advert): Micros {
  if (advert.version === 2) return config.advertInterval;
  const { learntIntervalLimit = LEARNT_INTERVAL_LIMIT, advertInterval } = config;
  if (learntIntervalLimit === 0) return advert.advertInterval;
  return micros(Math.min(advert.advertInterval, learntIntervalLimit * advertInterval));
}

function hearsGoodbye(instance: Instance, state: BackupState, source: IpAddress, turn: Turn): Instance {
  turn.notes.push({ type: 'priorityZeroReceived', instance: instance.config.name, source, state: 'BACKUP' });
  return {
    ...instance,
    statistics: counted(instance.statistics, 'priorityZeroReceived'),
    // The first one counts: who goes on saying goodbye must not put off the takeover.
    state: { ...state, masterDownAt: micros(Math.min(state.masterDownAt, takeoverAt(skewInterval(instance), turn))) },
  };
}

function accepts(instance: Instance, state: BackupState, priority: number, now: Micros): boolean {
  const { preempt, preemptDelay } = instance.config;
  if (!preempt || priority >= instance.priority) return true;
  return preemptDelay > 0 && (state.preemptAt === undefined || state.preemptAt > now);
}

/** The running timer is left alone, so that it ends in taking over. */
function discards(instance: Instance, priority: number, source: IpAddress, turn: Turn): Instance {
  const allowance = useAllowance(instance, turn);
  if (allowance === undefined) return instance;
  turn.notes.push({ type: 'lowerPriorityDiscarded', instance: instance.config.name, source, priority });
  return { ...instance, allowance };
}

function preemptDeadline(instance: Instance, state: BackupState, priority: number, turn: Turn): Micros | undefined {
  const { name, preempt, preemptDelay } = instance.config;
  if (!preempt || preemptDelay === 0) return undefined;
  if (priority >= instance.priority) {
    if (state.preemptAt !== undefined) turn.notes.push({ type: 'preemptDelayStopped', instance: name });
    return undefined;
  }
  if (state.preemptAt !== undefined) return state.preemptAt;
  turn.notes.push({ type: 'preemptDelayStarted', instance: name, delay: preemptDelay });
  return after(turn.now, preemptDelay);
}
