/**
 * Everything that instances watch by name, as it stands: results of scripts, numbers of files, counts of processes, states
 * of BFD sessions. What that means to one instance is its reading; who has to be told is decided in tracking.ts.
 */

import { earliest, type Micros } from '../../base/time.js';
import type { TrackedObjects, Tracks } from '../config/track.js';
import type { FaultReason } from '../notes.js';
import { contribution, fileContribution, holdsInFault, type PriorityMove, type TrackerReading } from './track.js';
import { keptScript, newScript, rememberedScript } from './track-script.js';
import type { ProcessTracker, ScriptMemory, ScriptTracker, Trackers } from './tracker-state.js';
import type { Turn } from '../instance/state.js';

/** What all trackers of one instance come to. */
export interface TrackersReading {
  readonly faults: readonly FaultReason[];
  readonly moves: readonly PriorityMove[];
  /** Virtual servers tracked without weight that have lost their quorum. */
  readonly deadPools: readonly string[];
}

/**
 * For a new configuration: what is the same is kept. Files and processes are reported anew by their ports after this.
 * `remembered`: what a process that died knew about its scripts.
 */
export function reconfigureTrackers(
  before: Trackers,
  { scripts, files, processes }: TrackedObjects = { scripts: [], files: [], processes: [] },
  remembered: ReadonlyMap<string, ScriptMemory>,
  turn: Turn,
): Trackers {
  const kept = new Map(scripts.map((config) => [config.name, scriptFor(before, config, remembered, turn)]));
  for (const [name, { run }] of before.scripts) {
    if (run !== undefined && kept.get(name)?.run?.id !== run.id) turn.effects.push({ type: 'stopScript', run: run.id });
  }
  return {
    scripts: kept,
    files: new Map(
      files.map(({ name, path }) => {
        const old = before.files.get(name);
        return [name, old?.path === path ? old : { path, value: undefined }];
      }),
    ),
    processes: new Map(
      processes.map((config) => {
        const old = before.processes.get(config.name);
        const kept = old !== undefined && isSameProcess(old.config, config);
        return [config.name, kept ? { ...old, config } : { config, up: undefined, changeAt: undefined }];
      }),
    ),
    sessions: before.sessions,
    virtualServers: before.virtualServers,
  };
}

function scriptFor(
  before: Trackers,
  config: ScriptTracker['config'],
  remembered: ReadonlyMap<string, ScriptMemory>,
  turn: Turn,
): ScriptTracker {
  const old = before.scripts.get(config.name);
  const memory = remembered.get(config.name);
  if (old === undefined || !isSameCommand(old.config, config)) {
    return memory === undefined ? newScript(config, turn.now) : rememberedScript(config, memory, turn.now);
  }
  if (old.up !== undefined) turn.notes.push({ type: 'scriptKept', script: config.name, up: old.up });
  return keptScript(old, config);
}

/** True when everything that is read rather than run has been reported. */
export function areTrackersKnown({ files = [], processes = [] }: Tracks, trackers: Trackers): boolean {
  return (
    files.every(({ name }) => trackers.files.get(name)?.value !== undefined) &&
    processes.every(({ name }) => trackers.processes.get(name)?.up !== undefined)
  );
}

/** What the trackers of one instance say now. A script without a result holds those in FAULT who track it with weight 0. */
export function readTrackers({ scripts = [], files = [], processes = [], bfd = [], virtualServers = [] }: Tracks, trackers: Trackers): TrackersReading {
  const faults: FaultReason[] = [];
  const moves: PriorityMove[] = [];
  const move = (tracked: PriorityMove['tracked'], name: string, change: number): void => {
    if (change !== 0) moves.push({ tracked, name, change });
  };
  const count = (tracked: PriorityMove['tracked'], name: string, reading: TrackerReading, fault: FaultReason): void => {
    move(tracked, name, contribution(reading));
    if (holdsInFault(reading)) faults.push(fault);
  };
  for (const { name, ...weight } of scripts) {
    const up = trackers.scripts.get(name)?.up;
    if (up !== undefined) count('script', name, { ...weight, up }, { type: 'trackedScript', script: name });
    else if (weight.weight === 0) faults.push({ type: 'scriptUnknown', script: name });
  }
  for (const { name, ...weight } of files) {
    const value = trackers.files.get(name)?.value ?? 0;
    const each = fileContribution(value, weight);
    if (each === 'fault') faults.push({ type: 'trackedFile', file: name, value });
    else move('file', name, each);
  }
  for (const { name, ...weight } of processes) {
    const up = trackers.processes.get(name)?.up === true;
    count('process', name, { ...weight, up }, { type: 'trackedProcess', process: name });
  }
  for (const { name, ...weight } of bfd) {
    const up = trackers.sessions.get(name) === true;
    count('session', name, { ...weight, up }, { type: 'trackedSession', session: name });
  }
  const deadPools: string[] = [];
  for (const { name, weight } of virtualServers) {
    const up = trackers.virtualServers.get(name) !== false;
    if (weight !== undefined) move('virtualServer', name, contribution({ weight, reverse: false, up }));
    else if (!up) deadPools.push(name);
  }
  return { faults, moves, deadPools };
}

/** When something is due. */
export function trackersDeadline({ scripts, processes }: Trackers): Micros | undefined {
  let deadline: Micros | undefined;
  for (const { runAt } of scripts.values()) deadline = earliest(deadline, runAt);
  for (const { changeAt } of processes.values()) deadline = earliest(deadline, changeAt);
  return deadline;
}

/** What a process that takes the place of this one should know. */
export function scriptMemories({ scripts }: Trackers): ReadonlyMap<string, ScriptMemory> {
  return new Map([...scripts].map(([name, { count, up, status }]) => [name, { count, up, status }]));
}

function isSameCommand({ command: a }: ScriptTracker['config'], { command: b }: ScriptTracker['config']): boolean {
  return a.argv.length === b.argv.length && a.argv.every((word, index) => word === b.argv[index]);
}

/** The same processes are counted; limits and delays may differ. */
function isSameProcess(a: ProcessTracker['config'], b: ProcessTracker['config']): boolean {
  const question = ({ program, parameters, match, wholeCommand }: ProcessTracker['config']): string =>
    JSON.stringify([program, parameters, match, wholeCommand]);
  return question(a) === question(b);
}
