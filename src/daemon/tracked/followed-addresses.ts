/** Addresses of virtual servers with ha_suspend: whether each is on this host, told before the configuration and as it changes. */

import type { IpAddress } from '../../base/address.js';
import { given } from '../../base/given.js';
import type { PoolConfig } from '../../health/config.js';
import { LinkMonitor } from '../../io/netlink/links.js';
import type { BufferSize } from '../../io/sockets/socket-options.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import type { LvsEvent } from '../../runtime/lvs-machine.js';
import { createAddressDiary } from './address-diary.js';

export interface FollowedAddresses {
  /** Follows the addresses of this configuration and nothing else. What is known of them is told before this returns. */
  readonly follow: (pool: PoolConfig) => void;
  /** Of the socket that hears of addresses, open or not yet; undefined for the default. */
  readonly setReceiveBuffer: (size: BufferSize | undefined) => void;
  readonly close: () => void;
}

/** `logsAll`: every address that comes or goes is told of (--address-monitoring). */
export function openFollowedAddresses(tell: (note: LifecycleNote) => void, deliver: (event: LvsEvent) => void, logsAll: boolean): FollowedAddresses {
  const held = new Map<string, readonly IpAddress[]>();
  let followed: readonly IpAddress[] = [];
  let present: ReadonlySet<IpAddress> = new Set();
  let links: LinkMonitor | undefined;
  let buffer: BufferSize | undefined;
  const diary = logsAll ? createAddressDiary('checkers', tell) : undefined;

  const look = (): void => {
    const here = new Set([...held.values()].flat());
    const now = new Set(followed.filter((address) => here.has(address)));
    const before = present;
    present = now;
    for (const address of now) if (!before.has(address)) deliver({ type: 'addressChanged', address, present: true });
    for (const address of before) if (!now.has(address)) deliver({ type: 'addressChanged', address, present: false });
  };
  const open = (): LinkMonitor => {
    const monitor = new LinkMonitor();
    monitor.setReceiveBuffers(given({ monitor: buffer }));
    monitor.on('event', (event) => {
      if (event.type !== 'linkChanged') return;
      diary?.hear(event);
      if (event.link === undefined) held.delete(event.interface);
      else held.set(event.interface, event.link.addresses.map(({ address }) => address));
      look();
    });
    monitor.on('resynchronising', ({ message }) => tell({ type: 'linkEventsLost', reason: message }));
    monitor.start();
    return monitor;
  };
  return {
    follow: (pool) => {
      followed = addressesOf(pool);
      if (followed.length > 0 || logsAll) links ??= open();
      diary?.follow([]);
      look();
    },
    setReceiveBuffer: (size) => {
      buffer = size;
      links?.setReceiveBuffers(given({ monitor: size }));
    },
    close: () => links?.close(),
  };
}

function addressesOf({ virtualServers }: PoolConfig): readonly IpAddress[] {
  const services = virtualServers.flatMap((virtualServer) => (virtualServer.haSuspend === true ? virtualServer.services : []));
  return [...new Set(services.flatMap(({ identity }) => (identity.kind === 'address' ? [identity.address] : [])))];
}
