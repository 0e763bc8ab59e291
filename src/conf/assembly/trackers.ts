/** vrrp_script, track_file and vrrp_track_process blocks: what instances and groups may refer to by name. */

import { given } from '../../base/given.js';
import { micros, seconds } from '../../base/time.js';
import type { Command } from '../../base/command.js';
import type { TrackedObjects, TrackFileConfig, TrackProcessConfig, TrackScriptConfig, TrackWeight } from '../../vrrp/config/track.js';
import type { Head, Word } from '../cst.js';
import type { Section } from '../keywords/kinds.js';
import { nameOf } from '../keywords/kinds.js';
import type { Located, Values } from '../keywords/schema.js';
import { trackerName } from '../keywords/trackers.js';
import type { trackFileBlock, vrrpScript, vrrpTrackProcess } from '../keywords/trackers.js';
import type { topLevel } from '../keywords/top-level.js';
import type { Build } from './context.js';
import { buildTrackScript } from './scripts.js';
import type { Tracker } from './tracker.js';

type TopLevel = Values<(typeof topLevel)['keywords']>;

/** By name; the first of several of one name. */
export interface Trackers {
  readonly scripts: ReadonlyMap<string, Tracker<TrackScriptConfig>>;
  readonly files: ReadonlyMap<string, Tracker<TrackFileConfig>>;
  readonly processes: ReadonlyMap<string, Tracker<TrackProcessConfig>>;
  /** Scripts that exist but will not run: their trackers go without another word. */
  readonly disabledScripts: ReadonlySet<string>;
}

/** Into `build.trackFiles`: checks refer to them too. */
export function buildTrackFiles(top: TopLevel, build: Build): void {
  const oldFiles = top.vrrp_track_file;
  const blocks = [...top.track_file, ...oldFiles].sort((a, b) => a.order - b.order);
  for (const { value } of oldFiles) {
    build.findings.report('uselessLine', nameOf(value.statement), 'vrrp_track_file is the old name of track_file', 'write: track_file');
  }
  for (const [name, file] of collect(blocks, build, (word, section) => buildFile(build, word, section))) build.trackFiles.set(name, file);
}

/** Call it after buildTrackFiles. */
export function buildTrackers(top: TopLevel, build: Build): Trackers {
  const disabledScripts = new Set<string>();
  const scripts = collect(top.vrrp_script, build, (name, section) => buildScript(build, name, section, disabledScripts));
  const processes = collect(top.vrrp_track_process, build, (name, section) => buildProcess(build, name, section));
  return { scripts, files: build.trackFiles, processes, disabledScripts };
}

/** The objects that somebody refers to; the rest is reported and left out. Undefined when there are none. */
export function usedTrackers({ scripts, files, processes }: Trackers, build: Build): TrackedObjects | undefined {
  for (const { name, used } of scripts.values()) {
    if (!used) build.findings.report('uselessLine', name, `nobody tracks vrrp_script ${name.text}: it is not run`);
  }
  const tracked = { scripts: configsOf(scripts), files: configsOf(files), processes: configsOf(processes) };
  const none = tracked.scripts.length + tracked.files.length + tracked.processes.length === 0;
  return none ? undefined : tracked;
}

function configsOf<C>(trackers: ReadonlyMap<string, Tracker<C>>): readonly C[] {
  return [...trackers.values()].filter(({ used }) => used).map(({ config }) => config);
}

type Built<C> = Pick<Tracker<C>, 'config' | 'weight'>;

function collect<B extends { readonly statement: Head }, C>(
  blocks: readonly Located<B>[],
  build: Build,
  one: (name: Word, section: B) => Built<C> | undefined,
): ReadonlyMap<string, Tracker<C>> {
  const found = new Map<string, Tracker<C>>();
  for (const { value, order } of blocks) {
    const name = trackerName(value.statement, build.findings);
    const built = name === undefined ? undefined : one(name, value);
    if (name === undefined || built === undefined) continue;
    if (found.has(name.text)) {
      const message = `there is one called ${name.text} already: references mean the first, this one is not used`;
      build.findings.report('uselessLine', name, message, 'rename one of them');
      continue;
    }
    found.set(name.text, { ...built, name, order, used: false });
  }
  return found;
}

