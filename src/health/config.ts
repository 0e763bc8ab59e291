/** What the health side is told to keep up: pools of servers, and what holds for all of them. Checkers: config-check.ts. */

import type { IpAddress } from '../base/address.js';
import type { Command } from '../base/command.js';
import type { Micros } from '../base/time.js';
import type { ForwardingMethod, Service, Tunnel } from '../ipvs/tables.js';
import type { CheckerConfig, FollowerConfig } from './config-check.js';

export interface RealServerConfig {
  readonly address: IpAddress;
  /** 0 = none (firewall mark, or a group's server by DR or TUN). */
  readonly port: number;
  /** 0..2^31-1; default the virtual server's, else 1. */
  readonly weight: number;
  readonly method: ForwardingMethod;
  readonly tunnel?: Tunnel;
  /** Only with `nat`: the client's address is translated too (FULLNAT). Absent = false. */
  readonly fullNat?: true;
  /** Connections above which IPVS sends no new ones; 0 = no limit. */
  readonly upperThreshold: number;
  /** Connections below which it sends new ones again. */
  readonly lowerThreshold: number;
  /** Weight 0 instead of removal while down. */
  readonly inhibitOnFailure: boolean;
  readonly checkers: readonly CheckerConfig[];
  /** BFD_CHECK and FILE_CHECK. */
  readonly followers?: readonly FollowerConfig[];
  readonly notifyUp?: Command;
  readonly notifyDown?: Command;
  /** Mail when it goes up or down; absent = yes. */
  readonly smtpAlert?: boolean;
  /** Name shown by SNMP. */
  readonly snmpName?: string;
  /** slow_start: after it comes up its weight grows from 1 for this long; absent = at once. */
  readonly slowStart?: Micros;
  /** manual_resume: once it went down it stays out until an operator resumes it. Absent = false. */
  readonly manualResume?: boolean;
  /** flap_damping; absent = it comes back whenever its checks pass. */
  readonly flapDamping?: FlapDampingConfig;
  /** Of a backup_server: the lowest tier that is alive serves while the quorum is lost, 1-255. Absent = a real server. */
  readonly tier?: number;
  /** What an operator has said since the file was read. Absent = nothing. */
  readonly byHand?: ByHand;
}

/** Route flap damping (RFC 2439) of a server: each failure adds 1000 to its penalty, which decays. */
export interface FlapDampingConfig {
  /** In which the penalty halves; more than 0. */
  readonly halfLife: Micros;
  /** Above this penalty the server stays out although its checks pass. */
  readonly suppress: number;
  /** Below this one it may come back; less than `suppress`. */
  readonly reuse: number;
  /** No server stays out for longer than this after its last failure. */
  readonly longest: Micros;
}

export interface ByHand {
  /** `disable`: it counts as down and nothing checks it. */
  readonly action: 'drain' | 'disable' | 'weight' | 'add';
  /** Counts instead of the configured weight and whatever checkers and followers add to it. */
  readonly weight?: number;
}

export interface SorryServerConfig {
  readonly address: IpAddress;
  readonly port: number;
  readonly method: ForwardingMethod;
  readonly tunnel?: Tunnel;
  readonly fullNat?: true;
  /** It stays in the tables with weight 0 while it does not serve. */
  readonly inhibit: boolean;
}

/** One line of a virtual_server_group as it was written, for what works with ranges. */
export type GroupEntry =
  | {
      readonly kind: 'addresses';
      readonly from: IpAddress;
      /** The same as `from` for a single address. */
      readonly to: IpAddress;
      /** 0 = all ports. */
      readonly port: number;
    }
  | { readonly kind: 'fwmark'; readonly fwmark: number };

