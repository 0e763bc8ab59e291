/**
 * One host's links and addresses, routes and rules as its kernel keeps them: requests are served one after the other, take time, may fail
 * in part, and outlive the process that made them.
 */

import type { Cidr, IpAddress } from '../../src/base/address.js';
import { familyOf } from '../../src/base/address.js';
import type { Belongings } from '../../src/vrrp/instance/belongings.js';
import type { LinkState, VirtualAddress } from '../../src/vrrp/config.js';
import type { NetworkObject } from './kernel-network.js';
import { createKernelNetwork } from './kernel-network.js';
import type { World } from './world.js';

export interface AddressAnswer {
  /** The first refusal; undefined when all is as asked. */
  readonly reason: string | undefined;
  /** The addresses that are as asked nonetheless. */
  readonly settled: readonly VirtualAddress[];
}

export interface KernelOptions {
  /** Longest time for one request, in microseconds. */
  readonly latency: number;
  /** A link or its addresses changed. */
  readonly onLink: (name: string) => void;
  /** An address went away without our request. */
  readonly onLost: (name: string, address: IpAddress) => void;
  /** A route or a rule did. */
  readonly onNetworkLost: (object: NetworkObject) => void;
}

export interface KernelAddresses {
  readonly request: (present: boolean, belongings: Belongings, answer: (answer: AddressAnswer) => void) => void;
  readonly link: (name: string) => LinkState | undefined;
  /** The link below a macvlan, even after it has gone; any other is its own. */
  readonly baseOf: (name: string) => string;
  readonly holds: (name: string, address: IpAddress) => boolean;
  readonly setUp: (name: string, up: boolean) => void;
  /** A macvlan on a link that is there: up while that one is, gone with it. Does nothing where one is already. */
  readonly makeDevice: (name: string, base: string) => void;
  /** Removes the link with all its addresses, and what stands on it. */
  readonly deleteLink: (name: string) => void;
  /** A new link of this name, with a new index, up, holding `addresses` only. */
  readonly createLink: (name: string, addresses: readonly Cidr[]) => void;
  /** As an operator does by hand. */
  readonly removeByHand: (name: string, address: IpAddress) => void;
  /** As a DHCP client does when a lease begins or ends: everything on the link goes, whoever has set it. */
  readonly flush: (name: string) => void;
  /** What a host has of its own is there again. */
  readonly restoreAddresses: (name: string, addresses: readonly Cidr[]) => void;
  readonly removeNetworkByHand: (object: NetworkObject) => void;
  /** Identities of the routes and rules that are there. */
  readonly network: () => readonly string[];
  /** The probability that a request fails from now on. */
  readonly setFailure: (probability: number) => void;
  /** Power loss: requests under way are lost. */
  readonly reset: () => void;
}

interface Link {
  readonly index: number;
  /** Of a macvlan: the link below. */
  readonly base?: string;
  up: boolean;
  addresses: readonly Cidr[];
}

const ERRORS = ['EPERM', 'ENOBUFS', 'EBUSY'] as const;

