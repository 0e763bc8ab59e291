/**
 * What is watched, in KEEPALIVED-MIB: the tables of scripts, files, processes and BFD sessions, and those of who tracks
 * them, instances and sync groups alike.
 */

import { seconds } from '../../../base/time.js';
import { commandWords } from '../../../runtime/command-text.js';
import type { TrackedInterface, TrackedObject, TrackProcessConfig, Tracks, TrackWeight } from '../../../vrrp/config/track.js';
import { gauge, integer, text, yesNo } from '../values.js';
import { table } from '../view.js';
import type { Column, Row } from '../view.js';
import { byName } from '../world.js';
import type { SnmpWorld } from '../world.js';
import { KEEPALIVED_VRRP } from './identifiers.js';

/** vrrpScriptResult. */
const RESULTS = { unknown: 1, bad: 2, good: 3, initFailed: 5 } as const;

/** vrrpProcessParamMatch. */
const MATCHES = { none: 0, exact: 1, partial: 2, initial: 3 } as const;

/** Instance or group. */
interface Follower {
  readonly trackInterfaces?: readonly TrackedInterface[];
  readonly tracks?: Tracks;
}

type FollowersOf = (world: SnmpWorld) => readonly Follower[];

const instancesOf: FollowersOf = ({ configuration }) => configuration?.director.instances ?? [];
const groupsOf: FollowersOf = ({ configuration }) => configuration?.director.groups ?? [];

export function trackerColumns(): readonly Column<SnmpWorld>[] {
  return [
    ...scriptColumns(),
    ...fileColumns(),
    ...sessionColumns(),
    ...processColumns(),
    ...trackedInterfaces(4, instancesOf),
    ...tracked(5, instancesOf, 'scripts'),
    ...tracked(12, instancesOf, 'files'),
    ...tracked(17, instancesOf, 'bfd'),
    ...tracked(20, instancesOf, 'processes'),
    ...trackedInterfaces(14, groupsOf),
    ...tracked(15, groupsOf, 'scripts'),
    ...tracked(16, groupsOf, 'files'),
    ...tracked(19, groupsOf, 'bfd'),
    ...tracked(22, groupsOf, 'processes'),
  ];
}

function tracked(number: number, followers: FollowersOf, kind: Exclude<keyof Tracks, 'virtualServers'>): readonly Column<SnmpWorld>[] {
  const rows = (world: SnmpWorld): readonly Row<TrackedObject>[] =>
    followers(world).flatMap(({ tracks = {} }, i) => (tracks[kind] ?? []).map((of, j) => ({ index: [i + 1, j + 1], of })));
  return table([...KEEPALIVED_VRRP, number, 1], rows, { 2: ({ name }) => text(name), 3: ({ weight }) => integer(weight), 4: ({ reverse }) => yesNo(reverse) });
}

/** Numbered as they stand, as keepalived does, although the MIB says ifIndex. */
function trackedInterfaces(number: number, followers: FollowersOf): readonly Column<SnmpWorld>[] {
  const rows = (world: SnmpWorld): readonly Row<TrackedInterface>[] =>
    followers(world).flatMap(({ trackInterfaces = [] }, i) => trackInterfaces.map((of, j) => ({ index: [i + 1, j + 1], of })));
  return table([...KEEPALIVED_VRRP, number, 1], rows, { 1: (of) => text(of.interface), 2: ({ weight }) => integer(weight), 3: ({ reverse }) => yesNo(reverse) });
}

/** The configured objects of one kind, each with what is known of it, numbered from 1. */
function watched<C extends { readonly name: string }, L extends { readonly name: string }>(
  configured: (world: SnmpWorld) => readonly C[],
  shown: (world: SnmpWorld) => readonly L[] | undefined,
): (world: SnmpWorld) => readonly Row<{ readonly config: C; readonly live: L | undefined }>[] {
  return (world) => {
    const live = byName(shown(world));
    return configured(world).map((config, i) => ({ index: [i + 1], of: { config, live: live.get(config.name) } }));
  };
}

function scriptColumns(): readonly Column<SnmpWorld>[] {
  const rows = watched(({ configuration }) => configuration?.director.tracked?.scripts ?? [], ({ vrrp }) => vrrp?.shown.scripts);
  return table([...KEEPALIVED_VRRP, 9, 1], rows, {
    2: ({ config }) => text(config.name),
    3: ({ config }) => text(commandWords(config.command)),
    4: ({ config }) => integer(config.interval / seconds(1)),
    5: ({ config }) => integer(config.weight ?? 0),
    6: ({ config, live }) => {
      const before = config.initFail ? RESULTS.initFailed : RESULTS.unknown;
      return integer(live?.up === undefined ? before : live.up ? RESULTS.good : RESULTS.bad);
    },
    7: ({ config }) => gauge(config.rise),
    8: ({ config }) => gauge(config.fall),
    9: ({ config }) => yesNo(config.reverse === true),
  });
}

function fileColumns(): readonly Column<SnmpWorld>[] {
  const rows = watched(({ configuration }) => configuration?.director.tracked?.files ?? [], ({ vrrp }) => vrrp?.shown.watched?.files);
  return table([...KEEPALIVED_VRRP, 13, 1], rows, {
    2: ({ config }) => text(config.name),
    3: ({ config }) => text(config.path),
    4: ({ live }) => integer(live?.value ?? 0),
    5: ({ config }) => integer(config.weight ?? 1),
    6: ({ config }) => yesNo(config.reverse === true),
  });
}

function sessionColumns(): readonly Column<SnmpWorld>[] {
  const rows = watched<{ readonly name: string } & TrackWeight, { readonly name: string; readonly up: boolean }>(
    ({ configuration }) => configuration?.sessions ?? [],
    ({ vrrp }) => vrrp?.shown.watched?.sessions,
  );
  return table([...KEEPALIVED_VRRP, 18, 1], rows, {
    2: ({ config }) => text(config.name),
    3: ({ live }) => integer(live?.up === true ? 1 : 0),
    4: ({ config }) => integer(config.weight),
    5: ({ config }) => yesNo(config.reverse),
  });
}

function processColumns(): readonly Column<SnmpWorld>[] {
  const rows = watched(({ configuration }) => configuration?.director.tracked?.processes ?? [], ({ vrrp }) => vrrp?.shown.watched?.processes);
  return table([...KEEPALIVED_VRRP, 21, 1], rows, {
    2: ({ config }) => text(config.name),
    3: ({ config }) => text(config.program),
    4: ({ config }) => (config.parameters.length === 0 ? undefined : text(config.parameters.join(' '))),
    5: ({ config }) => integer(MATCHES[matchOf(config)]),
    6: ({ config }) => integer(config.weight ?? 0),
    7: ({ config }) => yesNo(config.reverse === true),
    8: ({ config }) => gauge(config.quorum),
    9: ({ config }) => (config.quorumMax === undefined ? undefined : integer(config.quorumMax)),
    // In microseconds, which the MIB does not say.
    10: ({ config }) => gauge(config.forkDelay),
    11: ({ config }) => gauge(config.terminateDelay),
    12: ({ config }) => yesNo(config.wholeCommand),
    13: ({ live }) => integer(live?.count ?? 0),
    14: ({ live }) => yesNo(live?.up === true),
  });
}

function matchOf({ match }: TrackProcessConfig): keyof typeof MATCHES {
  return match ?? 'none';
}
