/**
 * One vrrp_track_process: how many matching processes there are, and whether that is a quorum. Gaining and losing it may
 * count only after a delay; the opposite change within the delay cancels it. Who counts is the process port.
 */

import { after, isDue } from '../../base/time.js';
import type { TrackProcessConfig } from '../config/track.js';
import type { Turn } from '../instance/state.js';
import type { ProcessTracker } from './tracker-state.js';

/** Another count, or (after a reload) the same under other limits. To the first one no delay applies. */
export function processCounted(known: ProcessTracker, count: number, turn: Turn): ProcessTracker {
  const before = { ...known, count };
  const { config, up, changeAt } = before;
  const quorum = isQuorum(config, count);
  if (up === undefined) return { ...before, up: quorum };
  if (quorum === up) return { ...before, changeAt: undefined };
  const delay = quorum ? config.forkDelay : config.terminateDelay;
  if (delay === 0) return change(before, turn);
  return changeAt === undefined ? { ...before, changeAt: after(turn.now, delay) } : before;
}

/** A delay that has passed. */
export function expireProcess(before: ProcessTracker, turn: Turn): ProcessTracker {
  return isDue(before.changeAt, turn.now) ? change(before, turn) : before;
}

function change(before: ProcessTracker, turn: Turn): ProcessTracker {
  const up = before.up !== true;
  turn.notes.push({ type: 'quorumChanged', process: before.config.name, up });
  return { ...before, up, changeAt: undefined };
}

function isQuorum({ quorum, quorumMax = Infinity }: TrackProcessConfig, count: number): boolean {
  return count >= quorum && count <= quorumMax;
}
