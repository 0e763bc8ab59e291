/** What instances watch by name (scripts, files, processes) as ` Key = value` lines with keepalived's keys, for -d and SIGUSR1. */

import { seconds } from '../base/time.js';
import type { TrackFileConfig, TrackProcessConfig, TrackScriptConfig, Tracks } from '../vrrp/config/track.js';
import type { InstanceConfig } from '../vrrp/config.js';
import type { FileTracker, ProcessTracker, ScriptTracker } from '../vrrp/tracking/tracker-state.js';
import { accountText, commandWords } from './command-text.js';
import { listed, optional } from './dump-lines.js';
import { weightText } from './instance-text.js';

/** Instances with the lines by which they track something; those of their groups among them. */
type Trackings = readonly Pick<InstanceConfig, 'name' | 'tracks'>[];

/** `tracker` undefined: as it is configured. */
export function scriptLines(script: TrackScriptConfig, tracker: ScriptTracker | undefined, instances: Trackings): readonly string[] {
  const { command } = script;
  const account = accountText(command);
  return [
    ` VRRP Script = ${script.name}`,
    `   Command = ${commandWords(command)}`,
    `   Interval = ${script.interval / seconds(1)} sec`,
    `   Timeout = ${script.timeout / seconds(1)} sec`,
    `   Rise = ${script.rise}`,
    `   Fall = ${script.fall}`,
    ...(tracker === undefined ? [] : runningScriptLines(tracker)),
    ...optional('   Script uid:gid', account === '' ? undefined : account),
    ...(tracker === undefined ? [] : trackingLines('scripts', script.name, instances)),
    ...(tracker === undefined ? [] : [`   State = ${tracker.run === undefined ? 'idle' : 'running'}`]),
  ];
}

function runningScriptLines({ config, count, up }: ScriptTracker): readonly string[] {
  return [
    `   Result = ${count}`,
    `   Init state = ${config.initFail ? 'failed' : 'unknown'}`,
    `   Status = ${up === undefined ? 'unknown' : up ? 'GOOD' : 'BAD'}`,
  ];
}

export function fileLines({ name, path }: TrackFileConfig, tracker: FileTracker | undefined, instances: Trackings): readonly string[] {
  return [
    ` Track file = ${name}`,
    `   File = ${path}`,
    ...(tracker === undefined ? [] : [`   Status = ${tracker.value ?? 0}`, ...trackingLines('files', name, instances)]),
  ];
}

export function processLines(process: TrackProcessConfig, tracker: ProcessTracker | undefined, instances: Trackings): readonly string[] {
  return [
    ` VRRP Track process = ${process.name}`,
    `   Process = ${[process.program, ...process.parameters].join(' ')}`,
    ...optional('   Parameter matching', process.match),
    `   Min processes = ${process.quorum}`,
    ...optional('   Max processes', process.quorumMax),
    ...(tracker === undefined ? [] : [`   Current processes = ${tracker.count ?? 0}`, `   Have quorum = ${String(tracker.up === true)}`]),
    `   Terminate delay = ${(process.terminateDelay / seconds(1)).toFixed(6)}s`,
    `   Fork delay = ${(process.forkDelay / seconds(1)).toFixed(6)}s`,
    ...(tracker === undefined ? [] : delayLines(tracker)),
    `   Full command = ${String(process.wholeCommand)}`,
    ...(tracker === undefined ? [] : trackingLines('processes', process.name, instances)),
  ];
}

function delayLines({ up, changeAt }: ProcessTracker): readonly string[] {
  const running = (isRunning: boolean): string => (isRunning ? 'running' : 'not running');
  return [
    `   Fork delay timer ${running(changeAt !== undefined && up !== true)}`,
    `   Terminate delay timer ${running(changeAt !== undefined && up === true)}`,
  ];
}

function trackingLines(kind: Exclude<keyof Tracks, 'virtualServers'>, name: string, instances: Trackings): readonly string[] {
  const lines = instances.flatMap((instance) =>
    (instance.tracks?.[kind] ?? []).flatMap((line) => (line.name === name ? [`     ${instance.name}, ${weightText(line)}`] : [])),
  );
  return listed('   Tracking instances :', lines);
}