function buildScript(
  build: Build,
  name: Word,
  { values }: Section<(typeof vrrpScript)['keywords']>,
  disabled: Set<string>,
): Built<TrackScriptConfig> | undefined {
  const { script, user } = values;
  if (script === undefined) {
    build.findings.report('emptyBlock', name, `vrrp_script ${name.text} has no script: it is left out`, 'write: script "/path/program"');
    return undefined;
  }
  const own = user === undefined ? script.value : withAccount(script.value, user.value);
  const command = buildTrackScript(build, name.text, { ...script, value: own });
  if (command === undefined) {
    disabled.add(name.text);
    return undefined;
  }
  const interval = values.interval?.value ?? seconds(1);
  return {
    config: {
      name: name.text,
      command,
      interval,
      timeout: values.timeout?.value ?? interval,
      rise: values.rise?.value ?? 1,
      fall: values.fall?.value ?? 1,
      initFail: values.init_fail !== undefined,
      ...stated(values.weight?.value),
    },
    weight: values.weight?.value ?? { weight: 0, reverse: false },
  };
}

/** The keyword `user` replaces an account on the line of the script. */
function withAccount(command: Command, { user, group }: { readonly user: string; readonly group?: string }): Command {
  const { argv } = command;
  return group === undefined ? { argv, user } : { argv, user, group };
}

function buildFile(build: Build, name: Word, { values }: Section<(typeof trackFileBlock)['keywords']>): Built<TrackFileConfig> | undefined {
  const { file, init_file: initial } = values;
  if (file === undefined) {
    build.findings.report('emptyBlock', name, `track_file ${name.text} names no file: it is left out`, 'write: file PATH');
    return undefined;
  }
  return {
    config: {
      name: name.text,
      path: file.value.text,
      ...stated(values.weight?.value),
      ...(initial === undefined ? {} : { initial: initial.value }),
    },
    weight: values.weight?.value ?? { weight: 1, reverse: false },
  };
}

function buildProcess(
  build: Build,
  name: Word,
  { values }: Section<(typeof vrrpTrackProcess)['keywords']>,
): Built<TrackProcessConfig> | undefined {
  const { process, param_match: match, delay } = values;
  if (process === undefined) {
    build.findings.report('emptyBlock', name, `vrrp_track_process ${name.text} names no process: it is left out`, 'write: process NAME');
    return undefined;
  }
  const { program, parameters } = process.value;
  const wholeCommand = values.full_command !== undefined || match !== undefined || parameters.length > 0;
  const how = match?.value ?? (parameters.length > 0 ? 'exact' : undefined);
  return {
    config: {
      name: name.text,
      program,
      parameters,
      wholeCommand,
      ...quorumOf(build, values),
      forkDelay: later(values.fork_delay, delay)?.value ?? micros(0),
      terminateDelay: later(values.terminate_delay, delay)?.value ?? micros(0),
      ...given({ match: how }),
      ...stated(values.weight?.value),
    },
    weight: values.weight?.value ?? { weight: 0, reverse: false },
  };
}

/** As the block of the object has it. */
function stated(weight: TrackWeight | undefined): { readonly weight?: number; readonly reverse?: true } {
  return weight === undefined ? {} : { weight: weight.weight, ...(weight.reverse ? { reverse: true } : {}) };
}

/** Both limits are compared as they are read: the one that comes second and does not fit is ignored. */
function quorumOf(
  build: Build,
  { quorum, quorum_max: most }: Values<(typeof vrrpTrackProcess)['keywords']>,
): Pick<TrackProcessConfig, 'quorum' | 'quorumMax'> {
  const { findings } = build;
  if (most === undefined) return { quorum: quorum?.value ?? 1 };
  if (most.value === 0 && (quorum === undefined || (quorum.value <= 1 && quorum.order < most.order))) return { quorum: 0, quorumMax: 0 };
  if (quorum === undefined) return { quorum: 1, quorumMax: most.value };
  if (quorum.value <= most.value) return { quorum: quorum.value, quorumMax: most.value };
  if (quorum.order < most.order) {
    findings.report('contradiction', most.at, `quorum_max ${most.value} is less than quorum ${quorum.value}; it is ignored`);
    return { quorum: quorum.value };
  }
  findings.report('contradiction', quorum.at, `quorum ${quorum.value} is more than quorum_max ${most.value}; it is ignored`);
  return { quorum: most.value === 0 ? 0 : 1, quorumMax: most.value };
}

/** Whichever stands further down, as the second overwrites what the first has set. */
function later<T>(a: Located<T> | undefined, b: Located<T> | undefined): Located<T> | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.order > b.order ? a : b;
}
