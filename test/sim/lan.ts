/**
 * The wire between the hosts: segments on which a datagram reaches every other host, or is lost, late, doubled, damaged
 * or cut off. Bytes go in and bytes come out: what they mean is for production's codec.
 */

import type { Family, IpAddress } from '../../src/base/address.js';
import type { AdvertProtocol } from '../../src/vrrp/instance/arrival.js';
import type { World } from './world.js';

export interface Datagram {
  readonly segment: string;
  readonly family: Family;
  readonly protocol: AdvertProtocol;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly hopLimit: number;
  /** Of the IPv4 header. */
  readonly identification: number;
  readonly payload: Uint8Array;
}

/** What a segment does to datagrams; probabilities in [0, 1], delays in microseconds. */
export interface Weather {
  readonly loss: number;
  readonly duplication: number;
  readonly corruption: number;
  readonly minimumDelay: number;
  readonly maximumDelay: number;
  /** Whether a datagram may arrive before one that was sent earlier. */
  readonly overtaking: boolean;
}

export const CALM_WEATHER: Weather = {
  loss: 0,
  duplication: 0,
  corruption: 0,
  minimumDelay: 100,
  maximumDelay: 1_000,
  overtaking: false,
};

export type Receive = (datagram: Datagram) => void;

export interface Lan {
  readonly attach: (segment: string, host: string, receive: Receive) => void;
  /** Sends to all others on the segment. */
  readonly send: (from: string, datagram: Datagram) => void;
  readonly setWeather: (weather: Weather) => void;
  /** Microseconds that a datagram may be under way, of any weather so far. */
  readonly longestDelay: () => number;
  /** Nothing from `from` reaches `to` on this segment any more (one direction). */
  readonly cut: (segment: string, from: string, to: string) => void;
  readonly heal: () => void;
}

export function createLan(world: World): Lan {
  const segments = new Map<string, Map<string, Receive>>();
  const cuts = new Set<string>();
  /** By segment, sender and receiver. */
  const lastArrivals = new Map<string, number>();
  let weather = CALM_WEATHER;
  let longestDelay = CALM_WEATHER.maximumDelay;

  const deliver = (from: string, to: string, receive: Receive, datagram: Datagram): void => {
    if (weather.loss > 0 && world.chance(weather.loss)) {
      world.cover('fault loss');
      return;
    }
    const damaged = weather.corruption > 0 && world.chance(weather.corruption);
    const arriving = damaged ? { ...datagram, payload: damage(world, datagram.payload) } : datagram;
    const key = `${datagram.segment} ${from} ${to}`;
    const arrival = world.now() + world.between(weather.minimumDelay, weather.maximumDelay);
    const inOrder = Math.max(arrival, lastArrivals.get(key) ?? 0);
    lastArrivals.set(key, inOrder);
    world.at(weather.overtaking ? arrival : inOrder, () => {
      // A cut takes effect on what is under way, too.
      if (!cuts.has(key)) receive(arriving);
    });
  };

  return {
    attach: (segment, host, receive) => {
      const hosts = segments.get(segment) ?? new Map<string, Receive>();
      segments.set(segment, hosts.set(host, receive));
    },
    send: (from, datagram) => {
      for (const [to, receive] of segments.get(datagram.segment) ?? []) {
        if (to === from || cuts.has(`${datagram.segment} ${from} ${to}`)) continue;
        deliver(from, to, receive, datagram);
        if (weather.duplication > 0 && world.chance(weather.duplication)) {
          world.cover('fault duplication');
          deliver(from, to, receive, datagram);
        }
      }
    },
    setWeather: (next) => {
      weather = next;
      longestDelay = Math.max(longestDelay, next.maximumDelay);
    },
    longestDelay: () => longestDelay,
    cut: (segment, from, to) => void cuts.add(`${segment} ${from} ${to}`),
    heal: () => cuts.clear(),
  };
}

/** One bit turned, or the tail cut off. */
function damage(world: World, payload: Uint8Array): Uint8Array {
  world.cover('fault corruption');
  if (world.chance(0.2)) return payload.slice(0, world.between(0, payload.length - 1));
  const damaged = payload.slice();
  const index = world.between(0, damaged.length - 1);
  damaged[index] = (damaged[index] ?? 0) ^ (1 << world.between(0, 7));
  return damaged;
}