export function createKernelAddresses(world: World, options: KernelOptions): KernelAddresses {
  const links = new Map<string, Link>();
  const bases = new Map<string, string>();
  const network = createKernelNetwork((name) => links.get(name));
  let nextIndex = 2;
  let busyUntil = 0;
  let failure = 0;
  let life = 0;

  const change = (name: string, link: Link, addresses: readonly Cidr[]): void => {
    link.addresses = addresses;
    options.onLink(name);
  };

  /** Undefined when done, else an errno name. */
  const applyOne = (present: boolean, { interface: name, address, prefixLength }: VirtualAddress): string | undefined => {
    const link = links.get(name);
    // Removing from a link that is gone has nothing left to do; adding to it cannot work.
    if (link === undefined) return present ? 'ENODEV' : undefined;
    const held = link.addresses.some((entry) => entry.address === address);
    if (present === held) return undefined;
    // The kernel lists new IPv6 addresses first, new IPv4 addresses last.
    const added = familyOf(address) === 'ipv6' ? [{ address, prefixLength }, ...link.addresses] : [...link.addresses, { address, prefixLength }];
    change(name, link, present ? added : link.addresses.filter((entry) => entry.address !== address));
    return undefined;
  };

  const applyAll = (present: boolean, { addresses, routes, rules }: Belongings): AddressAnswer => {
    const settled: VirtualAddress[] = [];
    let reason: string | undefined;
    const attempt = (apply: () => string | undefined): boolean => {
      const unlucky = world.chance(failure);
      if (unlucky) world.cover('fault addressFailure');
      const error = unlucky ? world.pick(ERRORS) : apply();
      reason ??= error;
      return error === undefined;
    };
    const steps = [
      ...addresses.map((address) => () => {
        if (attempt(() => applyOne(present, address))) settled.push(address);
      }),
      ...[...routes, ...rules].map((object) => () => void attempt(() => network.apply(present, object))),
    ];
    for (const step of present ? steps : steps.reverse()) step();
    return { reason, settled };
  };

  const setUp = (name: string, up: boolean): void => {
    const link = links.get(name);
    if (link === undefined || link.up === up) return;
    link.up = up;
    if (!up) network.linkLost(name);
    options.onLink(name);
    for (const [device, { base }] of links) if (base === name) setUp(device, up);
  };

  const deleteLink = (name: string): void => {
    for (const [device, { base }] of links) if (base === name) deleteLink(device);
    if (!links.delete(name)) return;
    network.linkLost(name);
    options.onLink(name);
  };

  return {
    request: (present, belongings, answer) => {
      const asked = life;
      busyUntil = Math.max(busyUntil, world.now()) + world.between(50, options.latency);
      world.at(busyUntil, () => {
        if (asked === life) answer(applyAll(present, belongings));
      });
    },
    link: (name) => {
      const link = links.get(name);
      return link === undefined ? undefined : { name, index: link.index, up: link.up, addresses: link.addresses };
    },
    baseOf: (name) => bases.get(name) ?? name,
    holds: (name, address) => links.get(name)?.addresses.some((entry) => entry.address === address) ?? false,
    setUp,
    makeDevice: (name, base) => {
      const below = links.get(base);
      if (below === undefined || links.has(name)) return;
      bases.set(name, base);
      links.set(name, { index: nextIndex, base, up: below.up, addresses: [] });
      nextIndex += 1;
      options.onLink(name);
    },
    deleteLink,
    createLink: (name, addresses) => {
      links.set(name, { index: nextIndex, up: true, addresses });
      nextIndex += 1;
      options.onLink(name);
    },
    removeByHand: (name, address) => {
      const link = links.get(name);
      if (link?.addresses.some((entry) => entry.address === address) !== true) return;
      change(name, link, link.addresses.filter((entry) => entry.address !== address));
      options.onLost(name, address);
    },
    flush: (name) => {
      const link = links.get(name);
      // One by one, in their order: what speaks from the first hears of that before it hears of the rest.
      for (const { address } of link?.addresses ?? []) {
        if (link !== undefined) change(name, link, link.addresses.filter((entry) => entry.address !== address));
        options.onLost(name, address);
      }
    },
    restoreAddresses: (name, addresses) => {
      const link = links.get(name);
      if (link === undefined) return;
      const missing = addresses.filter(({ address }) => !link.addresses.some((entry) => entry.address === address));
      if (missing.length > 0) change(name, link, [...missing, ...link.addresses]);
    },
    removeNetworkByHand: (object) => {
      if (network.remove(object)) options.onNetworkLost(object);
    },
    network: network.held,
    setFailure: (probability) => {
      failure = probability;
    },
    reset: () => {
      life += 1;
      busyUntil = world.now();
      links.clear();
      network.reset();
    },
  };
}
