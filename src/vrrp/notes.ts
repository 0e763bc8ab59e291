/**
 * Everything the VRRP machines find worth telling an operator, as data. No sentence is written here: runtime/narrate turns
 * notes into log lines, and statistics and tests read them as they are.
 */

import type { Family, IpAddress } from '../base/address.js';
import type { Micros } from '../base/time.js';
import type { Belonging } from './instance/belongings.js';
import type { VirtualAddress } from './config.js';
import type { Route } from './host/routes.js';
import type { Rule } from './host/rules.js';
import type { ProgramEnding } from '../base/program-ending.js';

/** The states an operator knows. */
export type VrrpState = 'BACKUP' | 'MASTER' | 'FAULT';

/** Why an instance cannot take part. Several can hold at once. */
export type FaultReason =
  | { readonly type: 'interfaceMissing'; readonly interface: string }
  | { readonly type: 'interfaceDown'; readonly interface: string }
  | { readonly type: 'noSourceAddress'; readonly interface: string; readonly family: Family }
  /** track_src_ip: the configured one is on no interface. */
  | { readonly type: 'sourceAddressMissing'; readonly interface: string; readonly address: IpAddress }
  /** unicast_fault_no_peer. */
  | { readonly type: 'noPeer'; readonly interface: string }
  /** A tracker of weight 0. */
  | { readonly type: 'trackedInterfaceDown'; readonly interface: string }
  /** `reverse` tracker of weight 0. */
  | { readonly type: 'trackedInterfaceUp'; readonly interface: string }
  | TrackerFault;

/** Of a tracked script, file, process or BFD session. */
export type TrackerFault =
  /** It has no result yet: no fault that anybody is told of. */
  | { readonly type: 'scriptUnknown'; readonly script: string }
  | { readonly type: 'trackedScript'; readonly script: string }
  | { readonly type: 'trackedFile'; readonly file: string; readonly value: number }
  | { readonly type: 'trackedProcess'; readonly process: string }
  | { readonly type: 'trackedSession'; readonly session: string };

/** Why an advert was dropped, with the numbers of keepalived's sentence. In the order of checking (behaviour of 2.4.3). */
export type Rejection =
  /** Bytes as keepalived counts them: with the IP header for IPv4, without it for IPv6. */
  | { readonly type: 'length'; readonly received: number; readonly expected: number }
  /** The packet came in pieces. */
  | { readonly type: 'fragmented' }
  | { readonly type: 'hopLimit'; readonly received: number }
  | { readonly type: 'version'; readonly received: number; readonly expected: number }
  | { readonly type: 'authenticationUnknown'; readonly received: number }
  | { readonly type: 'authenticationMismatch'; readonly received: number; readonly expected: number }
  | { readonly type: 'password' }
  /** v2: must be equal. v3: only 0 is refused, because nobody can advertise every 0 s. */
  | { readonly type: 'advertInterval'; readonly version: 2 | 3; readonly received: Micros; readonly expected: Micros }
  | { readonly type: 'packetType'; readonly received: number }
  | { readonly type: 'checksum'; readonly version: number }
  /** AH: none although it is configured, or one although it is not. */
  | { readonly type: 'headerMissing' }
  | { readonly type: 'headerUnexpected' }
  | { readonly type: 'headerInvalid' }
  | { readonly type: 'headerReplayed'; readonly received: number; readonly last: number }
  /** auth_hmac. */
  | { readonly type: 'signatureMissing' }
  | { readonly type: 'signatureMalformed' }
  | { readonly type: 'signatureKeyUnknown'; readonly key: number }
  | { readonly type: 'signatureInvalid' }
  /** Seconds by which the sender's clock is behind ours. */
  | { readonly type: 'signatureStale'; readonly skew: number; readonly window: number }
  | { readonly type: 'signatureReplayed' }
  /** Multicast where peers are configured, or the other way round. */
  | { readonly type: 'destination'; readonly expected: 'multi' | 'uni' }
  | { readonly type: 'ownerIgnores' }
  | { readonly type: 'notAPeer' }
  | { readonly type: 'peerHopLimit'; readonly received: number; readonly minimum: number; readonly maximum: number };

export type RejectionType = Rejection['type'];

/** Another router that goes on as master, one that shares nothing but the id, one with other addresses, one that has ours. */
export type ConflictKind = 'twoMasters' | 'stranger' | 'addressList' | 'addressTaken';

interface OfInstance {
  readonly instance: string;
}

interface FromSource extends OfInstance {
  readonly source: IpAddress;
}

