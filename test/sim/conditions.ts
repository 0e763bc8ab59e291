/**
 * What a host's trackers find: the ending of its script, the number in its file, how many processes run, the state of its
 * BFD session and of its second link, whether its pool has its quorum; and what that comes to, by a second and simpler reading of keepalived's weights.
 */

import { milliseconds, seconds } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import type { TrackedInterface, TrackedObjects, TrackScriptConfig, Tracks } from '../../src/vrrp/config/track.js';
import type { World } from './world.js';

export interface Conditions {
  readonly script: 'passes' | 'fails' | 'hangs';
  readonly number: number;
  readonly processes: number;
  readonly sessionUp: boolean;
  readonly poolUp: boolean;
}

export const GOOD_CONDITIONS: Conditions = { script: 'passes', number: 0, processes: 2, sessionUp: true, poolUp: true };

export const BAD_CONDITIONS: Conditions = { script: 'fails', number: 300, processes: 0, sessionUp: false, poolUp: false };

/** One weight; a tracker that is reversed is content while what it watches is down. */
export interface Watched {
  readonly weight: number;
  readonly reverse: boolean;
}

/** What all hosts of a cluster watch; absent = not watched. */
export interface TrackPlan {
  readonly script?: Watched;
  readonly file?: Watched;
  readonly process?: Watched;
  readonly session?: Watched;
  readonly link?: Watched;
  /** Without a weight a dead pool takes all but a tenth of the priority. */
  readonly pool?: { readonly weight?: number };
  /** Of processes: at least two of them, at most four; how long until that counts. */
  readonly forkDelay: Micros;
  readonly terminateDelay: Micros;
  readonly interval: Micros;
  readonly rise: number;
  readonly fall: number;
}

export const NOTHING_TRACKED: TrackPlan = { interval: seconds(1), rise: 1, fall: 1, forkDelay: seconds(0), terminateDelay: seconds(0) };

export const SCRIPT = 'alive';
export const FILE = 'load';
export const PROCESS = 'proxy';
export const SESSION = 'uplink';
export const POOL = '[192.0.2.1]:tcp:80';
/** Every instance watches this one, its own or not. */
export const WATCHED_LINK = 'eth1';
export const QUORUM = 2;
export const QUORUM_MAX = 4;

/** `pace`: a slow cluster is not woken by quick scripts all the time. */
export function drawTracks(world: World, pace: number): TrackPlan {
  const draw = (kind: string, choices: readonly number[]): Watched | undefined => {
    if (!world.chance(0.2)) return undefined;
    const watched = { weight: world.pick(choices), reverse: world.chance(0.2) };
    world.cover(`option tracks ${kind}${watched.reverse ? ' reversed' : ''} ${watched.weight === 0 ? 'for fault' : 'by weight'}`);
    return watched;
  };
  const script = draw('script', [0, 0, 40, -60]);
  const file = draw('file', [0, 1, -2]);
  const process = draw('process', [0, 50, -40]);
  const session = draw('session', [0, 30, -90]);
  const link = draw('link', [0, 20, -70]);
  const pool = drawPool(world);
  const delay = (): Micros => milliseconds(world.chance(0.5) ? 0 : world.between(1, 2_000));
  return {
    ...(script === undefined ? {} : { script }),
    ...(file === undefined ? {} : { file }),
    ...(process === undefined ? {} : { process }),
    ...(session === undefined ? {} : { session }),
    ...(link === undefined ? {} : { link }),
    ...(pool === undefined ? {} : { pool }),
    forkDelay: delay(),
    terminateDelay: delay(),
    interval: milliseconds(world.pick([250, 1_000, 2_000]) * pace),
    rise: world.between(1, 3),
    fall: world.between(1, 3),
  };
}

function drawPool(world: World): TrackPlan['pool'] {
  if (!world.chance(0.2)) return undefined;
  const weight = world.pick([undefined, undefined, 40, -60]);
  world.cover(`option tracks pool ${weight === undefined ? 'without weight' : 'by weight'}`);
  return weight === undefined ? {} : { weight };
}

export function drawConditions(world: World): Conditions {
  return {
    script: world.pick(['passes', 'fails', 'hangs']),
    number: world.pick([0, 0, 1, 20, -30, 300]),
    processes: world.between(0, 5),
    sessionUp: world.chance(0.5),
    poolUp: world.chance(0.5),
  };
}

