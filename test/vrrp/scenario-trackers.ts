/**
 * The part of transcripts that is about tracked objects:
 *
 *     script S [interval=..] [timeout=..] [rise=..] [fall=..] [initFail=yes]
 *     file F
 *     process P [quorum=..] [max=..] [fork=..] [terminate=..]
 *     instance V1 scripts=S:-20 files=F:1:reverse processes=P:0 bfd=B:0
 *     groupTracks G scripts=S:0
 *     exited S 1 | killed S 9 | timedOut S     the run of S that is going on ends
 *     value F 3
 *     count P 2
 *     session B up|down
 */

import { micros, seconds, type Micros } from '../../src/base/time.js';
import type { TrackedObject, TrackedObjects, Tracks } from '../../src/vrrp/config/track.js';
import type { TrackerEvent } from '../../src/vrrp/events.js';
import type { Trackers } from '../../src/vrrp/tracking/tracker-state.js';

type Options = ReadonlyMap<string, string>;

/** A list of `NAME:WEIGHT[:reverse]` with commas. */
export function readTracks(kind: keyof Tracks, value: string): Tracks {
  const tracks = value.split(',').map((entry): TrackedObject => {
    const [name = '', weight = '0', reverse = ''] = entry.split(':');
    return { name, weight: Number(weight), reverse: reverse === 'reverse' };
  });
  return { [kind]: tracks };
}

export function isTrackKind(key: string): key is keyof Tracks {
  return key === 'scripts' || key === 'files' || key === 'processes' || key === 'bfd';
}

/** The objects with one more, or another of the same name; undefined when `kind` is none. */
export function withObject(
  { scripts, files, processes }: TrackedObjects,
  kind: string,
  name: string,
  options: Options,
  span: (text: string) => Micros,
): TrackedObjects | undefined {
  const others = <T extends { readonly name: string }>(all: readonly T[]): T[] => all.filter((each) => each.name !== name);
  const time = (key: string): Micros | undefined => (options.has(key) ? span(options.get(key) ?? '') : undefined);
  const number = (key: string, otherwise: number): number => Number(options.get(key) ?? otherwise);
  switch (kind) {
    case 'script': {
      const interval = time('interval') ?? seconds(1);
      const script = {
        name,
        command: { argv: [options.get('program') ?? `/${name}`] },
        interval,
        timeout: time('timeout') ?? interval,
        rise: number('rise', 1),
        fall: number('fall', 1),
        initFail: options.get('initFail') === 'yes',
      };
      return { scripts: [...others(scripts), script], files, processes };
    }
    case 'file':
      return { scripts, files: [...others(files), { name, path: options.get('path') ?? `/run/${name}` }], processes };
    case 'process': {
      const process = {
        name,
        program: options.get('program') ?? name,
        parameters: [],
        wholeCommand: false,
        quorum: number('quorum', 1),
        ...(options.has('max') ? { quorumMax: number('max', 0) } : {}),
        forkDelay: time('fork') ?? micros(0),
        terminateDelay: time('terminate') ?? micros(0),
      };
      return { scripts, files, processes: [...others(processes), process] };
    }
    default:
      return undefined;
  }
}

/** Undefined when the command is about something else. */
export function trackerEvent(command: string, name: string, value: string, { scripts }: Trackers): TrackerEvent | undefined {
  const run = scripts.get(name)?.run?.id ?? -1;
  switch (command) {
    case 'exited':
      return { type: 'scriptEnded', run, ending: { type: 'exited', status: Number(value) } };
    case 'killed':
      return { type: 'scriptEnded', run, ending: { type: 'killed', signal: Number(value) } };
    case 'timedOut':
      return { type: 'scriptEnded', run, ending: { type: 'timedOut' } };
    case 'value':
      return { type: 'fileRead', file: name, value: Number(value) };
    case 'count':
      return { type: 'processesCounted', process: name, count: Number(value) };
    case 'session':
      return { type: 'sessionChanged', session: name, up: value === 'up', at: micros(0) };
    default:
      return undefined;
  }
}
