/**
 * What a checker is told: where it connects, what it asks, how often. Defaults and inheritance (checker, real server, virtual
 * server, global, built in) are resolved by whoever makes these values. Plain data: two checkers are the same exactly when
 * these are.
 */

import type { IpAddress } from '../base/address.js';
import type { Command } from '../base/command.js';
import type { Micros } from '../base/time.js';

/** Where a probe connects and how: keepalived's common connection options. */
export interface ConnectionOptions {
  /** connect_ip; default the real server's address. */
  readonly address: IpAddress;
  /** connect_port; default the real server's port. 0 where nothing gives one; PING_CHECK does not look at it. */
  readonly port: number;
  /** bindto: source address, of the family of `address`; absent = chosen by the kernel. */
  readonly bindAddress?: IpAddress;
  /** bind_port: source port 1-65535; absent = chosen by the kernel. */
  readonly bindPort?: number;
  /** bind_if: SO_BINDTODEVICE, and the scope of a link-local address; at most 15 characters. */
  readonly bindInterface?: string;
  /** SO_MARK; 0 = none. */
  readonly fwmark: number;
  /** Bounds connect and each later read step; default 5 s. */
  readonly connectTimeout: Micros;
}

export interface StatusCodeRange {
  /** 100-599. */
  readonly from: number;
  /** At least `from`, at most 599. */
  readonly to: number;
}

/** regex and its companions: what a web server's body is searched for. */
export interface BodyPattern {
  /** As it stands in the file, quotes and backslashes resolved: PCRE2 syntax. */
  readonly pattern: string;
  /** The same for JavaScript: `new RegExp(source, flags)` cannot throw. */
  readonly source: string;
  readonly flags: string;
  /** regex_no_match: the check passes when the pattern is not found. Default false. */
  readonly mustNotMatch: boolean;
  /** A match may start at this byte of the body at the earliest; default 0. */
  readonly minOffset: number;
  /** A match must start before this byte; absent = anywhere. */
  readonly maxOffset?: number;
  /** firstline: a match must start before the first line end behind where the search starts. */
  readonly firstLine: boolean;
}

export interface HttpHeader {
  /** A token of RFC 9110 5.6.2; never a field that the check gives itself. */
  readonly name: string;
  /** Printable ASCII. */
  readonly value: string;
}

/** A member that a JSON text must have. */
export interface JsonDemand {
  /** Names of members and indexes of arrays, from the outside in. */
  readonly path: readonly (string | number)[];
  /** The text itself, or the number, `true`, `false` or `null` as JSON writes it; absent = anything but null and false. */
  readonly value?: string;
}

/** What is looked at in a server's certificate. */
export interface CertificateDemand {
  /** chain: issued by an authority that is believed, and in its days. name: that, and it is the host's. */
  readonly verify: 'none' | 'chain' | 'name';
  /** PEM; absent = those of the SSL block, else the public ones. */
  readonly authorityFile?: string;
  /** Said when fewer days are left; absent = never. */
  readonly warnBelow?: number;
}

/** One request of HTTP_GET or SSL_GET. */
export interface HttpUrl {
  readonly path: string;
  /** Host header; absent = the address that is connected to. */
  readonly virtualHost?: string;
  /** MD5 of the body, 32 lower-case hex digits. */
  readonly digest?: string;
  /** Empty = 200-299. */
  readonly statusCodes: readonly StatusCodeRange[];
  /** Looked at after status code and digest. */
  readonly body?: BodyPattern;
  /** SSL_GET: end the session with close_notify (tls_compliant). Default false. */
  readonly closeNotify?: boolean;
  /** Absent = GET. */
  readonly method?: string;
  /** Beside those that are always sent. */
  readonly headers?: readonly HttpHeader[];
  /** Sent behind the head, with its length. */
  readonly content?: string;
  /** Looked at last. */
  readonly json?: JsonDemand;
}

export type HttpProtocol = '1.0' | '1.0C' | '1.1';

