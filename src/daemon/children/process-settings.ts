/** What each process of the daemon is told when it starts, from the options and the configuration in force. */

import { statSync } from 'node:fs';
import { hostname } from 'node:os';

import type { AccountName } from '../../base/command.js';
import { given } from '../../base/given.js';
import type { ControlConfig, ControlHttpConfig, GlobalConfig, Model } from '../../conf/model.js';
import { adminSocketPath } from '../../control/socket-paths.js';
import type { ControlSettings, HttpSettings, SocketSettings } from '../../control/feed.js';
import { snmpConfiguration } from '../../control/snmp/configuration.js';
import { DEFAULT_MASTER, DEFAULT_NAMESPACE_MASTER } from '../../control/snmp/master-address.js';
import type { SnmpSettings } from '../../control/snmp/settings.js';
import type { FindAccount } from '../../io/processes/accounts.js';
import type { Child } from '../../runtime/children-events.js';
import { sendsMails } from '../mail/alert-port.js';
import type { Loaded } from '../configuration/configuration-loader.js';
import type { GuardianSettings } from './guardian.js';
import type { ControlService } from '../feed/control-service-link.js';
import type { WantedWebhooks } from '../feed/control-link.js';
import type { ChildSettings } from './ipc.js';
import { logSettings } from '../start/log-settings.js';
import type { MailerSettings } from '../mailer.js';
import type { Options } from '../start/options.js';
import { controlSocketPath, namesOf, ipvsNamespacePath, pidFilePath } from '../start/process-names.js';

/** Where the group stands in an account. */
const GROUP = 1;

/** The mail process and the control process in the system log. */
const MAIL_IDENT = 'Keepalived_mail';
const CONTROL_IDENT = 'Keepalived_control';

export function childSettings(child: Child, options: Options, { model: { global }, umask }: Pick<Loaded, 'model' | 'umask'>): ChildSettings {
  return {
    log: logSettings(child, options, global),
    pidFile: pidFilePath(child, options, global),
    ...given({ ipvsNamespace: ipvsNamespacePath(global) }),
    keepAtExit: child === 'vrrp' ? options.keepAddresses : options.keepIpvs,
    umask,
    logAddresses: options.logAddresses,
  };
}

export function guardianSettings(options: Options, global: GlobalConfig): GuardianSettings {
  const { console, syslogFacility, ident } = logSettings('supervisor', options, global);
  return { pidFile: pidFilePath('supervisor', options, global), ident: console || syslogFacility === undefined ? undefined : ident };
}

/** Undefined while no mails are wanted. */
export function mailerSettings(options: Options, global: GlobalConfig): MailerSettings | undefined {
  const { mail, routerId } = global;
  if (!sendsMails(mail)) return undefined;
  const log = { ...logSettings('supervisor', options, global), ident: MAIL_IDENT };
  return { log, mail, routerId: routerId ?? hostname() };
}

/** Undefined while neither a control socket nor D-Bus nor SNMP is wanted. A group that does not exist leaves a socket to root. */
export function controlSettings(options: Options, global: GlobalConfig, findAccount: FindAccount): ControlSettings | undefined {
  const { control, dbus, webhooks } = global;
  const snmp = snmpSettings(options, global);
  if (control === undefined && dbus === undefined && snmp === undefined && webhooks === undefined) return undefined;
  const groupOf = (name: AccountName | undefined): number => {
    const account = name === undefined ? undefined : findAccount(name);
    return account === undefined || 'code' in account ? 0 : (account[GROUP] ?? 0);
  };
  const log = { ...logSettings('supervisor', options, global), ident: CONTROL_IDENT };
  return {
    log,
    metricsNames: control?.metricsNames ?? [],
    ...given({ snmp }),
    ...(control?.http === undefined ? {} : { http: httpSettings(control.http, groupOf(control.account), groupOf(control.admins)) }),
    ...(dbus === undefined ? {} : { dbus: { ...dbus, names: namesOf(global) } }),
    ...(control === undefined ? {} : { sockets: socketSettings(controlSocketPath(options, global, control), control, groupOf) }),
  };
}

/** Undefined where the control process is a child. */
export function controlService({ controlService: path, runVrrp, runCheckers }: Options): ControlService | undefined {
  if (path === undefined) return undefined;
  const half = runVrrp ? 'vrrp' : 'checkers';
  return { path, name: runVrrp && runCheckers ? 'daemon' : half };
}

/** Those of the configuration in force, which is the daemon's first one or a later one. */
export function wantedWebhooks({ webhooks, routerId }: GlobalConfig, generation: number): WantedWebhooks {
  return { configs: webhooks ?? [], director: routerId ?? hostname(), atStart: generation === 1 };
}

/** What SNMP shows of the configuration, as JSON. */
export function snmpConfigurationText(model: Model, version: string): string {
  return JSON.stringify(snmpConfiguration(model, version, hostname()));
}

/** Undefined while nothing is to be served. Options go before the configuration. */
function snmpSettings(options: Options, { snmp, networkNamespace }: GlobalConfig): SnmpSettings | undefined {
  const { vrrp = false, checkers = false, rfc2787 = false, rfc6527 = false, traps = false } = snmp ?? {};
  if (!options.snmp && !vrrp && !checkers && !rfc2787 && !rfc6527) return undefined;
  const all = options.snmp;
  const byDefault = networkNamespace === undefined ? DEFAULT_MASTER : DEFAULT_NAMESPACE_MASTER;
  return {
    master: options.snmpSocket ?? snmp?.socket ?? byDefault,
    vrrp: all || vrrp,
    checkers: all || checkers,
    rfc2787: all || rfc2787,
    rfc6527: all || rfc6527,
    traps,
  };
}

function httpSettings({ address, port, tokenFile, adminTokenFile }: ControlHttpConfig, groupId: number, adminGroupId: number): HttpSettings {
  const stamp = [tokenFile, adminTokenFile].map((path) => (path === undefined ? '' : fileStamp(path))).join(' ');
  return { address, port, tokenFile, groupId, ...given({ adminTokenFile }), adminGroupId, stamp };
}

/** Another one when the file is another one, or has been written. */
function fileStamp(path: string): string {
  const facts = statSync(path, { throwIfNoEntry: false });
  return facts === undefined ? 'missing' : `${facts.ino} ${facts.mtimeMs}`;
}

function socketSettings(path: string, { account, admins }: ControlConfig, groupOf: (name: AccountName | undefined) => number): SocketSettings {
  return { path, groupId: groupOf(account), adminPath: adminSocketPath(path), adminGroupId: groupOf(admins) };
}
