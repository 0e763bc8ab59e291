/**
 * timer_expired_backup: a master that was not woken in time counts with others having taken over meanwhile, and gives way
 * before it says another word. Without the keyword it listens first and goes on as master when nobody better speaks.
 */

import { micros } from '../../base/time.js';
import { downInterval, type Instance, type Turn } from './state.js';
import { masterDownInterval } from './timers.js';
import { becomeBackup } from './transitions.js';

/** To be asked before a master does anything: the same instance unless its silence was too long. */
export function giveWayAfterStall(instance: Instance, turn: Turn): Instance {
  const { state, config } = instance;
  const { stallGivesWay, version, advertInterval, downTimerAdverts, name } = config;
  if (state.role !== 'master' || stallGivesWay === undefined) return instance;
  const lastAdvert = state.advertAt - advertInterval;
  const othersTakeOver = lastAdvert + masterDownInterval(version, stallGivesWay, advertInterval, downTimerAdverts);
  if (turn.now < othersTakeOver) return instance;
  turn.notes.push({ type: 'stallNoticed', instance: name, lateness: micros(turn.now - state.advertAt) });
  return becomeBackup(instance, downInterval(instance), turn, 'silently');
}
