/**
 * The configuration as SNMP shows it: no secret and nothing that could hold one leaves the supervisor. What is left out
 * here cannot be asked for, whatever else the control process does.
 */

import type { BfdSession } from '../../bfd/config.js';
import type { Micros } from '../../base/time.js';
import type { CheckerConfig } from '../../health/config-check.js';
import type { MailConfig, MailDefaults, Model } from '../../conf/model.js';
import type { PoolConfig, RealServerConfig, VirtualServerConfig } from '../../health/config.js';
import type { Authentication } from '../../vrrp/config/authentication.js';
import type { DirectorConfig, InstanceConfig } from '../../vrrp/config.js';

export type ShownInstance = Omit<InstanceConfig, 'authentication' | 'hmac'> & { readonly authentication: Authentication['type'] };

export type ShownDirector = Omit<DirectorConfig, 'instances'> & { readonly instances: readonly ShownInstance[] };

export type ShownRealServer = Omit<RealServerConfig, 'checkers' | 'followers'> & {
  /** When its first checker checks; absent without one. */
  readonly schedule?: CheckSchedule;
};

export type CheckSchedule = Omit<CheckerConfig, 'check' | 'logAllFailures'> & { readonly connectTimeout?: Micros };

export type ShownVirtualServer = Omit<VirtualServerConfig, 'realServers' | 'backupServers'> & {
  /** Backup servers too, behind the real ones. */
  readonly realServers: readonly ShownRealServer[];
};

export type ShownPool = Pick<PoolConfig, 'timeouts' | 'syncDaemon'> & { readonly virtualServers: readonly ShownVirtualServer[] };

export type ShownMail = Pick<MailConfig, 'server' | 'recipients' | 'sender' | 'timeout'> & { readonly faults: boolean; readonly alerts: MailDefaults };

export interface SnmpConfiguration {
  /** As on the first line of --version. */
  readonly version: string;
  readonly routerId: string;
  readonly networkNamespace?: string;
  readonly mail?: ShownMail;
  readonly traps: boolean;
  readonly dbus: boolean;
  readonly lvsFlush: boolean;
  readonly lvsFlushOnStop: 'off' | 'all' | 'services';
  readonly director: ShownDirector;
  /** BFD sessions that VRRP hears of. */
  readonly sessions: readonly Pick<BfdSession, 'name' | 'weight' | 'reverse'>[];
  readonly pool: ShownPool;
}

/** `routerId`: of a configuration that names none. */
export function snmpConfiguration({ global, director, bfd, pool }: Model, version: string, routerId: string): SnmpConfiguration {
  const { mail, networkNamespace } = global;
  return {
    version,
    routerId: global.routerId ?? routerId,
    ...(networkNamespace === undefined ? {} : { networkNamespace }),
    ...(mail === undefined ? {} : { mail: shownMail(mail) }),
    traps: global.snmp?.traps === true,
    dbus: global.dbus !== undefined,
    lvsFlush: global.lvsFlush,
    lvsFlushOnStop: global.lvsFlushOnStop,
    director: { ...director, instances: director.instances.map(shownInstance) },
    sessions: bfd.sessions.filter(({ tellsVrrp }) => tellsVrrp).map(({ name, weight, reverse }) => ({ name, weight, reverse })),
    pool: {
      ...(pool.timeouts === undefined ? {} : { timeouts: pool.timeouts }),
      ...(pool.syncDaemon === undefined ? {} : { syncDaemon: pool.syncDaemon }),
      virtualServers: pool.virtualServers.map(shownVirtualServer),
    },
  };
}

function shownMail({ server, recipients, sender, timeout, defaults = {} }: MailConfig): ShownMail {
  return { faults: defaults.noFaults !== true, alerts: defaults, ...(server === undefined ? {} : { server }), recipients, ...(sender === undefined ? {} : { sender }), timeout };
}

function shownInstance(config: InstanceConfig): ShownInstance {
  return { ...without(config, 'authentication', 'hmac'), authentication: config.authentication.type };
}

function shownVirtualServer({ realServers, backupServers = [], ...shown }: VirtualServerConfig): ShownVirtualServer {
  return { ...shown, realServers: [...realServers, ...backupServers].map(shownRealServer) };
}

function shownRealServer(server: RealServerConfig): ShownRealServer {
  const schedule = server.checkers.map(scheduleOf).at(0);
  return { ...without(server, 'checkers', 'followers'), ...(schedule === undefined ? {} : { schedule }) };
}

function scheduleOf({ check, delayLoop, retry, delayBeforeRetry, warmup, alpha }: CheckerConfig): CheckSchedule {
  return { delayLoop, retry, delayBeforeRetry, warmup, alpha, ...('connection' in check ? { connectTimeout: check.connection.connectTimeout } : {}) };
}

function without<T extends object, K extends keyof T & string>(whole: T, ...keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(whole).filter(([key]) => !keys.some((each) => each === key))) as unknown as Omit<T, K>;
}