/** What is told of tracked objects themselves; what it means to an instance is told of that. */
export type TrackerNote =
  /** Another exit status than last time. */
  | { readonly type: 'scriptStatusChanged'; readonly script: string; readonly status: number }
  | { readonly type: 'scriptChanged'; readonly script: string; readonly up: boolean; readonly ending: ProgramEnding }
  /** It was due; `late`: it has been told to end because it takes too long. */
  | { readonly type: 'scriptStillRunning'; readonly script: string; readonly late: boolean }
  /** A reload leaves its result as it was. */
  | { readonly type: 'scriptKept'; readonly script: string; readonly up: boolean }
  | { readonly type: 'quorumChanged'; readonly process: string; readonly up: boolean }
  /** `delay`: from the change to its news. */
  | { readonly type: 'sessionChanged'; readonly session: string; readonly up: boolean; readonly delay: Micros }
  /** A session that the instance tracks. */
  | { readonly type: 'trackedSessionChanged'; readonly instance: string; readonly session: string; readonly up: boolean }
  /** A virtual server that the instance tracks has gained or lost its quorum. */
  | { readonly type: 'trackedPoolChanged'; readonly instance: string; readonly virtualServer: string; readonly up: boolean };

export type VrrpNote =
  | TrackerNote
  /** The state in which an instance starts. */
  | (OfInstance & { readonly type: 'instanceStarted'; readonly state: 'BACKUP' | 'FAULT' })
  /** The process before this one died as its master; nothing changed for anybody. */
  | (OfInstance & { readonly type: 'masterAdopted' })
  /** timer_expired_backup: woken so late that somebody else must be master by now. */
  | (OfInstance & { readonly type: 'stallNoticed'; readonly lateness: Micros })
  | (OfInstance & { readonly type: 'stateChanged'; readonly from: VrrpState; readonly to: VrrpState })
  /** After our goodbye another master has spoken: our addresses may go. */
  | (OfInstance & { readonly type: 'handedOver'; readonly to: IpAddress })
  /** It is no longer configured; its addresses are being released. */
  | (OfInstance & { readonly type: 'instanceRemoved' })
  | (OfInstance & { readonly type: 'faultFound'; readonly reason: FaultReason; readonly starting: boolean })
  | (OfInstance & { readonly type: 'faultCleared'; readonly reason: FaultReason })
  | (OfInstance & { readonly type: 'advertTimeout' })
  | (OfInstance & { readonly type: 'priorityZeroSent' })
  | (FromSource & { readonly type: 'priorityZeroReceived'; readonly state: 'BACKUP' | 'MASTER' })
  /** A backup that will preempt lets its timer run on. */
  | (FromSource & { readonly type: 'lowerPriorityDiscarded'; readonly priority: number })
  /** A master heard a worse one. `forcesElection` is false with lower_prio_no_advert. */
  | (FromSource & {
      readonly type: 'lowerPriorityReceived';
      readonly priority: number;
      readonly ownPriority: number;
      readonly forcesElection: boolean;
    })
  | (FromSource & { readonly type: 'higherPriorityReceived'; readonly priority: number; readonly ownPriority: number })
  | (FromSource & { readonly type: 'higherAddressReceived'; readonly priority: number })
  /** Equal priority from our own address: a reflection or a duplicate of us. */
  | (FromSource & { readonly type: 'ownAddressReceived' })
  /** Told when it has happened `count` times, and again while it lasts. */
  | (OfInstance & {
      readonly type: 'conflictFound';
      readonly kind: ConflictKind;
      readonly by: string;
      readonly count: number;
      readonly detail?: string;
    })
  | (FromSource & { readonly type: 'ownerConflict' })
  | (FromSource & { readonly type: 'ownerConflictPriorityReduced'; readonly priority: number })
  | (FromSource & { readonly type: 'ownerConflictEnded' })
  | (OfInstance & { readonly type: 'ownerPriorityRestored'; readonly priority: number })
  | (OfInstance & { readonly type: 'masterChanged'; readonly from?: IpAddress; readonly to: IpAddress })
  | (OfInstance & { readonly type: 'preemptDelayStarted'; readonly delay: Micros })
  | (OfInstance & { readonly type: 'preemptDelayStopped' })
  /** v3: the interval of the current master was adopted. */
  | (OfInstance & { readonly type: 'advertIntervalLearnt'; readonly from: Micros; readonly to: Micros })
  /** v3: its interval is longer than anybody is followed. */
  | (FromSource & { readonly type: 'advertIntervalCapped'; readonly received: Micros; readonly taken: Micros })
  /** v3: back to our own interval. */
  | (OfInstance & { readonly type: 'advertIntervalRestored'; readonly from: Micros; readonly to: Micros })
  | (OfInstance & { readonly type: 'effectivePriorityChanged'; readonly from: number; readonly to: number })
  /** A manager has set them over SNMP. */
  | (OfInstance & { readonly type: 'basePrioritySet'; readonly from: number; readonly to: number })
  | (OfInstance & { readonly type: 'preemptSet'; readonly preempt: boolean })
  /** Told once per kind until the master or the state changes. */
  | (FromSource & { readonly type: 'advertRejected'; readonly rejection: Rejection })
  /** auth_hmac: the clocks differ by more than half of what is tolerated. Told once like rejections. */
  | (FromSource & { readonly type: 'clocksDiffer'; readonly skew: number; readonly window: number })
  /** A peer makes its checksums as keepalived before 1.3.6; so do we from now on. */
  | (OfInstance & { readonly type: 'oldChecksumLearnt' })
  /** log_unknown_vrids. */
  | { readonly type: 'unknownVirtualRouter'; readonly interface: string; readonly virtualRouterId: number; readonly source: IpAddress }
  /** v3: differs from ours but is accepted. Told once like rejections. */
  | (FromSource & { readonly type: 'advertIntervalDiffers'; readonly received: Micros; readonly own: Micros })
  | (FromSource & { readonly type: 'addressCountDiffers'; readonly received: number; readonly expected: number })
  | (FromSource & { readonly type: 'addressNotAdvertised'; readonly virtualRouterId: number; readonly address: IpAddress })
  /** The request was handed over; `excluded` for virtual_ipaddress_excluded. */
  | (OfInstance & {
      readonly type: 'addressesRequested';
      readonly present: boolean;
      readonly excluded: boolean;
      readonly addresses: readonly VirtualAddress[];
    })
  | (OfInstance & {
      readonly type: 'networkRequested';
      readonly present: boolean;
      readonly kind: 'routes' | 'rules';
      readonly count: number;
    })
  /** no_accept: packets to its addresses are dropped from now on, or no longer. */
  | (OfInstance & { readonly type: 'filterRequested'; readonly present: boolean })
  /** Without a name: of what is static. */
  | (OfInstance & { readonly type: 'addressesFailed'; readonly reason: string; readonly retryIn?: Micros })
  /** Somebody else deleted an address that we hold. */
  | (OfInstance & { readonly type: 'addressLost'; readonly interface: string; readonly address: IpAddress })
  /** Somebody else deleted a route or a rule that we hold. */
  | (OfInstance & { readonly type: 'routeLost'; readonly route: Route })
  | (OfInstance & { readonly type: 'ruleLost'; readonly rule: Rule })
  /** A reload dropped this route or rule. */
  | (OfInstance & { readonly type: 'networkDropped'; readonly object: Route | Rule })
  /** What it holds was taken away `times` times within `span`: it leaves the role to another router. */
  | (OfInstance & { readonly type: 'repairsGivenUp'; readonly times: number; readonly span: Micros })
  /** A reload dropped this address. */
  | (OfInstance & { readonly type: 'addressDropped'; readonly address: VirtualAddress })
  /** They go at a rate (garp_group, vrrp_garp_interval): each is told once more when it is sent. */
  | (OfInstance & { readonly type: 'announcementRequested' })
  | (OfInstance & { readonly type: 'announcementQueued'; readonly addresses: readonly VirtualAddress[] })
  | (OfInstance & {
      readonly type: 'announcementSent';
      readonly addresses: readonly VirtualAddress[];
      readonly repeat: number;
      readonly wasQueued?: true;
    })
  | (OfInstance & { readonly type: 'sourceChanged'; readonly interface: string; readonly from?: IpAddress; readonly to?: IpAddress })
  /** `polled`: its driver said so when it was asked. */
  | { readonly type: 'linkStateChanged'; readonly interface: string; readonly up: boolean; readonly polled?: true }
  | { readonly type: 'linkAppeared'; readonly interface: string }
  | { readonly type: 'linkDisappeared'; readonly interface: string }
  /** dynamic_interfaces without allow_if_changes: it counts as missing. */
  | { readonly type: 'linkOfOtherKind'; readonly interface: string }
  | { readonly type: 'groupSyncing'; readonly group: string; readonly state: VrrpState }
  /** At start or reload: a member is held in FAULT because another one is. */
  | { readonly type: 'groupMemberFaulted'; readonly group: string; readonly instance: string }
  /** Somebody else removed a static address, route or rule: it is being put back. */
  | { readonly type: 'staticObjectRestoring'; readonly object: Belonging }
  /** A reload dropped it. */
  | { readonly type: 'staticObjectDropped'; readonly object: Belonging }
  | { readonly type: 'startupDelayed'; readonly delay: Micros }
  | { readonly type: 'startupDelayEnded' };