export interface TcpCheck {
  readonly type: 'TCP_CHECK';
  readonly connection: ConnectionOptions;
  /** What is said and what must be heard; absent = the connection is enough. */
  readonly exchange?: TcpExchange;
}

/** One character a byte. */
export interface TcpExchange {
  readonly send?: string;
  /** Must stand somewhere in the first 64 KiB. */
  readonly expect?: string;
}

/** MariaDB or MySQL greets and answers a login. */
export interface MysqlCheck {
  readonly type: 'MYSQL_CHECK';
  readonly connection: ConnectionOptions;
  /** An account without password that must be let in; absent = any answer to a stranger passes. */
  readonly user?: string;
}

/** PostgreSQL answers a start-up message. */
export interface PgsqlCheck {
  readonly type: 'PGSQL_CHECK';
  readonly connection: ConnectionOptions;
  /** A role that must be known; absent = any answer to a stranger passes. */
  readonly user?: string;
  /** Default the role's name. */
  readonly database?: string;
}

/** Redis answers PING. */
export interface RedisCheck {
  readonly type: 'REDIS_CHECK';
  readonly connection: ConnectionOptions;
  /** For AUTH; absent = a server that wants one passes. */
  readonly password?: string;
}

export interface HttpCheck {
  readonly type: 'HTTP_GET' | 'SSL_GET';
  readonly connection: ConnectionOptions;
  /** At least one; one is asked per run, in turn. */
  readonly urls: readonly HttpUrl[];
  readonly protocol: HttpProtocol;
  /** SNI name of each url; undefined = none is sent. */
  readonly serverNames: readonly (string | undefined)[];
  /** After a failure the urls are asked without waiting between them. */
  readonly fastRecovery: boolean;
  /** HTTP/2 instead of `protocol`. */
  readonly http2?: true;
  readonly certificate?: CertificateDemand;
  /** The host that the certificate of each url must name; as many as urls, with `certificate`. */
  readonly certificateNames?: readonly string[];
}

/** The health service of gRPC (grpc.health.v1): SERVING passes. */
export interface GrpcCheck {
  readonly type: 'GRPC_CHECK';
  readonly connection: ConnectionOptions;
  /** Name of the service asked about; empty = the server as a whole. */
  readonly service: string;
  readonly tls: boolean;
  /** The :authority, and the name in the TLS greeting and in the certificate; absent = the address. */
  readonly host?: string;
  readonly certificate?: CertificateDemand;
}

/** Greeted with 220, HELO, 250, QUIT; replies may have several lines. */
export interface SmtpCheck {
  readonly type: 'SMTP_CHECK';
  readonly connection: ConnectionOptions;
  /** Default smtpchecker.keepalived.org. */
  readonly heloName: string;
}

/** Query types by their words; the numbers are in RFC 1035, 3596 and 4034. */
export type DnsQueryType = 'A' | 'NS' | 'CNAME' | 'SOA' | 'MX' | 'TXT' | 'AAAA' | 'RRSIG' | 'DNSKEY';

/** One query over UDP; any answer of ours without error passes. */
export interface DnsCheck {
  readonly type: 'DNS_CHECK';
  readonly connection: ConnectionOptions;
  /** Default SOA. */
  readonly queryType: DnsQueryType;
  /** Without a final dot; empty = the root, the default. Each label has 1 to 63 characters. */
  readonly name: string;
}

/** What a UDP server must answer. */
export interface UdpReply {
  /** Hex digits, lower case, `x` for any digit; absent = any content. An answer may be longer, not shorter. */
  readonly pattern?: string;
  /** Bytes; default 0. */
  readonly minLength: number;
  /** Bytes; default 255. With a smaller value than `minLength` the check always fails. */
  readonly maxLength: number;
}

export interface UdpCheck {
  readonly type: 'UDP_CHECK';
  readonly connection: ConnectionOptions;
  /** What is sent, as lower-case hex digits, two a byte. */
  readonly payload: string;
  /** Absent = silence passes, only an ICMP error fails. */
  readonly reply?: UdpReply;
}

/** One echo request. */
export interface PingCheck {
  readonly type: 'PING_CHECK';
  readonly connection: ConnectionOptions;
}

