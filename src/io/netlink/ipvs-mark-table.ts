/** The packet filter's table that gives nftables_ipvs its marks, as values; ipvs-marks.ts gives it to the kernel. */

import { hostUint32 } from '../../base/host-order.js';
import { addressBytes, familyOf } from '../../base/address.js';
import type { Family } from '../../base/address.js';
import type { Protocol } from '../../ipvs/tables.js';
import type { FilterElement, FilterTable } from '../../vrrp/host/firewall.js';
import type { MarkedAddresses } from '../../health/marks.js';

const BY_PORT = 'services';
const BY_ADDRESS = 'addresses';
const PROTOCOLS: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17, sctp: 132 };

/**
 * IPVS looks at packets of our own at NF_IP_PRI_NAT_DST + 1 (-99) of the output hook: a mark must be there before. Those that come in
 * it meets behind routing.
 */
const BEFORE_OWN = -101;

/** Of one family. The filter's hooks see a packet once, whether it comes in or is made here. */
export function markTable(family: Family, priority: number): FilterTable {
  const isFour = family === 'ipv4';
  const rules = [[{ type: 'markBy', map: BY_PORT, port: true }], [{ type: 'markBy', map: BY_ADDRESS, port: false }]] as const;
  return {
    family,
    sets: [
      { name: BY_PORT, key: isFour ? 'protocolIpv4AddressAndPort' : 'protocolIpv6AddressAndPort', isMap: true, gives: 'mark' },
      { name: BY_ADDRESS, key: isFour ? 'protocolAndIpv4Address' : 'protocolAndIpv6Address', isMap: true, gives: 'mark' },
    ],
    chains: [
      { name: 'in', hook: 'prerouting', rules },
      { name: 'out', hook: 'output', priority: Math.min(priority, BEFORE_OWN), rules },
    ],
  };
}

/** One for each address. Of two that are for the same packets the first counts. */
export function markElements(marked: readonly MarkedAddresses[]): readonly FilterElement[] {
  const elements = new Map<string, FilterElement>();
  for (const { protocol, from, to, port, mark } of marked) {
    const family = familyOf(from);
    const last = addressBytes(to).join();
    for (let address = addressBytes(from); ; address = successor(address)) {
      const key = Uint8Array.of(...word(PROTOCOLS[protocol]), ...address, ...(port === 0 ? [] : [port >> 8, port & 0xff, 0, 0]));
      const set = port === 0 ? BY_ADDRESS : BY_PORT;
      const name = `${family} ${set} ${key.join('.')}`;
      if (!elements.has(name)) elements.set(name, { family, set, key, value: hostUint32(mark) });
      if (address.join() === last) break;
    }
  }
  return [...elements.values()];
}

/** A protocol in a register of four bytes stands in the first. */
function word(protocol: number): readonly number[] {
  return [protocol, 0, 0, 0];
}

function successor(address: Uint8Array): Uint8Array {
  const next = Uint8Array.from(address);
  for (let i = next.length - 1; i >= 0; i -= 1) {
    next[i] = ((next[i] ?? 0) + 1) & 0xff;
    if (next[i] !== 0) break;
  }
  return next;
}
