/** The director's alphabet: everything that can happen to it and everything it can ask for. */

import type { Family, IpAddress } from '../base/address.js';
import type { Command } from '../base/command.js';
import type { Micros } from '../base/time.js';
import type { AdvertProtocol, Arrival } from './instance/arrival.js';
import type { Belongings } from './instance/belongings.js';
import type { HmacConfig } from './config/authentication.js';
import type { DirectorConfig, InstanceConfig, InstanceSetting, LinkState, VirtualAddress } from './config.js';
import type { VrrpState } from './notes.js';
import type { Advert, AdvertError, AdvertHeader, ChecksumForm } from './wire/packet.js';
import type { Route } from './host/routes.js';
import type { Rule } from './host/rules.js';
import type { ProgramEnding } from '../base/program-ending.js';
import type { ScriptMemory } from './tracking/tracker-state.js';

/** Belongings of an instance that has them no longer, as it was configured then. */
export interface Ownerless {
  readonly config: Pick<InstanceConfig, 'name' | 'excludedAddresses' | 'accept' | 'priority'>;
  readonly belongings: Belongings;
}

/** What a process that died leaves to the one that takes its place; both read the same clock. */
export interface Legacy {
  /** The last known state of each virtual router, by routeKey. */
  readonly states: ReadonlyMap<string, VrrpState>;
  /** End of the start-up delay that was running. */
  readonly delayedUntil: Micros | undefined;
  /** Somebody has said goodbye for its masters, because this process came late: their successors are taking over. */
  readonly goodbyeSaid?: true;
  /** What settings of the kernel were before it changed them, by path below /proc/sys/net. Absent = it changed none. */
  readonly settings?: ReadonlyMap<string, string>;
  /** What is known of tracked scripts, by name; absent = nothing. */
  readonly scripts?: ReadonlyMap<string, ScriptMemory>;
  /** BFD sessions by name: up or not. */
  readonly sessions?: ReadonlyMap<string, boolean>;
  /** What it held for nobody any more: kept for a successor, or not let go of by the kernel. Absent = nothing. */
  readonly ownerless?: readonly Ownerless[];
  /** Of routers that authenticate with AH, by routeKey: the last sequence they had used at `at`. Absent = of none. */
  readonly headerSequences?: ReadonlyMap<string, { readonly sequence: number; readonly at: Micros }>;
}

/** What is reported of tracked objects. What the configuration does not have is ignored. */
export type TrackerEvent =
  /** Answers `runScript` with the same number. */
  | { readonly type: 'scriptEnded'; readonly run: number; readonly ending: ProgramEnding }
  /** The number in a track_file, 0 when it holds none; reported once after each configuration, and when it changes. */
  | { readonly type: 'fileRead'; readonly file: string; readonly value: number }
  /** How many processes of a vrrp_track_process are alive; reported like files. */
  | { readonly type: 'processesCounted'; readonly process: string; readonly count: number }
  /** A BFD session; until it is reported it counts as down. `at`: when it changed. */
  | { readonly type: 'sessionChanged'; readonly session: string; readonly up: boolean; readonly at: Micros }
  /** A virtual server has its quorum or not; until it is reported it counts as having it. */
  | { readonly type: 'virtualServerChanged'; readonly virtualServer: string; readonly up: boolean };