/** A program: exit status 0 passes. */
export interface MiscCheck {
  readonly type: 'MISC_CHECK';
  readonly command: Command;
  /** From the start to SIGTERM; misc_timeout, else the delay loop. */
  readonly timeout: Micros;
  /** misc_dynamic: exit status 2 to 255 passes and sets the weight to status - 2. */
  readonly dynamic: boolean;
  /** The program stays and is asked by lines of JSON; the words behind its name are what it is asked. */
  readonly worker?: true;
}

/** Checks that ask by the clock. The machine runs these. */
export type Check = TcpCheck | MysqlCheck | PgsqlCheck | RedisCheck | HttpCheck | GrpcCheck | SmtpCheck | UdpCheck | DnsCheck | PingCheck | MiscCheck;

export type CheckType = Check['type'] | FollowerConfig['check']['type'];

/** Follows a session of the BFD process: up and down are told, nothing is asked. */
export interface BfdCheck {
  readonly type: 'BFD_CHECK';
  /** Name of the bfd_instance. */
  readonly session: string;
}

/** Follows the number in a file that a track_file names. */
export interface FileCheck {
  readonly type: 'FILE_CHECK';
  /** Name of the track_file. */
  readonly file: string;
  /** Its path. */
  readonly path: string;
  /** init_file: written at start; `overwrite` also when the file exists. */
  readonly initial?: { readonly value: number; readonly overwrite: boolean };
  /**
   * Value times this is added to the weight of the server; at or below -2147483648 the server fails. 0: any value but 0
   * fails it. -2147483647 to 2147483647; default the track_file's weight.
   */
  readonly weight: number;
  /** The product counts with its sign turned. */
  readonly reverse: boolean;
}

/** A checker without a schedule: something else says when it changes. */
export interface FollowerConfig {
  readonly check: BfdCheck | FileCheck;
  /** BFD_CHECK: down until the session is told up. FILE_CHECK: false. */
  readonly alpha: boolean;
}

export interface CheckerConfig<C extends Check = Check> {
  readonly check: C;
  /** From the end of one run to the next (MISC_CHECK: from start to start); default 60 s. */
  readonly delayLoop: Micros;
  /** Extra attempts before a healthy server is failed; default 1 (DNS_CHECK 3, MISC_CHECK 0). */
  readonly retry: number;
  /** Default 1 s (HTTP_GET and SSL_GET 3 s, DNS_CHECK the delay loop). */
  readonly delayBeforeRetry: Micros;
  /** Maximum random delay of the first run, added to a fixed second; default the delay loop. */
  readonly warmup: Micros;
  /** Down until the first check passes. */
  readonly alpha: boolean;
  readonly logAllFailures: boolean;
}

/** Checks by dialogue over TCP. */
export type TalkCheck = (TcpCheck & { readonly exchange: TcpExchange }) | SmtpCheck | MysqlCheck | PgsqlCheck | RedisCheck;

/** The question a checker asks: everything a probe needs, nothing about schedules. */
export type ProbeSpec =
  | { readonly type: 'tcp' | 'ping'; readonly connection: ConnectionOptions }
  | { readonly type: 'talk'; readonly connection: ConnectionOptions; readonly check: TalkCheck }
  | ({ readonly type: 'udp' } & Omit<UdpCheck, 'type'>)
  | ({ readonly type: 'dns' } & Omit<DnsCheck, 'type'>)
  | ({ readonly type: 'misc' } & Omit<MiscCheck, 'type'>)
  | {
      readonly type: 'http';
      readonly connection: ConnectionOptions;
      readonly tls: boolean;
      readonly url: HttpUrl;
      readonly protocol: HttpProtocol;
      /** SNI host name; absent = none sent. */
      readonly serverName?: string;
      readonly http2?: true;
      /** What is asked and judged by the rules of gRPC's health service: the name of a service, may be empty. */
      readonly grpcService?: string;
      /** `name`: the host it must name. */
      readonly certificate?: CertificateDemand & { readonly name: string };
    };
