/** What instances do to the devices of the host: own link-layer devices, device binding, the packet filter. */

import type { Cidr, Family } from '../base/address.js';

/** A device that the director makes for an instance, on top of its interface, and that the virtual addresses go on. */
export type VirtualDevice =
  /** use_vmac. */
  | {
      readonly type: 'macvlan';
      /** At most 15 characters. */
      readonly name: string;
      /** `00:00:5e:00:01:VRID` or `00:00:5e:00:02:VRID` (RFC 5798 7.3) unless configured; lower case. */
      readonly mac: string;
      /** Interface group (`ip link`); absent = that of the interface below. */
      readonly group?: number;
      /** netlink_notify_msg: the kernel tells of the MAC as if it were changed by hand. */
      readonly notifyPeers: boolean;
    }
  /** use_ipvlan: shares the MAC of the interface below. */
  | {
      readonly type: 'ipvlan';
      readonly name: string;
      readonly mode: 'bridge' | 'private' | 'vepa';
      /** Its own address, the source of adverts; never absent for IPv4. */
      readonly address?: Cidr;
      readonly group?: number;
    };

/** A macvlan for addresses of one family on one interface. */
export interface AddressDevice {
  readonly base: string;
  readonly family: Family;
  readonly device: Extract<VirtualDevice, { type: 'macvlan' }>;
}

export interface DeviceConfig {
  readonly virtual?: VirtualDevice;
  /** Adverts go through the interface below `virtual` (vmac_xmit_base; always with unicast peers). */
  readonly transmitOnBase: boolean;
  /** use_vmac_addr, or use_vmac of an address: macvlans for addresses that are not on `virtual`. Absent = none. */
  readonly addressDevices?: readonly AddressDevice[];
  /** VRF device that a unicast instance without interface is bound to. */
  readonly vrf?: string;
  /** promote_secondaries on the interface. */
  readonly promoteSecondaries: boolean;
}

/** What drops packets to virtual addresses (no_accept) and keeps virtual MACs quiet. */
export type FirewallConfig =
  | {
      readonly type: 'nftables';
      /** Default `keepalived`. */
      readonly table: string;
      /** Of the chains; default -1. */
      readonly priority: number;
      /** Rules name interfaces by index instead of by name. */
      readonly matchInterfaceIndex: boolean;
      readonly counters: boolean;
    }
  | {
      readonly type: 'iptables';
      /** Default INPUT. */
      readonly inputChain: string;
      /** Default OUTPUT when neither is named; absent = no rules for what goes out. */
      readonly outputChain?: string;
      /** Absent: rules without sets. */
      readonly sets?: IpSetNames;
    };

/** Names of the sets that iptables rules refer to, at most 31 characters, all different. */
export interface IpSetNames {
  readonly ipv4: string;
  readonly ipv6: string;
  readonly ipv6Interfaces: string;
  readonly igmp: string;
  readonly mld: string;
  readonly neighbourDiscovery: string;
}
