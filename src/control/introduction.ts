/**
 * The first word of a daemon to a control service, said again when its configuration is another one: which daemon it is and what
 * shall be served for it. It comes through a socket that only root can write to, and is believed.
 */

import type { MetricsNames } from '../conf/model.js';
import type { DbusSettings } from './dbus/paths.js';
import type { Tokens } from './http-guard.js';
import type { SnmpSettings } from './snmp/settings.js';

/** Daemons in the order in which their word counts: the whole one, or one for each half. */
export const DAEMON_NAMES = ['daemon', 'vrrp', 'checkers'] as const;
export type DaemonName = (typeof DAEMON_NAMES)[number];

export interface Introduction {
  readonly type: 'introduction';
  readonly name: DaemonName;
  /** One life of the daemon, told from others: its events are numbered from 1. */
  readonly run: string;
  readonly pid: number;
  readonly settings: ServedSettings;
}

export interface ServedSettings {
  readonly metricsNames: readonly MetricsNames[];
  /** Absent = nothing is shown on D-Bus. */
  readonly dbus?: DbusSettings;
  readonly snmp?: SnmpSettings;
  /** Absent = nobody is answered over HTTP. */
  readonly http?: ServedHttp;
}

/** Or why no token can be used. */
export type ServedHttp = { readonly tokens: Tokens } | { readonly trouble: string };

export function isIntroduction(message: object): message is Introduction {
  return 'type' in message && message.type === 'introduction' && 'name' in message && DAEMON_NAMES.some((name) => name === message.name) && 'settings' in message;
}
