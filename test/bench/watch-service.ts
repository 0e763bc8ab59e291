/** How many real servers one service of the kernel's table has, asked again and again without reading the rest of the table. */

import { encodeDestinationDump, IPVS_FAMILY } from '../../src/ipvs/messages.js';
import type { ServiceIdentity } from '../../src/ipvs/tables.js';
import { KernelError } from '../../src/io/kernel-error.js';
import { genericPayload, resolveFamily } from '../../src/io/netlink/generic-netlink.js';
import { FLAG } from '../../src/io/netlink/netlink-messages.js';
import { NetlinkRequester } from '../../src/io/netlink/netlink.js';
import { PROTOCOL } from '../../src/io/netlink/netlink-socket.js';

/** Milliseconds between two questions where nothing else is said. */
const PAUSE = 2;

export interface ServiceWatch {
  /** Resolves within some milliseconds of the moment; throws after `patience` milliseconds. A service that is not there has none. */
  readonly reaches: (servers: number, patience: number, pause?: number) => Promise<void>;
  readonly close: () => void;
}

export function watchService(identity: ServiceIdentity): ServiceWatch {
  const requester = new NetlinkRequester(PROTOCOL.generic);
  const { command, bytes } = encodeDestinationDump(identity);
  const payload = genericPayload(command, IPVS_FAMILY.version, bytes);
  const count = (type: number): Promise<number> =>
    new Promise((resolve) => {
      requester.query({ type, flags: FLAG.dump, payload, operation: 'count servers' }, (result) => resolve(result.ok ? result.messages.length : -1));
    });
  return {
    reaches: async (servers, patience, pause = PAUSE) => {
      const type = await new Promise<number | KernelError>((resolve) => resolveFamily(requester, IPVS_FAMILY.name, resolve));
      if (type instanceof KernelError) throw type;
      const began = performance.now();
      for (let found = await count(type); found !== servers; found = await count(type)) {
        if (performance.now() - began > patience) throw new Error(`${found} servers, not ${servers}`);
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    },
    close: () => requester.close(),
  };
}
