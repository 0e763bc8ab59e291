/** What the health side is told to watch: the configuration types the checker and pool machines own. */

import type { IpAddress } from '../base/address.js';
import type { Command } from '../base/command.js';
import type { Micros } from '../base/time.js';
import type { ForwardingMethod, Service, Tunnel } from '../ipvs/tables.js';

/** Where a probe connects and how: keepalived's common connection options, defaults already resolved. */
export interface ConnectionOptions {
  readonly address: IpAddress;
  readonly port: number;
  readonly bindAddress?: IpAddress;
  readonly bindPort?: number;
  readonly bindInterface?: string;
  /** SO_MARK; 0 = none. */
  readonly fwmark: number;
  /** Bounds connect and each later read step. */
  readonly connectTimeout: Micros;
}

export interface StatusCodeRange {
  readonly from: number;
  readonly to: number;
}

/** One request of HTTP_GET or SSL_GET, inheritance resolved. */
export interface HttpUrl {
  readonly path: string;
  readonly virtualHost?: string;
  /** MD5 of the body, 32 lower-case hex digits. */
  readonly digest?: string;
  /** Empty = 200-299 when no digest is given (keepalived's default), else not looked at. */
  readonly statusCodes: readonly StatusCodeRange[];
}

export type HttpProtocol = '1.0' | '1.0C' | '1.1';

/** The question a checker asks: everything a probe needs, nothing about schedules. */
export type ProbeSpec =
  | { readonly type: 'tcp'; readonly connection: ConnectionOptions }
  | {
      readonly type: 'http';
      readonly connection: ConnectionOptions;
      readonly tls: boolean;
      readonly url: HttpUrl;
      readonly protocol: HttpProtocol;
      /** SNI host name; absent = none sent. */
      readonly serverName?: string;
    };

/** What a checker checks. HTTP checkers hold all urls; the machine asks one per run. */
export type Check =
  | { readonly type: 'TCP_CHECK'; readonly connection: ConnectionOptions }
  | {
      readonly type: 'HTTP_GET' | 'SSL_GET';
      readonly connection: ConnectionOptions;
      readonly urls: readonly HttpUrl[];
      readonly protocol: HttpProtocol;
      readonly serverNames: readonly (string | undefined)[];
      readonly fastRecovery: boolean;
    };

export interface CheckerConfig {
  readonly check: Check;
  readonly delayLoop: Micros;
  /** Extra attempts before a healthy server is failed. */
  readonly retry: number;
  readonly delayBeforeRetry: Micros;
  /** Maximum random delay of the first run, added to a fixed second. */
  readonly warmup: Micros;
  readonly alpha: boolean;
  readonly logAllFailures: boolean;
}

export interface RealServerConfig {
  readonly address: IpAddress;
  readonly port: number;
  readonly weight: number;
  readonly method: ForwardingMethod;
  readonly tunnel?: Tunnel;
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  readonly inhibitOnFailure: boolean;
  readonly checkers: readonly CheckerConfig[];
  readonly notifyUp?: Command;
  readonly notifyDown?: Command;
}

export interface SorryServerConfig {
  readonly address: IpAddress;
  readonly port: number;
  readonly method: ForwardingMethod;
  readonly tunnel?: Tunnel;
  readonly inhibit: boolean;
}

export interface VirtualServerConfig {
  /** keepalived's way of naming it in logs: `[IP]:tcp:PORT`, `FWM N` or `[GROUP]:0`. */
  readonly name: string;
  /** One for an address or fwmark, several for a group. */
  readonly services: readonly Service[];
  readonly realServers: readonly RealServerConfig[];
  readonly sorryServer?: SorryServerConfig;
  /** Weight sum for the service to be up. */
  readonly quorum: number;
  readonly hysteresis: number;
  readonly omega: boolean;
  readonly quorumUp?: Command;
  readonly quorumDown?: Command;
}

export interface PoolConfig {
  readonly virtualServers: readonly VirtualServerConfig[];
}
