/**
 * Links that are asked for every second (linkbeat), because their drivers do not tell the kernel when a cable goes. What they
 * answer stands in for what netlink says; the link monitor passes it on.
 */

import { cstring } from '../../base/attributes.js';
import type { LinkPollingConfig } from '../../vrrp/config/track.js';
import type { LinkMonitor } from './links.js';
import { loadAddon } from '../native.js';

/** Milliseconds. */
const INTERVAL = 1000;

type PolledLink = LinkPollingConfig['interfaces'][number];
type Method = NonNullable<PolledLink['method']>;

const METHODS: readonly Method[] = ['mii', 'ethtool', 'ioctl'];

interface LinkAddon {
  linkState(name: Uint8Array, how: number): number;
}

export interface LinkPoller {
  /** Asks for these from now on, at once for the first time, and leaves the others to netlink. */
  readonly configure: (interfaces: readonly PolledLink[]) => void;
  readonly close: () => void;
}

export function createLinkPoller(links: LinkMonitor): LinkPoller {
  const addon = loadAddon() as LinkAddon;
  let polled: readonly PolledLink[] = [];
  /** The best method that a driver has answered to. */
  const known = new Map<string, Method>();

  const ask = ({ interface: name, method }: PolledLink): boolean | undefined => {
    const tried = method ?? known.get(name);
    for (const each of tried === undefined ? METHODS : [tried]) {
      const state = addon.linkState(cstring.encode(name), METHODS.indexOf(each));
      if (state < 0) continue;
      known.set(name, each);
      return state === 1;
    }
    // The interface is gone, perhaps for another one with another driver; or the method named is not one of its driver's.
    known.delete(name);
    return undefined;
  };
  const askAll = (): void => {
    for (const link of polled) links.overrule(link.interface, ask(link));
  };
  const timer = setInterval(askAll, INTERVAL).unref();

  return {
    configure: (interfaces) => {
      const names = new Set(interfaces.map((each) => each.interface));
      for (const { interface: name } of polled) if (!names.has(name)) links.overrule(name, undefined);
      polled = interfaces;
      askAll();
    },
    close: () => clearInterval(timer),
  };
}
