/** What is reported of tracked objects reaches the instances that track them, and due scripts are run. */

import { micros } from '../../base/time.js';
import { unreachable } from '../../base/unreachable.js';
import type { DirectorConfig, InstanceConfig, SyncGroupConfig } from '../config.js';
import type { TrackedObject, Tracks } from '../config/track.js';
import type { TrackerEvent } from '../events.js';
import { withStaticTracks } from '../host/static-objects.js';
import { expireProcess, processCounted } from './track-process.js';
import { runScript, scriptEnded } from './track-script.js';
import type { Turn } from '../instance/state.js';

/** One tracked object by its kind and name. */
export interface Tracked {
  readonly kind: keyof Tracks;
  readonly name: string;
}

/** The configuration with the trackers of every group, sync or static, counting for each of its members, on top of its own. */
export function withGroupTracks(given: DirectorConfig): DirectorConfig {
  const config = withStaticTracks(given);
  const groupOf = new Map<string, SyncGroupConfig>();
  // The first group that names an instance has it.
  for (const group of config.groups) for (const name of group.members) if (!groupOf.has(name)) groupOf.set(name, group);
  const instances = config.instances.map((instance) => {
    const { trackInterfaces = [], tracks = {} } = groupOf.get(instance.name) ?? {};
    if (trackInterfaces.length === 0 && Object.keys(tracks).length === 0) return instance;
    return {
      ...instance,
      trackInterfaces: [...trackInterfaces, ...instance.trackInterfaces],
      tracks: joined(tracks, instance.tracks ?? {}),
    };
  });
  return { ...config, instances };
}

function joined(group: Tracks, own: Tracks): Tracks {
  const both = (kind: Exclude<keyof Tracks, 'virtualServers'>): readonly TrackedObject[] => [...(group[kind] ?? []), ...(own[kind] ?? [])];
  const virtualServers = [...(group.virtualServers ?? []), ...(own.virtualServers ?? [])];
  return { scripts: both('scripts'), files: both('files'), processes: both('processes'), bfd: both('bfd'), virtualServers };
}

export function isTrackedBy({ kind, name }: Tracked, config: InstanceConfig): boolean {
  return config.tracks?.[kind]?.some((tracked) => tracked.name === name) === true;
}

/** What is told of each instance that looks again, besides what comes of it. */
export function tellTracked({ kind, name }: Tracked, instance: string, { notes, trackers }: Turn): void {
  if (kind === 'bfd') notes.push({ type: 'trackedSessionChanged', instance, session: name, up: trackers.sessions.get(name) === true });
  if (kind !== 'virtualServers') return;
  notes.push({ type: 'trackedPoolChanged', instance, virtualServer: name, up: trackers.virtualServers.get(name) !== false });
}

/** Takes in what was reported; answers the object whose trackers have to look again, if its meaning has changed. */
export function hearTracker(event: TrackerEvent, turn: Turn): Tracked | undefined {
  const { trackers } = turn;
  switch (event.type) {
    case 'scriptEnded':
      return hearScript(event, turn);
    case 'fileRead': {
      const { file: name, value } = event;
      const before = trackers.files.get(name);
      if (before === undefined || before.value === value) return undefined;
      turn.trackers = { ...trackers, files: new Map(trackers.files).set(name, { ...before, value }) };
      return { kind: 'files', name };
    }
    case 'processesCounted': {
      const { process: name, count } = event;
      const before = trackers.processes.get(name);
      if (before === undefined) return undefined;
      const process = processCounted(before, count, turn);
      turn.trackers = { ...trackers, processes: new Map(trackers.processes).set(name, process) };
      return process.up === before.up ? undefined : { kind: 'processes', name };
    }
    case 'sessionChanged': {
      const { session: name, up, at } = event;
      turn.trackers = { ...trackers, sessions: new Map(trackers.sessions).set(name, up) };
      turn.notes.push({ type: 'sessionChanged', session: name, up, delay: micros(Math.max(0, turn.now - at)) });
      return (trackers.sessions.get(name) === true) === up ? undefined : { kind: 'bfd', name };
    }
    case 'virtualServerChanged': {
      const { virtualServer: name, up } = event;
      if ((trackers.virtualServers.get(name) !== false) === up) return undefined;
      turn.trackers = { ...trackers, virtualServers: new Map(trackers.virtualServers).set(name, up) };
      return { kind: 'virtualServers', name };
    }
    default:
      return unreachable(event);
  }
}

function hearScript({ run, ending }: Extract<TrackerEvent, { type: 'scriptEnded' }>, turn: Turn): Tracked | undefined {
  for (const [name, before] of turn.trackers.scripts) {
    if (before.run?.id !== run) continue;
    const script = scriptEnded(before, ending, turn);
    turn.trackers = { ...turn.trackers, scripts: new Map(turn.trackers.scripts).set(name, script) };
    return script.up === before.up ? undefined : { kind: 'scripts', name };
  }
  // Of a script that a reload has taken away.
  return undefined;
}

/** Runs what is due; answers the processes whose delay has passed. */
export function expireTrackers(turn: Turn): readonly Tracked[] {
  const changed: Tracked[] = [];
  const scripts = new Map([...turn.trackers.scripts].map(([name, script]) => [name, runScript(script, turn)]));
  const processes = new Map(
    [...turn.trackers.processes].map(([name, before]) => {
      const process = expireProcess(before, turn);
      if (process.up !== before.up) changed.push({ kind: 'processes', name });
      return [name, process];
    }),
  );
  turn.trackers = { ...turn.trackers, scripts, processes };
  return changed;
}

/** Of an orderly stop: nothing is asked any more. */
export function stopScripts(turn: Turn): void {
  for (const { run } of turn.trackers.scripts.values()) {
    if (run !== undefined) turn.effects.push({ type: 'stopScript', run: run.id });
  }
}
