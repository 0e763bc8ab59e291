/** What the kernel's interfaces can carry, as one picture of a moment. Who follows them over time uses links.ts. */

import { type LinkMessage, RTM, allLinks, decodeLink } from './rtnetlink.js';
import { FLAG } from './netlink-messages.js';
import { PROTOCOL } from './netlink-socket.js';
import { NetlinkRequester } from './netlink.js';

const IFF_MULTICAST = 0x1000;
const ARPHRD_ETHER = 1;

export interface InterfaceAbilities {
  readonly multicast: boolean;
  readonly ethernet: boolean;
  /** A device on top of another one, or a routing domain. */
  readonly kind?: 'macvlan' | 'ipvlan' | 'vrf';
}

/** By name, of the network namespace of the moment; empty when the kernel does not tell. Throws KernelError without netlink. */
export function readInterfaces(): ReadonlyMap<string, InterfaceAbilities> {
  const interfaces = new Map<string, InterfaceAbilities>();
  const requester = new NetlinkRequester(PROTOCOL.route);
  const request = { type: RTM.getLink, flags: FLAG.dump, payload: allLinks(), operation: 'list links' };
  requester.query(request, (result) => {
    for (const { type, data } of result.ok ? result.messages : []) {
      const link = type === RTM.newLink ? decodeLink(data) : undefined;
      if (link !== undefined) interfaces.set(link.name, abilitiesOf(link));
    }
  });
  requester.close();
  return interfaces;
}

function abilitiesOf({ flags, hardwareType, kind }: LinkMessage): InterfaceAbilities {
  return {
    multicast: (flags & IFF_MULTICAST) !== 0,
    ethernet: hardwareType === ARPHRD_ETHER,
    ...(kind === 'macvlan' || kind === 'ipvlan' || kind === 'vrf' ? { kind } : {}),
  };
}
