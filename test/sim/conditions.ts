/**
 * What a host's trackers find: the ending of its script, the number in its file, the state of its BFD session; and what
 * that comes to, by a second and simpler reading of keepalived's weights.
 */

import { milliseconds, seconds } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import type { TrackedObjects, TrackScriptConfig, Tracks } from '../../src/vrrp/config-track.js';
import type { World } from './world.js';

export interface Conditions {
  readonly script: 'passes' | 'fails' | 'hangs';
  readonly number: number;
  readonly sessionUp: boolean;
}

export const GOOD_CONDITIONS: Conditions = { script: 'passes', number: 0, sessionUp: true };

export const BAD_CONDITIONS: Conditions = { script: 'fails', number: 300, sessionUp: false };

/** What all hosts of a cluster watch; weights, absent = not watched. */
export interface TrackPlan {
  readonly script?: number;
  readonly file?: number;
  readonly session?: number;
  readonly interval: Micros;
  readonly rise: number;
  readonly fall: number;
}

export const NOTHING_TRACKED: TrackPlan = { interval: seconds(1), rise: 1, fall: 1 };

export const SCRIPT = 'alive';
export const FILE = 'load';
export const SESSION = 'uplink';

/** `pace`: a slow cluster is not woken by quick scripts all the time. */
export function drawTracks(world: World, pace: number): TrackPlan {
  const weight = (choices: readonly number[]): number | undefined => (world.chance(0.25) ? world.pick(choices) : undefined);
  const script = weight([0, 0, 40, -60]);
  const file = weight([0, 1, -2]);
  const session = weight([0, 30, -90]);
  return {
    ...(script === undefined ? {} : { script }),
    ...(file === undefined ? {} : { file }),
    ...(session === undefined ? {} : { session }),
    interval: milliseconds(world.pick([250, 1_000, 2_000]) * pace),
    rise: world.between(1, 3),
    fall: world.between(1, 3),
  };
}

export function drawConditions(world: World): Conditions {
  return {
    script: world.pick(['passes', 'fails', 'hangs']),
    number: world.pick([0, 0, 1, 20, -30, 300]),
    sessionUp: world.chance(0.5),
  };
}

/** What instances are configured with. */
export function tracksOf({ script, file, session }: TrackPlan): Tracks {
  return {
    ...(script === undefined ? {} : { scripts: [{ name: SCRIPT, weight: script, reverse: false }] }),
    ...(file === undefined ? {} : { files: [{ name: FILE, weight: file, reverse: false }] }),
    ...(session === undefined ? {} : { bfd: [{ name: SESSION, weight: session, reverse: false }] }),
  };
}

export function trackedObjects({ script, file, interval, rise, fall }: TrackPlan): TrackedObjects {
  const watched: TrackScriptConfig = { name: SCRIPT, command: { argv: ['/bin/alive'] }, interval, timeout: interval, rise, fall, initFail: false };
  return {
    scripts: script === undefined ? [] : [watched],
    files: file === undefined ? [] : [{ name: FILE, path: '/run/load' }],
    processes: [],
  };
}

/** Watches something without a weight. */
export function canBeHeldInFault({ script, file, session }: TrackPlan): boolean {
  return script === 0 || file === 0 || session === 0;
}

/** How long it takes until everybody knows the conditions: the run that is going on, those that have to agree, their ends. */
export function surveyTime({ script, interval, rise, fall }: TrackPlan): number {
  return script === undefined ? 2_000 : (rise + fall + 3) * interval;
}

/** The worst product of a file, and the best. */
const FAULT_PRODUCT = -254;
const BEST_PRODUCT = 253;

/** The priority in effect for a configured one; undefined: held in FAULT. */
export function effective(base: number, plan: TrackPlan, { script, number, sessionUp }: Conditions): number | undefined {
  const product = number * (plan.file ?? 0);
  const isHeld =
    (plan.script === 0 && script !== 'passes') ||
    (plan.session === 0 && !sessionUp) ||
    (plan.file === 0 ? number !== 0 : product <= FAULT_PRODUCT);
  if (isHeld) return undefined;
  if (base === 255) return base;
  const upOrDown = (weight: number, up: boolean): number => (up ? Math.max(0, weight) : Math.min(0, weight));
  const sum = base + upOrDown(plan.script ?? 0, script === 'passes') + upOrDown(plan.session ?? 0, sessionUp) + Math.min(BEST_PRODUCT, product);
  return Math.min(254, Math.max(1, sum));
}
