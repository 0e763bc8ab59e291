/** What instances do to the devices of the host: own link-layer devices, device binding, the packet filter. */

import type { Cidr, Family } from '../../base/address.js';

/** A device that the director makes for an instance, on top of its interface, and that its adverts go through. */
export type VirtualDevice =
  /** use_vmac: the virtual addresses are on it. */
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
  /** use_ipvlan: shares the MAC of the interface below, which has the virtual addresses. */
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
export interface FirewallConfig {
  /** Default `keepalived`. */
  readonly table: string;
  /** Of the chains; default -1. */
  readonly priority: number;
  /** Rules name interfaces by index instead of by name. */
  readonly matchInterfaceIndex: boolean;
  readonly counters: boolean;
  /** No line asks for a packet filter, only instances do. Absent = false. */
  readonly implied?: true;
}
