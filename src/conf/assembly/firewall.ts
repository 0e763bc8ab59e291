/** The packet filter, and whether there is one. */

import type { FirewallConfig } from '../../vrrp/config/device.js';
import type { InstanceConfig } from '../../vrrp/config.js';
import type { Build } from './context.js';

const TABLE = 'keepalived';
const CHAIN_PRIORITY = -1;

/** By nftables whatever is asked for, and also when nothing is, as soon as an instance drops packets or has a macvlan. */
export function buildFirewall(build: Build, instances: readonly InstanceConfig[]): FirewallConfig | undefined {
  const { globals } = build;
  const needed = instances.some(({ accept, device }) => accept === false || device?.virtual?.type === 'macvlan');
  const { nftables, vrrp_iptables: iptables } = globals;
  const table = nftables?.value ?? TABLE;
  reportIptables(build, table);
  const isAskedFor = nftables !== undefined || iptables !== undefined;
  if (!isAskedFor && !needed) return undefined;
  return {
    table,
    priority: globals.nftables_priority?.value ?? CHAIN_PRIORITY,
    matchInterfaceIndex: globals.nftables_ifindex !== undefined,
    counters: globals.nftables_counters !== undefined,
    ...(isAskedFor ? {} : { implied: true }),
  };
}

/** The same packets are dropped; who looks for them in chains of iptables has to know where they are now. */
function reportIptables({ globals, findings }: Build, table: string): void {
  for (const [name, located] of [['vrrp_iptables', globals.vrrp_iptables], ['vrrp_ipsets', globals.vrrp_ipsets]] as const) {
    if (located === undefined) continue;
    const message = `${name}: the rules are made by nftables, in table ${table}, instead of by iptables`;
    findings.report('iptablesReplaced', located.at, message, 'write: nftables');
  }
}
