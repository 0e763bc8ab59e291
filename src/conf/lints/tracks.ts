/** All that an instance or a group tracks, of whatever kind, as one list: the lints ask about names and weights only. */

import type { TrackedInterface, TrackedObject, Tracks } from '../../vrrp/config/track.js';

export interface Tracker {
  readonly trackInterfaces?: readonly TrackedInterface[];
  readonly tracks?: Tracks;
}

export function tracksOf({ trackInterfaces = [], tracks = {} }: Tracker): readonly TrackedObject[] {
  const { scripts = [], files = [], processes = [], bfd = [] } = tracks;
  const interfaces = trackInterfaces.map(({ interface: name, weight, reverse }) => ({ name, weight, reverse }));
  return [...interfaces, ...scripts, ...files, ...processes, ...bfd];
}
