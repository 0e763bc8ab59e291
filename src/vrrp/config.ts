/**
 * What one director is told to be: the configuration types the VRRP machines own. conf builds them; nothing here reads a
 * file. Parts of their own stand in the folder config.
 */

import type { Cidr, Family, IpAddress } from '../base/address.js';
import type { Command } from '../base/command.js';
import type { Micros } from '../base/time.js';
import type { AnnouncementRates, AnnouncementSchedule } from './config/announcement.js';
import type { Authentication, HmacConfig } from './config/authentication.js';
import type { DeviceConfig, FirewallConfig } from './config/device.js';
import type {
  LinkDelayConfig,
  LinkPollingConfig,
  StaticTrackGroupConfig,
  TrackedInterface,
  TrackedObjects,
  Tracks,
} from './config/track.js';
import type { UnicastConfig } from './config/unicast.js';
import type { Route } from './host/routes.js';
import type { Rule } from './host/rules.js';

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
  /** use_vmac: it goes on a device of its own with the instance's virtual MAC. Absent = false. */
  readonly useVirtualMac?: boolean;
}

/** Belongs to no instance: there while the daemon runs. */
export interface StaticEntry {
  /** Of StaticTrackGroupConfig: its instances need the interface of this entry. Absent = none does. */
  readonly trackGroup?: string;
}

/** static_ipaddress, static_routes and static_rules. */
export interface StaticObjects {
  readonly addresses: readonly (VirtualAddress & StaticEntry)[];
  readonly routes: readonly (Route & StaticEntry)[];
  readonly rules: readonly (Rule & StaticEntry)[];
}

/** Scripts run on transitions. Each runs with its own arguments; `any` gets INSTANCE|GROUP, name, state, priority appended. */
export interface NotifyScripts {
  readonly master?: Command;
  readonly backup?: Command;
  readonly fault?: Command;
  readonly stop?: Command;
  readonly any?: Command;
  /** Instances only: a reload removed it. */
  readonly deleted?: Command;
  /** Instances only: while master it heard an advert of lower priority. */
  readonly masterReceivedLowerPriority?: Command;
}

/** What else is told of an instance or a group, and to whom. Absent = no. */
export interface NotifyOptions {
  /** smtp_alert: a mail on every change of state. */
  readonly mail?: boolean;
  /** no_email_faults: but none on entering FAULT. */
  readonly noFaultMail?: boolean;
  /** Changes of the effective priority go to the FIFOs. */
  readonly priorityChanges?: boolean;
  /** Instances only: being removed by a reload is told as DELETED, not as FAULT. */
  readonly deleted?: boolean;
}

export interface InstanceConfig {
  readonly name: string;
  /** Empty for a unicast instance that names none: its socket is bound to the source address only. */
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
  /** virtual_routes: there while master, set behind the addresses. Absent = none. */
  readonly routes?: readonly Route[];
  /** virtual_rules: there while master, set behind the routes. Absent = none. */
  readonly rules?: readonly Rule[];
  readonly announcements: AnnouncementSchedule;
  /** False with `dont_track_primary`. */
  readonly trackPrimary: boolean;
  /** weight 0 = fault while down. */
  readonly trackInterfaces: readonly TrackedInterface[];
  readonly lowerPriorityNoAdvert: boolean;
  readonly higherPrioritySendAdvert: boolean;
  readonly skipCheckAdvertAddresses: boolean;
  readonly notify: NotifyScripts;
  readonly notifyOptions?: NotifyOptions;
  /** Signed adverts, either version. Absent = not signed, not verified. */
  readonly hmac?: HmacConfig;
  /** Adverts go to named routers. Absent = to the multicast group. */
  readonly unicast?: UnicastConfig;
  /** mcast_dst_ip: this instance's own multicast destination. Absent = the director's. */
  readonly multicastDestination?: IpAddress;
  /** track_src_ip: fault while `source` is on no interface. Absent = false; never true without `source`. */
  readonly trackSource?: boolean;
  /** Own devices, VRF, sysctls. Absent = none. */
  readonly device?: DeviceConfig;
  /** Scripts, files, processes and BFD sessions that matter. Absent = none. */
  readonly tracks?: Tracks;
  /** strict_mode. What it forbids is corrected already; the machine needs it for what it decides itself. Absent = false. */
  readonly strict?: boolean;
  /** False (no_accept): packets to the virtual addresses are dropped unless this is the owner. Absent = true. */
  readonly accept?: boolean;
  /** Version 3 over IPv4: checksum without pseudo header, and a wrong checksum is no reason to refuse. Absent = false. */
  readonly checksumAsV2?: boolean;
  /** An owner (priority 255) drops every advert. Absent = false. */
  readonly ownerIgnoreAdverts?: boolean;
  /**
   * timer_expired_backup: a master that was woken too late gives way first. The highest priority any other router has,
   * 1-254: others have taken over when that one's master-down time has passed. Absent = off.
   */
  readonly stallGivesWay?: number;
  /**
   * Why this instance cannot work with this configuration on this machine: it stays in FAULT. A unicast instance without a
   * peer, an interface without multicast, a macvlan on what is no Ethernet, an ipvlan for IPv4 without an address.
   */
  readonly unusable?: 'noPeer' | 'noMulticast' | 'noEthernet' | 'noDeviceAddress';
  /** An operator has made it step down: its `priority` is 1 for that reason and not this one. Absent = no. */
  readonly yielded?: { readonly priority: number };
  /** lvs_sync_daemon_interface: interface of the IPVS sync daemon that follows this instance. */
  readonly ipvsSyncInterface?: string;
  /** How many own intervals the interval learnt from a master may have; 0 = any. Version 3 only. Absent = 10. */
  readonly learntIntervalLimit?: number;
  /** kernel_rx_buf_size: bytes that this instance adds to the receive buffer of its socket. Absent or 0 = as DirectorConfig says. */
  readonly receiveBuffer?: number;
}

