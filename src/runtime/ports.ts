/**
 * The doors between the drivers and the world. Every method returns void and none blocks; answers come back as events
 * through the sink the adapter was opened with. No promise crosses a port.
 */

import type { Family, IpAddress } from '../base/address.js';
import type { Command } from '../base/command.js';
import type { Logger } from '../base/log.js';
import type { Clock, Micros } from '../base/time.js';
import type { ProbeSpec } from '../health/config-check.js';
import type { PassSeen, PoolReport, Series } from '../health/events.js';
import type { Op } from '../ipvs/plan.js';
import type { ServiceKey } from '../ipvs/tables.js';
import type { AdvertProtocol } from '../vrrp/instance/arrival.js';
import type { Belongings } from '../vrrp/instance/belongings.js';
import type { VirtualAddress } from '../vrrp/config.js';
import type { WantedDevices } from '../vrrp/host/devices.js';
import type { TrackedObjects } from '../vrrp/config/track.js';
import type { Alert } from './alert-text.js';
import type { WantedFirewall } from '../vrrp/host/firewall.js';

/** One alarm per driver. Setting it again moves it; `undefined` disarms it. */
export interface Alarm {
  readonly set: (deadline: Micros | undefined) => void;
}

/** Size of a receive buffer: bytes, and frames of the interface's MTU on top. */
export interface AdvertBuffer {
  readonly bytes: number;
  readonly frames: number;
}

/** One way on which adverts are heard and sent. */
export interface AdvertEndpoint {
  /** Empty: any, for the one address `localAddress`. */
  readonly interface: string;
  readonly family: Family;
  readonly protocol: AdvertProtocol;
  /** Joined on the interface, and all that is heard. Absent: what is sent to this host alone, for instances with peers. */
  readonly multicastGroup?: IpAddress;
  /** All that is heard when there is neither an interface nor a group. */
  readonly localAddress?: IpAddress;
  /** For the kernel filter: everything else never wakes the process. */
  readonly virtualRouterIds: readonly number[];
  /** log_unknown_vrids: no filter. Absent = false. */
  readonly hearsUnknown?: boolean;
  /** Absent = as the kernel makes it. */
  readonly receiveBuffer?: AdvertBuffer;
}

/** What tells one endpoint from another. */
export type AdvertWay = Pick<AdvertEndpoint, 'interface' | 'family' | 'protocol' | 'multicastGroup' | 'localAddress'>;

/** Two endpoints with one key are one socket. */
export function wayKey({ interface: name, family, protocol, multicastGroup, localAddress }: AdvertWay): string {
  return `${name} ${family} ${protocol} ${multicastGroup ?? localAddress ?? ''}`;
}

export interface AdvertDatagram {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** TTL or hop limit, 0-255. */
  readonly hopLimit: number;
  /** What follows the IP header; the adapter writes that, with TOS 0xc0. */
  readonly payload: Uint8Array;
  /** Of the IPv4 header, when `payload` vouches for it. Default: the adapter counts. */
  readonly identification?: number;
}

export interface AdvertPort {
  /** Opens what is new, closes what is gone, leaves the rest alone. */
  readonly configure: (endpoints: readonly AdvertEndpoint[]) => void;
  readonly send: (way: AdvertWay, datagram: AdvertDatagram) => void;
  /** Delivers every queued datagram synchronously through the sink before returning. */
  readonly drain: () => void;
}

export interface AddressPort {
  /**
   * Adds all of them in order (addresses, routes, rules), or removes all of them, the last kind first; answered once by
   * addressesApplied/addressesFailed with this epoch.
   */
  readonly set: (instance: string, epoch: number, present: boolean, belongings: Belongings) => void;
}

export interface DevicePort {
  /**
   * Makes devices and changes settings that are missing, takes back those of its own that are not wanted any more, and keeps
   * them so as interfaces come and go. What it has done is seen in the links.
   */
  readonly configure: (wanted: WantedDevices) => void;
}

export interface FirewallPort {
  /** Makes the rules, or removes them all. */
  readonly configure: (wanted: WantedFirewall | undefined) => void;
  /** From when this returns on, packets to and from these addresses are dropped, or no longer. */
  readonly drop: (addresses: readonly VirtualAddress[], dropped: boolean) => void;
}

export interface AnnouncementPort {
  /** `repeat` rounds over all addresses in order. */
  readonly announce: (addresses: readonly VirtualAddress[], repeat: number) => void;
}

export interface CommandPort {
  /** Runs without waiting; `key` orders commands of the same object. */
  readonly run: (key: string, command: Command) => void;
}

