/** The track_ blocks of an instance or a group: names to the objects they mean, weights to what counts. */

import type { TrackedInterface, TrackedObject, Tracks, TrackedVirtualServer } from '../../vrrp/config/track.js';
import type { Word } from '../cst.js';
import type { TrackEntry } from '../keywords/tracks.js';
import type { Located } from '../keywords/schema.js';
import type { BfdTrackEntry } from '../keywords/bfd.js';
import type { TrackedPoolEntry } from '../keywords/track-virtual-server.js';
import { buildTrackedBfd } from './bfd.js';
import { checkInterface } from './context.js';
import type { Build } from './context.js';
import { buildTrackedPools } from './tracked-pools.js';
import type { PoolReference } from './tracked-pools.js';
import type { Reference, Tracker } from './tracker.js';
import type { Trackers } from './trackers.js';

type Entries = Located<readonly TrackEntry[]> | undefined;

export interface TrackValues {
  readonly track_interface: Entries;
  readonly track_script: Entries;
  readonly track_file: Entries;
  readonly track_process: Entries;
  readonly track_bfd: Located<readonly BfdTrackEntry[]> | undefined;
  readonly track_virtual_server: Located<readonly TrackedPoolEntry[]> | undefined;
}

export interface References {
  readonly interfaces: readonly Reference[];
  readonly scripts: readonly Reference[];
  readonly files: readonly Reference[];
  readonly processes: readonly Reference[];
  readonly bfd: readonly Reference[];
  readonly virtualServers: readonly PoolReference[];
}

/** Every line that means something, once; what does not is reported. `ownInterface` is tracked without being named. */
export function resolveTracks(
  build: Build,
  owner: Word,
  values: TrackValues,
  trackers: Trackers,
  ownInterface?: string,
): References {
  const disabled = trackers.disabledScripts;
  return {
    interfaces: interfacesOf(build, owner, values.track_interface, ownInterface),
    scripts: resolve(build, owner, values.track_script, trackers.scripts, 'vrrp_script', disabled),
    files: resolve(build, owner, values.track_file, trackers.files, 'track_file'),
    processes: resolve(build, owner, values.track_process, trackers.processes, 'vrrp_track_process'),
    bfd: buildTrackedBfd(build, owner, values.track_bfd),
    virtualServers: buildTrackedPools(build, owner, values.track_virtual_server),
  };
}

/** As the machines have it; undefined when there is nothing but interfaces. */
export function tracksOf({ scripts, files, processes, bfd, virtualServers }: References): Tracks | undefined {
  const tracks = {
    ...(scripts.length === 0 ? {} : { scripts: scripts.map(plain) }),
    ...(files.length === 0 ? {} : { files: files.map(plain) }),
    ...(processes.length === 0 ? {} : { processes: processes.map(plain) }),
    ...(bfd.length === 0 ? {} : { bfd: bfd.map(plain) }),
    ...(virtualServers.length === 0 ? {} : { virtualServers: virtualServers.map(withoutPlace) }),
  };
  return Object.keys(tracks).length === 0 ? undefined : tracks;
}

export function trackedInterfacesOf({ interfaces }: References): readonly TrackedInterface[] {
  return interfaces.map(({ name, weight, reverse }) => ({ interface: name, weight, reverse }));
}

function withoutPlace({ name, weight }: PoolReference): TrackedVirtualServer {
  return { name, ...(weight === undefined ? {} : { weight }) };
}

function plain({ name, weight, reverse }: Reference): TrackedObject {
  return { name, weight, reverse };
}

function interfacesOf(build: Build, owner: Word, located: Entries, ownInterface: string | undefined): readonly Reference[] {
  const found = new Map<string, Reference>();
  for (const { at, name, weight = 0, reverse = false } of located?.value ?? []) {
    checkInterface(build, name, at);
    if (name === ownInterface) repeated(build, owner, at, `${name} is its own interface and tracked anyway`);
    else if (found.has(name)) repeated(build, owner, at, `${name} is tracked already`);
    else found.set(name, { at, name, weight, reverse });
  }
  return [...found.values()];
}

function resolve<C>(
  build: Build,
  owner: Word,
  located: Entries,
  trackers: ReadonlyMap<string, Tracker<C>>,
  block: string,
  disabled?: ReadonlySet<string>,
): readonly Reference[] {
  const found = new Map<string, Reference>();
  for (const { at, name, weight, reverse } of located?.value ?? []) {
    const tracker = trackers.get(name);
    if (tracker === undefined || tracker.order > (located?.order ?? 0)) {
      // What was said about its program says it all.
      if (tracker === undefined && disabled?.has(name) === true) continue;
      const where = tracker === undefined ? '' : ' above';
      const hint = tracker === undefined ? undefined : `move ${block} ${name} before ${owner.text}`;
      build.findings.report('trackerUnknown', at, `(${owner.text}) there is no ${block} ${name}${where}; the line is ignored`, hint);
    } else if (found.has(name)) {
      repeated(build, owner, at, `${name} is tracked already`);
    } else {
      tracker.used = true;
      found.set(name, { at, name, weight: weight ?? tracker.weight.weight, reverse: reverse ?? tracker.weight.reverse });
    }
  }
  return [...found.values()];
}

function repeated(build: Build, owner: Word, at: Word, why: string): void {
  build.findings.report('repeatedKeyword', at, `(${owner.text}) ${why}; the line is ignored`, 'remove the line');
}