/**
 * vrrp_rx_bufs_policy: what an instance adds to the receive buffer of its socket. Room for `multiplier` frames of the
 * interface's MTU or adverts of its own size, or so many bytes.
 */
export type AdvertBufferPolicy = { readonly policy: 'MTU' | 'ADVERT'; readonly multiplier: number } | { readonly bytes: number };

export interface SyncGroupConfig {
  readonly name: string;
  readonly members: readonly string[];
  readonly notify: NotifyScripts;
  readonly notifyOptions?: NotifyOptions;
  /** sync_group_tracking_weight: weights of the members count too. Absent = no. */
  readonly trackingWeight?: true;
  /** Count for every member, on top of its own. Absent = none. */
  readonly trackInterfaces?: readonly TrackedInterface[];
  readonly tracks?: Tracks;
}

export interface DirectorConfig {
  readonly instances: readonly InstanceConfig[];
  readonly groups: readonly SyncGroupConfig[];
  /** Multicast destinations, defaults 224.0.0.18 and ff02::12. */
  readonly multicastGroup4: IpAddress;
  readonly multicastGroup6: IpAddress;
  /** vrrp_startup_delay; 0 = none. */
  readonly startupDelay: Micros;
  /** vrrp_delay_after_boot: nobody becomes master before the machine has been up this long. Absent = none. */
  readonly delayAfterBoot?: Micros;
  /** What instances and groups watch by name. Absent = nothing. */
  readonly tracked?: TrackedObjects;
  /** Absent = none. */
  readonly staticObjects?: StaticObjects;
  /** Absent = none. */
  readonly staticTrackGroups?: readonly StaticTrackGroupConfig[];
  /** Absent = every change counts at once. */
  readonly linkDelays?: readonly LinkDelayConfig[];
  /** Absent = netlink alone. */
  readonly linkPolling?: LinkPollingConfig;
  /** Absent = as fast as they go. */
  readonly announcementRates?: AnnouncementRates;
  /** Absent = no rules; present as soon as an instance needs some. */
  readonly firewall?: FirewallConfig;
  /**
   * dynamic_interfaces: interfaces may be missing at start and come back. `anyKind` (allow_if_changes): even as another
   * type of device. Absent = they must exist.
   */
  readonly dynamicInterfaces?: 'sameKind' | 'anyKind';
  /** Absent = sockets have the kernel's receive buffer, unless their instances say otherwise. */
  readonly advertBuffers?: AdvertBufferPolicy;
  /** disable_local_igmp: the kernel reports no membership of link-local groups. Absent = false. */
  readonly disableLocalIgmp?: boolean;
  /** log_unknown_vrids. Absent = false. */
  readonly logUnknownVirtualRouterIds?: boolean;
}

/** One interface as the kernel shows it now. */
export interface LinkState {
  readonly name: string;
  readonly index: number;
  /** IFF_UP and IFF_RUNNING; or what the driver answered instead of the latter. */
  readonly up: boolean;
  /** What sort of device it is, and what it lies on: the same text for the same. Absent = not known. */
  readonly kindAndBase?: string;
  /** Its driver is asked (linkbeat). Absent = false. */
  readonly polled?: boolean;
  readonly mac?: string;
  /** In kernel order, virtual ones included. */
  readonly addresses: readonly Cidr[];
}

/** What a manager sets of one instance; what is absent stays as it is. */
export interface InstanceSetting {
  readonly instance: string;
  /** Base priority 1-255. keepalived takes 255 without becoming an owner; here it is one. */
  readonly priority?: number;
  readonly preempt?: boolean;
}
