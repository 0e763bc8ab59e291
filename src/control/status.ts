/**
 * GET /v1/status: what the daemon is and does, in the words of its operators. These types are the interface; fields may be
 * added within version 1, never renamed or taken away. Times are ISO 8601 in UTC, spans carry their unit in their name.
 */

import type { Child } from '../runtime/children-events.js';

export interface Status {
  readonly version: 1;
  /** Absent while the supervisor has said nothing yet. */
  readonly daemon?: DaemonStatus;
  /** Absent where no such process runs, or it has shown nothing yet. */
  readonly vrrp?: VrrpStatus;
  readonly lvs?: LvsStatus;
  /** What operators have said since the file was read, in their order. Absent = nothing. */
  readonly byHand?: readonly ByHandStatus[];
  readonly bfd?: BfdStatus;
  /** The last changes of state since this process began to listen, newest first. Absent = none. */
  readonly transitions?: readonly TransitionStatus[];
  /** Changes of others to the daemon's tables of the packet filter that were put right; absent = none. */
  readonly filterRepairs?: number;
  /** Of the process that answers; there once the daemon has said something. */
  readonly control?: { readonly eventLoop?: EventLoopStatus };
}

export interface TransitionStatus {
  /** Of its event. */
  readonly id: number;
  readonly time: string;
  readonly of: 'instance' | 'realServer' | 'virtualServer';
  readonly name: string;
  /** Of a real server. */
  readonly virtualServer?: string;
  /** Absent for the first state. */
  readonly from?: string;
  readonly to: string;
  /** What was told of it just before. */
  readonly why?: string;
}

export interface DaemonStatus {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly stopping: boolean;
  readonly configuration: {
    readonly file: string;
    readonly generation: number;
    readonly loadedAt: string;
    /** Of what two directors must share, without secrets: equal texts mean that they agree. */
    readonly digests?: { readonly vrrp: string; readonly lvs: string };
  };
  /** Without pid: it is being started, or waits to be started again. */
  readonly processes: readonly { readonly name: Child; readonly pid?: number }[];
  /** Where the control process is a service of its own: each daemon that it knows. The rest is that of the first one. */
  readonly daemons?: readonly DaemonPartStatus[];
  /** Of the supervisor; absent until it has been measured. */
  readonly eventLoop?: EventLoopStatus;
}

/** A half of a split service, or all of one. */
export interface DaemonPartStatus {
  readonly name: 'daemon' | 'vrrp' | 'checkers';
  readonly pid: number;
  readonly startedAt: string;
  readonly generation: number;
  readonly stopping: boolean;
  /** It says nothing any more. */
  readonly isGone: boolean;
}

/** One word of an operator that is in force. */
export interface ByHandStatus {
  readonly action: 'drain' | 'disable' | 'weight' | 'add' | 'remove' | 'yield' | 'priority' | 'preempt';
  /** The vrrp_instance, or the real server and its virtual server. */
  readonly instance?: string;
  readonly server?: string;
  readonly virtualServer?: string;
  readonly weight?: number;
  /** Of an instance, set over SNMP. */
  readonly priority?: number;
  readonly preempt?: boolean;
  readonly since: string;
  /** When it ends by itself; absent = when it is taken back. */
  readonly until?: string;
  /** It outlives the daemon. */
  readonly kept: boolean;
  /** The next reload ends it. */
  readonly untilReload?: true;
}

/** What all parts have: when the process was looked at. It is older than some seconds only if the process hangs. */
interface Part {
  readonly asOf: string;
  /** Absent until it has been measured. */
  readonly eventLoop?: EventLoopStatus;
}

/** How late the process's timers were in the last minute. */
export interface EventLoopStatus {
  /** Of a hundred timers 99 were not later. */
  readonly lagP99Milliseconds: number;
  readonly lagMaxMilliseconds: number;
}

export interface VrrpStatus extends Part {
  readonly instances: readonly InstanceStatus[];
  readonly groups: readonly GroupStatus[];
  readonly scripts: readonly ScriptStatus[];
}

export interface InstanceStatus {
  readonly name: string;
  readonly interface: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly virtualRouterId: number;
  readonly protocolVersion: 2 | 3;
  readonly state: 'INIT' | 'BACKUP' | 'MASTER' | 'FAULT';
  /** Why it is in this state. */
  readonly reason: string;
  /** Of the last change of state. */
  readonly since: string;
  readonly priority: {
    readonly configured: number;
    readonly effective: number;
    /** What moves it, such as `-20 script check_nginx`. */
    readonly reasons: readonly string[];
  };
  /** Our address on the wire; absent while there is none. */
  readonly source?: string;
  /** The master that is heard; absent while that is us. */
  readonly master?: { readonly address: string; readonly priority?: number };
  readonly group?: string;
  readonly faults: readonly string[];
  readonly preempt: boolean;
  readonly advertIntervalSeconds: number;
  readonly masterDownSeconds: number;
  /** From becoming master to the second set of announcements. */
  readonly gratuitousArpDelaySeconds: number;
  readonly addresses: readonly AddressStatus[];
  /** Of the last request to the kernel. */
  readonly addressesStatus: 'applying' | 'applied' | 'failed';
  readonly statistics: Readonly<Record<string, number>>;
}

