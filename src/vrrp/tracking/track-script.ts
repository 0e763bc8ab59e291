/**
 * One vrrp_script: when it runs, and what its endings in a row say about it (keepalived's rise and fall). It runs from
 * launch to launch, never twice at once. Who starts the program and ends it when it takes too long is the script port.
 */

import { after, isDue, type Micros } from '../../base/time.js';
import type { TrackScriptConfig } from '../config/track.js';
import type { Turn } from '../instance/state.js';
import type { ProgramEnding } from '../../base/program-ending.js';
import type { ScriptMemory, ScriptTracker } from './tracker-state.js';

/** A script that has not run. Unless it is to count as failed, one result decides. */
export function newScript(config: TrackScriptConfig, now: Micros): ScriptTracker {
  const { initFail, rise } = config;
  const memory: ScriptMemory = initFail ? { count: 0, up: false, status: 0 } : { count: rise - 1, up: undefined, status: 0 };
  return { config, ...memory, runAt: now, run: undefined };
}

/** What an earlier process knew about the script; its next result changes no more than usual. */
export function rememberedScript(config: TrackScriptConfig, memory: ScriptMemory, now: Micros): ScriptTracker {
  return keptScript({ ...newScript(config, now), ...memory }, config);
}

/** After a reload, under its new numbers: as far from the other state as it was before, or as far as it can be. */
export function keptScript(before: ScriptTracker, config: TrackScriptConfig): ScriptTracker {
  return { ...before, config, count: keptCount(before, config) };
}

function keptCount({ config: old, count, up }: ScriptTracker, { rise, fall }: TrackScriptConfig): number {
  if (up === undefined) return rise - 1;
  if (up) return count === old.rise + old.fall - 1 ? rise + fall - 1 : rise;
  return count === 0 ? 0 : rise - 1;
}

/** Starts the script when it is due and idle. */
export function runScript(script: ScriptTracker, turn: Turn): ScriptTracker {
  const { config, runAt, run } = script;
  if (!isDue(runAt, turn.now)) return script;
  const next = after(runAt, config.interval);
  const waiting: ScriptTracker = { ...script, runAt: next > turn.now ? next : after(turn.now, config.interval) };
  if (run !== undefined) {
    const late = turn.now - run.since > config.timeout;
    turn.notes.push({ type: 'scriptStillRunning', script: config.name, late });
    return waiting;
  }
  turn.epoch += 1;
  turn.effects.push({ type: 'runScript', run: turn.epoch, command: config.command, limit: config.timeout });
  return { ...waiting, run: { id: turn.epoch, since: turn.now } };
}

/** The end of the run that is going on. */
export function scriptEnded(before: ScriptTracker, ending: ProgramEnding, turn: Turn): ScriptTracker {
  const { config } = before;
  const status = ending.type === 'exited' ? ending.status : before.status;
  if (status !== before.status) turn.notes.push({ type: 'scriptStatusChanged', script: config.name, status });
  const passed = ending.type === 'exited' && ending.status === 0;
  const after = { ...before, status, run: undefined, ...(passed ? afterSuccess(before) : afterFailure(before)) };
  if (after.up !== undefined && after.up !== before.up) {
    turn.notes.push({ type: 'scriptChanged', script: config.name, up: after.up, ending });
  }
  return after;
}

function afterSuccess({ config: { rise, fall }, count, up }: ScriptTracker): Pick<ScriptTracker, 'count' | 'up'> {
  if (count < rise - 1) return { count: count + 1, up };
  return { count: rise + fall - 1, up: true };
}

function afterFailure({ config: { rise }, count }: ScriptTracker): Pick<ScriptTracker, 'count' | 'up'> {
  return count > rise ? { count: count - 1, up: true } : { count: 0, up: false };
}
