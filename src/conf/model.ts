/** The validated configuration: what the supervisor sends to its children. Plain data, survives structured clone. */

import type { AccountName, Command } from '../base/command.js';
import type { IpAddress } from '../base/address.js';
import type { Micros } from '../base/time.js';
import type { BfdConfig } from '../bfd/config.js';
import type { ProcessScheduling } from '../base/scheduling.js';
import type { PoolConfig } from '../health/config.js';
import type { DirectorConfig } from '../vrrp/config.js';

/** max_auto_priority and min_auto_priority_delay. */
export interface AutomaticPriority {
  /** Highest real-time priority a late process gives itself; 0 = none. Absent = never decided. */
  readonly highest?: number;
  /** How late counts; default 1 s. */
  readonly lateness: Micros;
}

export interface SchedulingConfig {
  readonly vrrp: ProcessScheduling;
  readonly checkers: ProcessScheduling;
  readonly bfd: ProcessScheduling;
  readonly automatic: AutomaticPriority;
}

/** A named pipe that events go to, and the program that reads it. */
export interface FifoConfig {
  readonly path: string;
  /** Owner of a FIFO that has to be made; absent = the daemon. */
  readonly owner?: AccountName;
  /** Started with the path as its last argument. */
  readonly reader?: Command;
}

/** A program run once, which the supervisor waits for. */
export interface TimedCommand {
  readonly command: Command;
  /** Seconds, 1 to 1000; default 10. */
  readonly limit: number;
}

/** Programs the daemon runs, and whom they run as. */
export interface ScriptsConfig {
  readonly startup?: TimedCommand;
  readonly shutdown?: TimedCommand;
}

/** What the FIFOs hear beyond state changes. */
export interface FifoContent {
  /** Default of notify_priority_changes. */
  readonly priorityChanges: boolean;
  readonly statesAfterReload: boolean;
}

/** smtp_alert, smtp_alert_vrrp, smtp_alert_checker and no_email_faults as they stand; what came of them is where it counts. */
export interface MailDefaults {
  readonly all?: boolean;
  readonly vrrp?: boolean;
  readonly checkers?: boolean;
  readonly noFaults?: true;
}

/** Alert mails. Without a server or recipients none are sent. */
export interface MailConfig {
  readonly server?: { readonly host: string; readonly port: number };
  readonly recipients: readonly string[];
  /** Absent = the user of the process at the host's name. */
  readonly sender?: string;
  /** Absent = the host's name. */
  readonly heloName?: string;
  /** Absent = none stands in the file. */
  readonly defaults?: MailDefaults;
  /** Limit of each step of the conversation in seconds, 1 to 4294; default 30. */
  readonly timeout: number;
  /** Absent = encrypted where the server offers it, without asking who it is. */
  readonly tls?: MailTls;
  readonly login?: MailLogin;
  /** Seconds within which alerts become one mail; absent = each at once. */
  readonly digest?: number;
  /** Seconds for which a mail is tried again; absent = never. */
  readonly retry?: number;
}

/** `starttls` and `implicit` demand encryption and verify the certificate. */
export interface MailTls {
  readonly mode: 'off' | 'starttls' | 'implicit';
  /** PEM file; absent = public authorities. */
  readonly authorities?: string;
  /** Absent = the server's host. */
  readonly name?: string;
}

/** The password itself is read by the process that mails, and by nobody else. */
export interface MailLogin {
  readonly user: string;
  readonly passwordFile: string;
}

/** What is written where. */
export interface FilesConfig {
  /** Absent = not said: keepalived's 0177. */
  readonly umask?: number;
  /** SIGUSR1's dump; a directory when it ends in a slash. */
  readonly dataDump?: string;
  readonly statisticsDump?: string;
  readonly jsonDump?: string;
  readonly jsonVersion: 1 | 2;
  /** Dump files carry the names of network namespace and instance. */
  readonly instanceInNames: boolean;
  /** Dumps before and after each reload go there. */
  readonly saveDirectory?: string;
  readonly iprouteVendorDirectory?: string;
  readonly iprouteLocalDirectory?: string;
}

/** How reloads come about and are made safe. Paths are empty for keepalived's default. */
export interface ReloadConfig {
  /** Findings of the trial go there; absent = no trial. */
  readonly checkLog?: string;
  /** There while a reload is under way. */
  readonly markerFile?: string;
  /** Says when to reload. */
  readonly timeFile?: string;
  /** A time of day holds for every day. */
  readonly everyDay: boolean;
}

export interface ReceiveBuffer {
  readonly bytes: number;
  /** May exceed net.core.rmem_max. */
  readonly force: boolean;
}

