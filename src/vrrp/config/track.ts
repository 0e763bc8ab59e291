/**
 * What instances watch besides adverts: the objects that are watched (scripts, files, processes, links) and the lines by
 * which instances and groups refer to them. The weight algebra over their readings is in track.ts.
 */

import type { Command } from '../../base/command.js';
import type { Micros } from '../../base/time.js';

/** What a watched object does to the priority of those who watch it. */
export interface TrackWeight {
  /** Added while up (positive) or while down (negative); 0 = fault while down. Files multiply their value by it. */
  readonly weight: number;
  /** Up and down change places. */
  readonly reverse: boolean;
}

export interface TrackedInterface extends TrackWeight {
  readonly interface: string;
  /** -253..253. */
  readonly weight: number;
}

/** A line of track_script, track_file, track_process or track_bfd, the defaults of the named object resolved. */
export interface TrackedObject extends TrackWeight {
  /** Of the entry of the same kind in TrackedObjects; -253..253 for scripts and BFD, -254..254 for files and processes. */
  readonly name: string;
}

/** A line of track_virtual_server. */
export interface TrackedVirtualServer {
  /** As PoolReport names it. */
  readonly name: string;
  /** Added while it has its quorum (positive) or while it has not (negative), -253..253; absent = see track.ts. */
  readonly weight?: number;
}

/** The track_* blocks of an instance or of a group. Absent = none. */
export interface Tracks {
  readonly scripts?: readonly TrackedObject[];
  readonly files?: readonly TrackedObject[];
  readonly processes?: readonly TrackedObject[];
  readonly bfd?: readonly TrackedObject[];
  readonly virtualServers?: readonly TrackedVirtualServer[];
}

/** What lines that name a watched object weigh unless they say; resolved there already. Absent = not stated. */
interface StatedWeight {
  readonly weight?: number;
  /** Absent = no. */
  readonly reverse?: boolean;
}

/** One vrrp_script. Scripts of the same path in several blocks are separate. */
export interface TrackScriptConfig extends StatedWeight {
  readonly name: string;
  readonly command: Command;
  /** From start to start of a run; at least 1 ms, default 1 s. */
  readonly interval: Micros;
  /** A run that takes longer is a failure; default the interval. */
  readonly timeout: Micros;
  /** Successes in a row until up, at least 1. */
  readonly rise: number;
  /** Failures in a row until down, at least 1. */
  readonly fall: number;
  /** Down until `rise` successes; otherwise unknown until the first result. */
  readonly initFail: boolean;
}

/** One track_file: a file that holds a whole number. */
export interface TrackFileConfig extends StatedWeight {
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  /** Written at start (never at a reload or under `-t`); `overwrite` also when the file exists. */
  readonly initial?: { readonly value: number; readonly overwrite: boolean };
}

/** One vrrp_track_process: how many processes of a kind are alive. */
export interface TrackProcessConfig extends StatedWeight {
  readonly name: string;
  /** Of the program: as the kernel shows it (comm, 15 characters), or the first argument with `wholeCommand`. */
  readonly program: string;
  /** What must follow on the command line; compared only with `match`. */
  readonly parameters: readonly string[];
  /** `exact`: all equal. `partial`: the first ones equal. `initial`: as partial, the last one may be longer. */
  readonly match?: 'exact' | 'partial' | 'initial';
  /** Look at the command line instead of the comm name. */
  readonly wholeCommand: boolean;
  /** Up with at least this many, default 1; 0 = it must not run. */
  readonly quorum: number;
  /** ... and at most this many. */
  readonly quorumMax?: number;
  /** Wait before gained quorum counts; 0 = none. */
  readonly forkDelay: Micros;
  /** Wait before lost quorum counts; 0 = none. */
  readonly terminateDelay: Micros;
}

/** Everything that is watched by name; only what an instance or a group refers to is here. */
export interface TrackedObjects {
  readonly scripts: readonly TrackScriptConfig[];
  readonly files: readonly TrackFileConfig[];
  readonly processes: readonly TrackProcessConfig[];
}

/** One track_group: these instances depend on the interfaces of its static addresses, routes and rules. */
export interface StaticTrackGroupConfig {
  readonly name: string;
  /** Names of instances. */
  readonly members: readonly string[];
}

/** One line of interface_up_down_delays: a change of the link counts when it has lasted this long. */
export interface LinkDelayConfig {
  readonly interface: string;
  /** At most 255 s; 0 = at once. */
  readonly down: Micros;
  readonly up: Micros;
}

/** Interfaces whose link is asked for every second instead of trusted to netlink. */
export interface LinkPollingConfig {
  /** linkbeat_use_polling: all interfaces that instances use or track. */
  readonly all: boolean;
  /** Without a method: the best one the driver answers to (MII, then ETHTOOL, then IFF_RUNNING). */
  readonly interfaces: readonly { readonly interface: string; readonly method?: 'mii' | 'ethtool' | 'ioctl' }[];
}