export type DirectorEvent =
  | TrackerEvent
  /**
   * First event, and every reload: unchanged instances keep their state, removed ones stop, new ones start. `legacy`: of a
   * process that died, when this one takes its place.
   */
  | { readonly type: 'reconfigured'; readonly config: DirectorConfig; readonly legacy?: Legacy }
  /**
   * Whole state of one interface; `link` absent means that it does not exist. An instance starts only when every interface
   * it depends on has been reported once, missing ones too.
   */
  | { readonly type: 'linkChanged'; readonly interface: string; readonly link?: LinkState }
  | {
      readonly type: 'advertReceived';
      readonly interface: string;
      readonly family: Family;
      readonly advert: Advert;
      readonly source: IpAddress;
      readonly hopLimit: number;
      /** Absent: to the multicast group, with a right checksum, and unsigned. */
      readonly arrival?: Arrival;
    }
  /**
   * Bytes that were no advert. `length` counts what follows the IP header; `header` (readAdvertHeader) when that much
   * arrived. Destination absent: the multicast group; protocol absent: VRRP.
   */
  | {
      readonly type: 'advertMalformed';
      readonly interface: string;
      readonly family: Family;
      readonly error: AdvertError;
      readonly source: IpAddress;
      readonly hopLimit: number;
      readonly length: number;
      readonly header?: AdvertHeader;
      readonly destination?: IpAddress;
      readonly protocol?: AdvertProtocol;
    }
  | { readonly type: 'addressesApplied'; readonly instance: string; readonly epoch: number }
  /** `applied` are in place nonetheless, and are announced. */
  | {
      readonly type: 'addressesFailed';
      readonly instance: string;
      readonly epoch: number;
      readonly reason: string;
      readonly applied?: readonly IpAddress[];
    }
  /** Another host has sent an ARP packet or a neighbour advertisement from this address: whoever has that MAC thinks it is its own. */
  | { readonly type: 'addressClaimed'; readonly interface: string; readonly address: IpAddress; readonly mac: string }
  /**
   * Somebody else removed an address that an instance holds. Deliver it only while the address really is absent: a late
   * echo of our own removal must not reach a machine that has set the address again.
   */
  | { readonly type: 'addressRemoved'; readonly interface: string; readonly address: IpAddress }
  /** The same of a route or a rule that an instance holds or that is static. */
  | { readonly type: 'routeRemoved'; readonly route: Route }
  | { readonly type: 'ruleRemoved'; readonly rule: Rule }
  /** Somebody wants the addresses of a master announced once more. */
  | { readonly type: 'announceRequested'; readonly instance: string }
  /** A manager has set it over SNMP: counts until the next configuration. */
  | (InstanceSetting & { readonly type: 'instanceSet' })
  /** Carries no identity: machines compare `now` with their own deadlines. */
  | { readonly type: 'timeout' }
  /**
   * Orderly stop, answered by the effect `stopped`. `keepAddresses` with --dont-release-vrrp; `patience`: how long the
   * addresses may be kept for a successor, 4 s at most.
   */
  | { readonly type: 'stopRequested'; readonly keepAddresses: boolean; readonly patience: Micros };

export type NotifyState = 'MASTER' | 'BACKUP' | 'FAULT' | 'STOP' | 'DELETED' | 'MASTER_RX_LOWER_PRI' | 'MASTER_PRIORITY' | 'BACKUP_PRIORITY';

/** What stands in front of or behind the message that goes out; a password is in the advert itself. */
export type Protection =
  | { readonly type: 'none' }
  | { readonly type: 'header'; readonly password: string; readonly sequence: number }
  | { readonly type: 'signature'; readonly hmac: HmacConfig };

export type DirectorEffect =
  /** Immediate; never queued behind the kernel. The driver encodes; equal adverts are the same object, so it may cache. */
  | {
      readonly type: 'sendAdvert';
      readonly instance: string;
      /** Empty for an instance that has only its source. */
      readonly interface: string;
      readonly family: Family;
      readonly source: IpAddress;
      /** The multicast group, or every peer. */
      readonly destinations: readonly IpAddress[];
      readonly unicast: boolean;
      /** TTL or hop limit, 0-255. */
      readonly hopLimit: number;
      readonly checksum: ChecksumForm;
      readonly advert: Advert;
      readonly protection: Protection;
    }
  /**
   * Addresses and what goes with them. Answered by addressesApplied or addressesFailed with the same epoch; a stale answer
   * changes nothing.
   */
  | (Belongings & {
      readonly type: 'setAddresses';
      readonly instance: string;
      readonly present: boolean;
      readonly epoch: number;
      /** no_accept: packets to and from the addresses are dropped while they are there. */
      readonly filtered: boolean;
    })
  /** Gratuitous ARP / unsolicited NA: `repeat` rounds over all addresses. */
  | {
      readonly type: 'announce';
      readonly instance: string;
      readonly addresses: readonly VirtualAddress[];
      readonly repeat: number;
    }
  | {
      readonly type: 'notify';
      readonly subject: 'INSTANCE' | 'GROUP';
      readonly name: string;
      readonly state: NotifyState;
      readonly priority: number;
      /** In order: state-specific, then generic with its four arguments already appended. */
      readonly commands: readonly Command[];
      /** Whether operators get a mail. */
      readonly mail: boolean;
    }
  /** Answered once by scriptEnded with the same number; the program is ended when it takes longer than `limit`. */
  | { readonly type: 'runScript'; readonly run: number; readonly command: Command; readonly limit: Micros }
  /** The run is of no interest any more; no answer is needed. */
  | { readonly type: 'stopScript'; readonly run: number }
  /** Of an orderly stop: comes once; nothing more will be asked or sent. */
  | { readonly type: 'stopped' };
