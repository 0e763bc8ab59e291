/**
 * Two directors and a client on as many Ethernet segments as the instances need: a segment has 255 virtual router ids at
 * most. The segments are bridges of the client, so that it hears and reaches everything.
 */

import { execFileSync } from 'node:child_process';

/** Virtual router ids used of each segment. */
export const INSTANCES_A_SEGMENT = 250;

export type Director = 'a' | 'b';

export interface Segments {
  readonly namespace: (station: Director | 'client') => string;
  /** Pulls all cables of a director at the other end. */
  readonly cut: (director: Director) => void;
  readonly close: () => void;
}

/** The address and the interface of instance `index`, 0 for the first. */
export function placeOf(index: number): { readonly interface: string; readonly virtualRouterId: number; readonly address: string } {
  const segment = Math.floor(index / INSTANCES_A_SEGMENT);
  const virtualRouterId = (index % INSTANCES_A_SEGMENT) + 1;
  return { interface: `eth${segment}`, virtualRouterId, address: `10.${80 + segment}.1.${virtualRouterId}` };
}

/** Makes namespaces with enough segments for `instances`; `close` removes them. */
export function openSegments(name: string, instances: number): Segments {
  const stations = ['a', 'b', 'client'] as const;
  const directors = ['a', 'b'] as const;
  const namespace = (station: (typeof stations)[number]): string => `hf-${name}-${process.pid}-${station}`;
  const inside = (station: (typeof stations)[number], ...words: readonly string[]): void => void execFileSync('ip', ['-n', namespace(station), ...words]);
  const segments = Array.from({ length: Math.ceil(instances / INSTANCES_A_SEGMENT) }, (_, segment) => segment);
  for (const station of stations) {
    execFileSync('ip', ['netns', 'add', namespace(station)]);
    inside(station, 'link', 'set', 'lo', 'up');
  }
  for (const segment of segments) {
    inside('client', 'link', 'add', `segment${segment}`, 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0', 'mcast_snooping', '0');
    inside('client', 'link', 'set', `segment${segment}`, 'up');
    inside('client', 'addr', 'add', `10.${80 + segment}.0.3/16`, 'dev', `segment${segment}`);
    for (const [index, director] of directors.entries()) {
      const port = `port-${director}${segment}`;
      inside('client', 'link', 'add', port, 'type', 'veth', 'peer', 'name', `eth${segment}`, 'netns', namespace(director));
      inside('client', 'link', 'set', port, 'master', `segment${segment}`, 'up');
      inside(director, 'link', 'set', `eth${segment}`, 'addrgenmode', 'none', 'up');
      inside(director, 'addr', 'add', `10.${80 + segment}.0.${index + 1}/16`, 'dev', `eth${segment}`);
    }
  }
  return {
    namespace,
    cut: (director) => {
      for (const segment of segments) inside('client', 'link', 'set', `port-${director}${segment}`, 'down');
    },
    close: () => {
      for (const station of stations) execFileSync('ip', ['netns', 'del', namespace(station)]);
    },
  };
}
