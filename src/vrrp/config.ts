/** What one director is told to be: the configuration types the VRRP machines own. conf builds them; nothing here reads a file. */

import type { Cidr, Family, IpAddress } from '../base/address.js';
import type { Command } from '../base/command.js';
import type { Micros } from '../base/time.js';

/** One virtual address with everything `ip address add` needs. */
export interface VirtualAddress {
  readonly address: IpAddress;
  /** keepalived: /32 or /128 when none is given. */
  readonly prefixLength: number;
  readonly interface: string;
  /** Kernel scope number; 0 = global (rtnetlink.h RT_SCOPE_UNIVERSE). */
  readonly scope: number;
  readonly label?: string;
  readonly broadcast?: IpAddress;
  readonly peer?: IpAddress;
  /** IPv6: duplicate address detection is skipped (IFA_F_NODAD) unless `-nodad` is given. */
  readonly duplicateAddressDetection: boolean;
  readonly noPrefixRoute: boolean;
  readonly homeAddress: boolean;
  readonly manageTemporaryAddress: boolean;
  readonly autoJoin: boolean;
  /** Seconds, or 'forever'. keepalived: IPv6 /128 gets 0 so that it is never chosen as a source. */
  readonly preferredLifetime: number | 'forever';
  /** False with `no_track`: deletion by somebody else is ignored. */
  readonly tracked: boolean;
}

/** Gratuitous ARP / unsolicited NA schedule of one instance. */
export interface AnnouncementSchedule {
  /** Rounds over all addresses in each set; at least 1. Default 5. */
  readonly masterRepeat: number;
  /** From becoming master to the second set; 0 = no second set. Default 5 s. */
  readonly masterDelay: Micros;
  /** Period of refresh sets; 0 = off. */
  readonly masterRefresh: Micros;
  /** Rounds per refresh set. Default 1. */
  readonly masterRefreshRepeat: number;
  /** Rounds after an advert of lower priority; 0 = none. */
  readonly lowerPriorityRepeat: number;
  /** Delay of the second set after a lower-priority advert; 0 = none. */
  readonly lowerPriorityDelay: Micros;
}

export type Authentication =
  | { readonly type: 'none' }
  /** VRRPv2 simple password, at most 8 bytes. */
  | { readonly type: 'pass'; readonly password: string };

/** Scripts run on transitions. Each runs with its own arguments; `any` gets INSTANCE|GROUP, name, state, priority appended. */
export interface NotifyScripts {
  readonly master?: Command;
  readonly backup?: Command;
  readonly fault?: Command;
  readonly stop?: Command;
  readonly any?: Command;
}

export interface InstanceConfig {
  readonly name: string;
  readonly interface: string;
  readonly family: Family;
  /** 1-255. */
  readonly virtualRouterId: number;
  readonly version: 2 | 3;
  /** Base priority 1-255; 255 = address owner. */
  readonly priority: number;
  /** `state MASTER`. Shortens the start only together with priority 255. */
  readonly wantsMaster: boolean;
  /** v2: whole seconds; v3: multiples of 10 ms up to 40.95 s. */
  readonly advertInterval: Micros;
  /** Missed adverts before takeover, default 3. */
  readonly downTimerAdverts: number;
  readonly preempt: boolean;
  readonly preemptDelay: Micros;
  /** Configured source; otherwise the interface's first fitting address. */
  readonly source?: IpAddress;
  readonly authentication: Authentication;
  /** In configuration order: the order of the packet. */
  readonly virtualAddresses: readonly VirtualAddress[];
  readonly excludedAddresses: readonly VirtualAddress[];
  readonly announcements: AnnouncementSchedule;
  /** False with `dont_track_primary`. */
  readonly trackPrimary: boolean;
  /** weight 0 = fault while down. */
  readonly trackInterfaces: readonly TrackedInterface[];
  readonly lowerPriorityNoAdvert: boolean;
  readonly higherPrioritySendAdvert: boolean;
  readonly skipCheckAdvertAddresses: boolean;
  readonly notify: NotifyScripts;
}

export interface TrackedInterface {
  readonly interface: string;
  /** -253..253. */
  readonly weight: number;
  readonly reverse: boolean;
}

export interface SyncGroupConfig {
  readonly name: string;
  readonly members: readonly string[];
  readonly notify: NotifyScripts;
}

export interface DirectorConfig {
  readonly instances: readonly InstanceConfig[];
  readonly groups: readonly SyncGroupConfig[];
  /** Multicast destinations, defaults 224.0.0.18 and ff02::12. */
  readonly multicastGroup4: IpAddress;
  readonly multicastGroup6: IpAddress;
  /** vrrp_startup_delay; 0 = none. */
  readonly startupDelay: Micros;
}

/** One interface as the kernel shows it now. */
export interface LinkState {
  readonly name: string;
  readonly index: number;
  /** IFF_UP and IFF_RUNNING. */
  readonly up: boolean;
  readonly mac?: string;
  /** In kernel order, virtual ones included. */
  readonly addresses: readonly Cidr[];
}