/** What instances are configured with. */
export function tracksOf({ script, file, process, session, pool }: TrackPlan): Tracks {
  return {
    ...(script === undefined ? {} : { scripts: [{ name: SCRIPT, ...script }] }),
    ...(file === undefined ? {} : { files: [{ name: FILE, ...file }] }),
    ...(process === undefined ? {} : { processes: [{ name: PROCESS, ...process }] }),
    ...(session === undefined ? {} : { bfd: [{ name: SESSION, ...session }] }),
    ...(pool === undefined ? {} : { virtualServers: [{ name: POOL, ...pool }] }),
  };
}

export function trackedLinks({ link }: TrackPlan): readonly TrackedInterface[] {
  return link === undefined ? [] : [{ interface: WATCHED_LINK, ...link }];
}

export function trackedObjects({ script, file, process, interval, rise, fall, forkDelay, terminateDelay }: TrackPlan): TrackedObjects {
  const watched: TrackScriptConfig = { name: SCRIPT, command: { argv: ['/bin/alive'] }, interval, timeout: interval, rise, fall, initFail: false };
  const program = { name: PROCESS, program: 'haproxy', parameters: [], wholeCommand: false, quorum: QUORUM, quorumMax: QUORUM_MAX };
  return {
    scripts: script === undefined ? [] : [watched],
    files: file === undefined ? [] : [{ name: FILE, path: '/run/load' }],
    processes: process === undefined ? [] : [{ ...program, forkDelay, terminateDelay }],
  };
}

/** Bad conditions hold it in FAULT: something is watched without a weight. */
export function canBeHeldInFault({ script, file, process, session }: TrackPlan): boolean {
  return [script, file, process, session].some((watched) => watched?.weight === 0 && !watched.reverse);
}

/** How long it takes until everybody knows the conditions: the run that is going on, those that have to agree, their ends. */
export function surveyTime({ script, process, interval, rise, fall, forkDelay, terminateDelay }: TrackPlan): number {
  const delay = process === undefined ? 0 : Math.max(forkDelay, terminateDelay) + NOTICED;
  return Math.max(NOTICED, delay, script === undefined ? 0 : (rise + fall + 3) * interval);
}

/** The kernel's message, and an alarm that is late. */
const NOTICED = 4_000;
/** The worst product of a file, and the best. */
const FAULT_PRODUCT = -254;
const BEST_PRODUCT = 253;

/** The priority in effect for a configured one; undefined: held in FAULT. `linkUp`: of the watched link. */
export function effective(base: number, plan: TrackPlan, { script, number, processes, sessionUp, poolUp }: Conditions, linkUp: boolean): number | undefined {
  const file = plan.file ?? { weight: 0, reverse: false };
  const product = number * file.weight * (file.reverse ? -1 : 1);
  const readings: readonly (readonly [Watched | undefined, boolean])[] = [
    [plan.script, script === 'passes'],
    [plan.process, processes >= QUORUM && processes <= QUORUM_MAX],
    [plan.session, sessionUp],
    [plan.link, linkUp],
    [plan.pool?.weight === undefined ? undefined : { weight: plan.pool.weight, reverse: false }, poolUp],
  ];
  const content = (watched: Watched, up: boolean): boolean => up !== watched.reverse;
  const isHeld =
    readings.some(([watched, up]) => watched?.weight === 0 && !content(watched, up)) ||
    (plan.file?.weight === 0 ? (number !== 0) !== plan.file.reverse : product <= FAULT_PRODUCT);
  if (isHeld) return undefined;
  if (base === 255) return base;
  const share = ([watched, up]: readonly [Watched | undefined, boolean]): number => {
    if (watched === undefined) return 0;
    return content(watched, up) ? Math.max(0, watched.weight) : Math.min(0, watched.weight);
  };
  const sum = readings.reduce((total, reading) => total + share(reading), base) + Math.min(BEST_PRODUCT, product);
  const whole = Math.min(254, Math.max(1, sum));
  return plan.pool === undefined || plan.pool.weight !== undefined || poolUp ? whole : Math.max(1, Math.ceil(whole / 10));
}
