/** Which packet filter is used, and whether one is. */

import { given } from '../../base/given.js';
import type { FirewallConfig, IpSetNames } from '../../vrrp/config-device.js';
import type { InstanceConfig } from '../../vrrp/config.js';
import type { Build } from './context.js';

const TABLE = 'keepalived';
const CHAIN_PRIORITY = -1;

/** nftables wins over iptables. Without either, nftables as soon as an instance drops packets or has a macvlan. */
export function buildFirewall({ globals }: Build, instances: readonly InstanceConfig[]): FirewallConfig | undefined {
  const needed = instances.some(({ accept, device }) => accept === false || device?.virtual?.type === 'macvlan');
  const { nftables, vrrp_iptables: iptables } = globals;
  if (nftables === undefined && iptables !== undefined) {
    const { input, output } = iptables.value;
    return { type: 'iptables', inputChain: input, ...given({ outputChain: output, sets: setsOf(globals.vrrp_ipsets?.value) }) };
  }
  if (nftables === undefined && !needed) return undefined;
  return {
    type: 'nftables',
    table: nftables?.value ?? TABLE,
    priority: globals.nftables_priority?.value ?? CHAIN_PRIORITY,
    matchInterfaceIndex: globals.nftables_ifindex !== undefined,
    counters: globals.nftables_counters !== undefined,
  };
}

/** Names that are left out are made from the first two. */
function setsOf(names: readonly string[] = [TABLE]): IpSetNames | undefined {
  const [ipv4, ipv6, ipv6Interfaces, igmp, mld, neighbourDiscovery] = names;
  if (ipv4 === undefined) return undefined;
  return {
    ipv4,
    ipv6: ipv6 ?? `${ipv4}6`,
    ipv6Interfaces: ipv6Interfaces ?? `${ipv4}_if6`,
    igmp: igmp ?? `${ipv4}_igmp`,
    mld: mld ?? `${ipv4}_mld`,
    neighbourDiscovery: neighbourDiscovery ?? `${ipv4}_nd`,
  };
}