/** Receive buffers; absent = as large as holdfast makes them by itself. */
export interface SocketConfig {
  readonly vrrpCommands?: ReceiveBuffer;
  readonly vrrpMonitor?: ReceiveBuffer;
  readonly processMonitor?: ReceiveBuffer;
  readonly checkerCommands?: ReceiveBuffer;
  readonly checkerMonitor?: ReceiveBuffer;
}

export interface SnmpConfig {
  readonly socket?: string;
  readonly traps: boolean;
  readonly vrrp: boolean;
  readonly checkers: boolean;
  readonly rfc2787: boolean;
  readonly rfc6527: boolean;
}

export interface DbusConfig {
  /** Default org.keepalived.Vrrp1. */
  readonly serviceName: string;
  readonly noInterfaceName: string;
}

/** Exporters for keepalived whose names /metrics can speak. */
export type MetricsNames = 'keepalived_exporter' | 'gen2brain_exporter';

/** Who is told of events by HTTP. `secretUrl` or `urlFile` is there. */
export interface WebhookConfig {
  /** Its path may be a token, so it is shown nowhere; its server may be. */
  readonly secretUrl?: string;
  /** Holds the URL, where that is a secret itself. */
  readonly urlFile?: string;
  /** Names of events, and `all`, `warn`, `error`. */
  readonly events: readonly string[];
  /** Holds the key of the signature; absent = nothing is signed. */
  readonly secretFile?: string;
  /** PEM file; absent = public authorities. */
  readonly authorities?: string;
  /** Seconds an answer may take, 1 to 60; default 5. */
  readonly timeout: number;
  /** Seconds whose events go in one request, 0 to 3600; default 1. */
  readonly batch: number;
  /** Seconds an event is kept for a server that does not take it, 0 to 86400; default 600. */
  readonly retry: number;
}

/** The control API over HTTP, for this machine. */
export interface ControlHttpConfig {
  /** Of the loopback interface. */
  readonly address: IpAddress;
  readonly port: number;
  /** Absolute paths. */
  readonly tokenFile: string;
  /** Of the token for commands; absent = they are not taken over HTTP. */
  readonly adminTokenFile?: string;
}

/** Where operators' programs ask the daemon what it does. */
export interface ControlConfig {
  /** An absolute path; absent = by the names of the daemon. */
  readonly socket?: string;
  /** Whose group may use it. */
  readonly account: AccountName;
  /** Beside our own. */
  readonly metricsNames: readonly MetricsNames[];
  /** Absent = nobody listens for HTTP. */
  readonly http?: ControlHttpConfig;
  /** Whose group may give commands; absent = root alone. */
  readonly admins?: AccountName;
}

/** Settings of the daemon itself, from global_defs and the top level. */
export interface GlobalConfig {
  readonly routerId?: string;
  /** Process names as keepalived's process_name family sets them. */
  readonly processName: string;
  readonly vrrpProcessName: string;
  readonly checkerProcessName: string;
  readonly bfdProcessName?: string;
  readonly instanceName?: string;
  readonly usePidDirectory: boolean;
  /** Network namespace the daemon works in; absent = that of its start. */
  readonly networkNamespace?: string;
  /** Network namespace whose IPVS is programmed, without a name that of process 1; absent = the daemon's. */
  readonly ipvsNamespace?: { readonly name?: string };
  /** Seconds from TERM to KILL of a child at stop; default 5. */
  readonly childWaitTime: number;
  readonly scriptUser?: AccountName;
  readonly enableScriptSecurity: boolean;
  readonly notifyFifo?: FifoConfig;
  readonly vrrpNotifyFifo?: FifoConfig;
  readonly lvsNotifyFifo?: FifoConfig;
  /** lvs_flush: all services are removed at start; lvs_flush_on_stop. */
  readonly lvsFlush: boolean;
  readonly lvsFlushOnStop: 'off' | 'all' | 'services';
  readonly scheduling?: SchedulingConfig;
  readonly scripts?: ScriptsConfig;
  readonly fifoContent?: FifoContent;
  readonly mail?: MailConfig;
  readonly files?: FilesConfig;
  readonly reload?: ReloadConfig;
  readonly sockets?: SocketConfig;
  /** Absent when no SNMP keyword stands in the configuration. */
  readonly snmp?: SnmpConfig;
  /** Absent without enable_dbus. */
  readonly dbus?: DbusConfig;
  /** How often the kernel's counters are read while somebody looks at them; 0 = never. Default 5 s. */
  readonly statisticsInterval?: Micros;
  /** Absent with control_socket off. */
  readonly control?: ControlConfig;
  readonly webhooks?: readonly WebhookConfig[];
}

export interface Model {
  readonly global: GlobalConfig;
  readonly bfd: BfdConfig;
  readonly director: DirectorConfig;
  readonly pool: PoolConfig;
}