/** notify FIFO: one write per line (given without its end), dropped when the reader is slow. */
export interface FifoPort {
  readonly write: (line: string) => void;
}

/** What instances watch by name: answers are the events of TrackerEvent. */
export interface TrackerPort {
  /** Starts a run without waiting; answered once by scriptEnded with this number. TERM, then KILL, after `limit`. */
  readonly runScript: (run: number, command: Command, limit: Micros) => void;
  /** Ends a run; no answer follows. */
  readonly stopScript: (run: number) => void;
  /** Watches these and nothing else. Every file and every process is reported once, and then whenever it changes. */
  readonly watch: (objects: Pick<TrackedObjects, 'files' | 'processes'>) => void;
}

export interface AlertPort {
  /** Hands the mail over to whoever sends mails; forgotten when mails are not configured. */
  readonly send: (alert: Alert) => void;
}

/**
 * What became of a mail; `code` as the system or the mail library names it (`ECONNREFUSED`, `ETIMEDOUT`, `EENVELOPE`), `reason`
 * where encryption or login came to nothing.
 */
export type MailOutcome =
  | { readonly type: 'sent' }
  | { readonly type: 'failed'; readonly code: string; readonly command?: string; readonly status?: number; readonly reason?: string };

export interface VrrpPorts {
  readonly clock: Clock;
  /** Microseconds since 1970: for signatures alone, nothing waits by it. */
  readonly wallClock: () => Micros;
  readonly alarm: Alarm;
  readonly devices: DevicePort;
  readonly firewall: FirewallPort;
  readonly adverts: AdvertPort;
  readonly addresses: AddressPort;
  readonly announcements: AnnouncementPort;
  readonly trackers: TrackerPort;
  readonly commands: CommandPort;
  readonly fifo: FifoPort;
  readonly alerts: AlertPort;
  readonly logger: Logger;
}

export interface IpvsPort {
  /** Dumps the kernel's tables; answered by snapshotTaken / snapshotFailed. */
  readonly snapshot: (id: number) => void;
  /** Performs all in order, pipelined; answered by opsApplied / opsFailed. */
  readonly apply: (id: number, ops: readonly Op[]) => void;
}

export interface ProbePort {
  /** Of a series the end alone is told; that it passes may be told later, with the instant of the answer. */
  readonly start: (id: number, spec: ProbeSpec, deadline: Micros, series?: Series) => void;
  /** A series is waited for from now on: it ends with its next answer, which is sought at once. */
  readonly attend: (id: number) => void;
  /** The last passes that were not told of series under way. */
  readonly seen: () => readonly PassSeen[];
  /** Delivers every answer that is known through the sink before returning. */
  readonly drain: () => void;
  readonly cancel: (id: number) => void;
}

export interface ReportPort {
  /** To the supervisor: for the VRRP process, and for the checkers process that comes after this one. */
  readonly send: (report: PoolReport) => void;
  /** To the supervisor, for that checkers process too: all services that may be in the kernel by our doing. */
  readonly sendServices: (services: readonly ServiceKey[]) => void;
}

export interface LvsPorts {
  readonly clock: Clock;
  readonly alarm: Alarm;
  readonly ipvs: IpvsPort;
  readonly probes: ProbePort;
  readonly commands: CommandPort;
  readonly fifo: FifoPort;
  readonly alerts: AlertPort;
  readonly reports: ReportPort;
  readonly logger: Logger;
}

/** How one BFD session sends and hears. */
export interface BfdChannel {
  readonly session: string;
  readonly family: Family;
  readonly neighbour: IpAddress;
  /** Absent: the kernel chooses. */
  readonly source?: IpAddress;
  /** TTL or hop limit of what is sent, 1-255. */
  readonly hopLimit: number;
  /** UDP 4784 in place of 3784. */
  readonly multihop: boolean;
}

export interface BfdPort {
  /** Opens what is new, closes what is gone, leaves the rest alone; what cannot be opened is tried again by itself. */
  readonly configure: (channels: readonly BfdChannel[]) => void;
  /** One datagram. Lost when the channel is not open. */
  readonly send: (session: string, payload: Uint8Array) => void;
  /** Delivers every queued datagram synchronously through the sink before returning. */
  readonly drain: () => void;
}

/** Those who follow BFD sessions. */
export interface FollowerPort {
  readonly tell: (session: string, up: boolean) => void;
}

export interface BfdPorts {
  readonly clock: Clock;
  readonly alarm: Alarm;
  readonly channels: BfdPort;
  readonly followers: FollowerPort;
  readonly logger: Logger;
}
