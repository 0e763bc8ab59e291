/**
 * --address-monitoring: tells of every address that comes to this host or goes, but for the virtual ones, which have sentences of
 * their own.
 */

import type { IpAddress } from '../../base/address.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import type { DirectorEvent } from '../../vrrp/events.js';

export interface AddressDiary {
  /** The whole state of one interface. */
  readonly hear: (event: Extract<DirectorEvent, { readonly type: 'linkChanged' }>) => void;
  /** These are our own. Nothing is told before the first call, and then what there is. */
  readonly follow: (own: readonly IpAddress[]) => void;
}

export function createAddressDiary(child: 'vrrp' | 'checkers', tell: (note: LifecycleNote) => void): AddressDiary {
  const held = new Map<string, readonly IpAddress[]>();
  const told = new Map<string, readonly IpAddress[]>();
  let virtual: ReadonlySet<IpAddress> | undefined;
  const write = (name: string): void => {
    if (virtual === undefined) return;
    const known = virtual;
    const before = told.get(name) ?? [];
    const now = (held.get(name) ?? []).filter((address) => !known.has(address));
    told.set(name, now);
    for (const address of before) if (!now.includes(address) && !known.has(address)) tell({ type: 'addressReported', child, change: 'removed', address, interface: name });
    for (const address of now) if (!before.includes(address)) tell({ type: 'addressReported', child, change: 'added', address, interface: name });
  };
  return {
    hear: ({ interface: name, link }) => {
      held.set(name, (link?.addresses ?? []).map(({ address }) => address));
      write(name);
    },
    follow: (own) => {
      virtual = new Set(own);
      for (const name of held.keys()) write(name);
    },
  };
}
