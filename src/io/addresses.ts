/** AddressPort on rtnetlink: adds and removes virtual addresses in the order asked. Whether it should is not decided here. */

import type { AddressPort } from '../runtime/ports.js';
import type { VirtualAddress } from '../vrrp/config.js';
import type { DirectorEvent } from '../vrrp/events.js';
import type { KernelError } from './kernel-error.js';
import { FLAG, type NetlinkRequest } from './netlink-messages.js';
import { PROTOCOL } from './netlink-socket.js';
import { NetlinkRequester } from './netlink.js';
import { RTM, describeAddress, encodeAddressAddition, encodeAddressRemoval } from './rtnetlink.js';

export type AddressEvent = Extract<DirectorEvent, { readonly type: 'addressesApplied' | 'addressesFailed' }>;

/** As LinkMonitor answers. */
export interface LinkIndexes {
  readonly find: (name: string) => { readonly index: number } | undefined;
}

export interface OpenAddressPort extends AddressPort {
  readonly close: () => void;
}

/**
 * Opens the port in the network namespace of the moment. Every set() is answered once through `onEvent`, usually before it
 * returns. Adding what is there and removing what is not both succeed. Throws KernelError.
 */
export function openAddresses(links: LinkIndexes, onEvent: (event: AddressEvent) => void): OpenAddressPort {
  const requester = new NetlinkRequester(PROTOCOL.route);
  return {
    set: (instance, epoch, present, addresses) => {
      const { possible, requests, absent } = plan(links, present, addresses);
      requester.batch(requests, (errors) => {
        const failures = errors.map((error) => (error === undefined || isHarmless(error, present) ? undefined : error.message));
        const reasons = [...absent, ...failures.filter((reason) => reason !== undefined)];
        const applied = possible.filter((_, i) => failures[i] === undefined).map(({ address }) => address);
        if (reasons.length === 0) onEvent({ type: 'addressesApplied', instance, epoch });
        else onEvent({ type: 'addressesFailed', instance, epoch, reason: reasons.join('; '), applied });
      });
    },
    close: () => requester.close(),
  };
}

/** An interface that does not exist holds no address: nothing to remove, and nowhere to add. */
function plan(
  links: LinkIndexes,
  present: boolean,
  addresses: readonly VirtualAddress[],
): { possible: VirtualAddress[]; requests: NetlinkRequest[]; absent: string[] } {
  const possible: VirtualAddress[] = [];
  const requests: NetlinkRequest[] = [];
  const absent: string[] = [];
  for (const virtual of addresses) {
    const index = links.find(virtual.interface)?.index;
    if (index !== undefined) {
      possible.push(virtual);
      requests.push(request(virtual, index, present));
    } else if (present) absent.push(`add address ${describeAddress(virtual)}: ENODEV`);
  }
  return { possible, requests, absent };
}

function request(virtual: VirtualAddress, index: number, present: boolean): NetlinkRequest {
  const operation = `${present ? 'add' : 'remove'} address ${describeAddress(virtual)}`;
  return present
    ? {
        type: RTM.newAddress,
        flags: FLAG.create | FLAG.exclusive,
        payload: encodeAddressAddition(virtual, index),
        operation,
      }
    : { type: RTM.deleteAddress, flags: 0, payload: encodeAddressRemoval(virtual, index), operation };
}

function isHarmless({ code }: KernelError, present: boolean): boolean {
  return present ? code === 'EEXIST' : code === 'EADDRNOTAVAIL' || code === 'ENODEV';
}