export interface AddressStatus {
  readonly address: string;
  readonly prefixLength: number;
  readonly interface: string;
  /** Confirmed by the kernel to be on this host. */
  readonly held: boolean;
  /** virtual_ipaddress_excluded: not named in adverts. */
  readonly excluded: boolean;
}

/** A tracked script. */
export interface ScriptStatus {
  readonly name: string;
  /** Absent until the first result. */
  readonly up?: boolean;
  readonly running: boolean;
}

export interface GroupStatus {
  readonly name: string;
  readonly state: InstanceStatus['state'];
  readonly members: readonly string[];
}

export interface LvsStatus extends Part {
  /** When the kernel's counters were read; absent while they have not been. */
  readonly countedAt?: string;
  readonly kernel: {
    /** The kernel's tables have been read and are followed. */
    readonly known: boolean;
    readonly ownServices: number;
    readonly refusedCommands: number;
    /** Entries that somebody else changed and that were put right. */
    readonly repairs: number;
    readonly trouble?: string;
  };
  readonly virtualServers: readonly VirtualServerStatus[];
}

export interface VirtualServerStatus {
  readonly name: string;
  /** What the kernel has for it: one for an address or a mark, several for a group. */
  readonly services: readonly ServiceStatus[];
  readonly state: 'up' | 'down';
  /** Of the last change of the quorum. */
  readonly since: string;
  readonly quorum: number;
  /** Sum of the weights of the servers that are up. */
  readonly aliveWeight: number;
  readonly sorryServer?: { readonly name: string; readonly active: boolean };
  /** The tier of backup servers that serves in place of the real servers. */
  readonly activeTier?: number;
  /** Of all its servers and services together; absent while nothing has been counted. */
  readonly connections?: ConnectionsStatus;
  readonly traffic?: TrafficStatus;
  /** Backup servers too, behind the real ones. */
  readonly realServers: readonly RealServerStatus[];
}

/** One entry of the kernel's table of services: an address with protocol and port, or a firewall mark. */
export interface ServiceStatus {
  readonly protocol?: 'tcp' | 'udp' | 'sctp';
  readonly address?: string;
  readonly port?: number;
  readonly fwmark?: number;
  readonly family: 'ipv4' | 'ipv6';
  /** Kernel name. */
  readonly scheduler: string;
  readonly traffic?: TrafficStatus;
}

export interface RealServerStatus {
  readonly name: string;
  readonly address: string;
  /** 0 = that of the service. */
  readonly port: number;
  readonly method: 'nat' | 'tunnel' | 'direct';
  /** `unchecked`: nothing has looked at it yet, or nothing ever does; it counts as up. `disabled`: down by hand. */
  readonly state: 'up' | 'down' | 'unchecked' | 'disabled';
  /** What an operator has said about it since the file was read. */
  readonly byHand?: 'drain' | 'disable' | 'weight' | 'add';
  readonly since: string;
  /** Why it is down, or what is wrong although it is still up. Absent when all is well. */
  readonly reason?: string;
  /** Of a backup server. */
  readonly tier?: number;
  readonly weight: {
    readonly configured: number;
    readonly effective: number;
    /** Absent when it is not in the kernel's table. */
    readonly kernel?: number;
  };
  /** As the kernel counted them last, in all services together; absent while it has not. Of a server with weight 0 there newest. */
  readonly connections?: ConnectionsStatus;
  /** As of `countedAt`. */
  readonly traffic?: TrafficStatus;
  /** The same in each of the virtual server's services, where it has several; null where it was not counted. */
  readonly perService?: readonly ({ readonly connections: ConnectionsStatus; readonly traffic: TrafficStatus } | null)[];
  readonly checks: readonly CheckStatus[];
}

/** Since the kernel has the entry, and its own estimate of the last seconds. */
export interface TrafficStatus extends FlowStatus {
  readonly perSecond: FlowStatus;
}

export interface FlowStatus {
  /** Begun. */
  readonly connections: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface ConnectionsStatus {
  readonly active: number;
  readonly inactive: number;
  readonly persistent: number;
}

export interface CheckStatus {
  readonly check: string;
  readonly up: boolean;
  /** False until the first answer. */
  readonly hasRun: boolean;
  /** Failed attempts in sequence while it is still up. */
  readonly retriesUsed: number;
  /** How many checks are asked as one with it; absent: it is asked alone. */
  readonly sharedBy?: number;
  /** Of the last answer. */
  readonly answeredAt?: string;
  readonly latencyMilliseconds?: number;
  /** Whole days that the certificate of the last answer that passed is valid, negative when it no longer is; absent without TLS. */
  readonly certificateDays?: number;
  /** Of the last answer, if it was none that passes. */
  readonly failure?: string;
}

export interface BfdStatus extends Part {
  readonly sessions: readonly { readonly name: string; readonly neighbour: string; readonly phase: string }[];
}

/** One event of GET /v1/events, and one element of its list. */
export interface ControlEvent {
  /** Grows by one with each event since the daemon started; `Last-Event-ID`. */
  readonly id: number;
  readonly time: string;
  readonly process: 'supervisor' | Child;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Stable name, as `event` in JSON logs. */
  readonly event: string;
  /** The sentence of the log. */
  readonly text: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}