export interface VirtualServerConfig {
  /** keepalived's way of naming it in logs: `[IP]:tcp:PORT`, `FWM N` or `[GROUP]:0`. */
  readonly name: string;
  /** One for an address or fwmark, several for a group. */
  readonly services: readonly Service[];
  /** What the kernel has instead of `services`: a group as a firewall mark (marks.ts). */
  readonly kernelServices?: readonly Service[];
  /** Where the services come from a virtual_server_group. */
  readonly group?: { readonly name: string; readonly entries: readonly GroupEntry[] };
  readonly realServers: readonly RealServerConfig[];
  readonly sorryServer?: SorryServerConfig;
  /** Checked like real servers and ordered by tiers: they serve while the quorum is lost, before the sorry server. */
  readonly backupServers?: readonly RealServerConfig[];
  /** Weight sum for the service to be up; default 1, at most the sum of all configured weights. */
  readonly quorum: number;
  /** Below the quorum; default 0. */
  readonly hysteresis: number;
  /** The down notifications run at stop too. */
  readonly omega: boolean;
  readonly quorumUp?: Command;
  readonly quorumDown?: Command;
  /** Checks run only while one of the service's addresses is on this host. Default false; never for firewall marks. */
  readonly haSuspend?: boolean;
  /** drain_timeout: how long a healthy server that is taken out may keep its connections; absent or 0 = not at all. */
  readonly drainTimeout?: Micros;
  /** Mail when the quorum is gained or lost; absent = no. */
  readonly smtpAlert?: boolean;
  /** Name shown by SNMP. */
  readonly snmpName?: string;
}

/** Real servers and backup servers, in this order. */
export function serversOf({ realServers, backupServers = [] }: VirtualServerConfig): readonly RealServerConfig[] {
  return backupServers.length === 0 ? realServers : [...realServers, ...backupServers];
}

/** The SSL block: what SSL_GET shows and trusts. Without it no certificate is shown. */
export interface TlsClientConfig {
  /** PEM file with the authorities that are believed; nothing is verified by itself. */
  readonly authorityFile?: string;
  /** PEM file. */
  readonly certificateFile?: string;
  /** PEM file. */
  readonly keyFile?: string;
  /** Of the private key. */
  readonly password?: string;
}

/** lvs_timeouts: seconds of idle connections in the kernel; absent or 0 = as it was. Put back at exit. */
export interface ConnectionTimeouts {
  readonly tcp?: number;
  readonly tcpFin?: number;
  readonly udp?: number;
}

/** lvs_sync_daemon: connections are copied between directors; which way follows a VRRP instance. */
export interface SyncDaemonConfig {
  /** At most 15 characters. */
  readonly interface: string;
  /** The vrrp_instance followed; absent = none, both ways at once. */
  readonly instance?: string;
  /** 0-255; default the instance's virtual router id; absent = 0. */
  readonly syncId?: number;
  /** Largest datagram, 1-65507 bytes; absent = the kernel's. */
  readonly maxLength?: number;
  /** 1-65535; absent = the kernel's, 8848. */
  readonly port?: number;
  /** 1-255; absent = the kernel's, 1. */
  readonly ttl?: number;
  /** Multicast group; absent = the kernel's, 224.0.0.81. */
  readonly group?: IpAddress;
}

/** nftables_ipvs: the addresses of a group become one firewall mark in a table of ours. */
export interface NftablesIpvsConfig {
  /** Default keepalived_ipvs. */
  readonly table: string;
  /** Of the chains; default -1. */
  readonly priority: number;
  /** First mark given out; default 1000. */
  readonly startFwmark: number;
}

export interface PoolConfig {
  readonly virtualServers: readonly VirtualServerConfig[];
  /** Names of those whose quorum a vrrp_instance tracks. Absent = none. */
  readonly tracked?: readonly string[];
  readonly tls?: TlsClientConfig;
  readonly timeouts?: ConnectionTimeouts;
  readonly syncDaemon?: SyncDaemonConfig;
  readonly nftables?: NftablesIpvsConfig;
  /** net.ipv4.vs.expire_nodest_conn is set: a flow ends with its server. Absent = the setting is left alone. */
  readonly expireFlows?: true;
  /** rs_init_notifies: a server's first success is told though it counted as up before. Default false. */
  readonly notifyFirstSuccess?: boolean;
  /** no_checker_emails: mail for servers, not for each of their checkers. Default false. */
  readonly noCheckerMails?: boolean;
  /** How long SNMP's numbers of a service and of a server may be old; default 5 s. */
  readonly statisticsAge?: { readonly virtualServers: Micros; readonly realServers: Micros };
}
