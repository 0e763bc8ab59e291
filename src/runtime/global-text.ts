/** The settings of the daemon itself as ` Key = value` lines with keepalived's keys, for -d and every data file. */

import type { GlobalConfig } from '../conf/model.js';
import { accountText } from './command-text.js';
import { enabled, listed, optional } from './dump-lines.js';

/** What stands behind the host may be a secret. */
const originOf = (url: string): string => /^https?:\/\/[^/?]*/.exec(url)?.[0] ?? '';

const FLUSH_NAMES = { off: 'disabled', all: 'full', services: 'VS' } as const;

export function globalLines(global: GlobalConfig): readonly string[] {
  const { mail, scriptUser, snmp, dbus, files, fifoContent } = global;
  const numberOfMask = files?.umask === undefined ? undefined : `0${files.umask.toString(8)}`;
  return [
    ` Network namespace = ${global.networkNamespace ?? '(default)'}`,
    ...optional(' Instance name', global.instanceName),
    ...optional(' Router ID', global.routerId),
    ...optional(' Smtp server', mail?.server?.host),
    ...optional(' Smtp server port', mail?.server?.port),
    ...optional(' Smtp HELO name', mail?.heloName),
    ...optional(' Smtp server connection timeout', mail?.server === undefined ? undefined : mail.timeout),
    ...optional(' Smtp TLS', mail?.tls?.mode),
    ...optional(' Smtp user', mail?.login?.user),
    ...optional(' Smtp digest', mail?.digest),
    ...optional(' Smtp retry', mail?.retry),
    ...optional(' Email notification from', mail?.sender),
    ...listed(' Email notification to:', (mail?.recipients ?? []).map((recipient) => `   ${recipient}`)),
    ` LVS flush = ${String(global.lvsFlush)}`,
    ` LVS flush on stop = ${FLUSH_NAMES[global.lvsFlushOnStop]}`,
    ...optional(' Global notify fifo', global.notifyFifo?.path),
    ...optional(' VRRP notify fifo', global.vrrpNotifyFifo?.path),
    ...optional(' LVS notify fifo', global.lvsNotifyFifo?.path),
    ...(fifoContent?.priorityChanges === true ? [' VRRP notify priority changes = true'] : []),
    ` Child wait time = ${global.childWaitTime}`,
    ...(snmp === undefined ? [] : [` SNMP vrrp ${enabled(snmp.vrrp)}`, ` SNMP checker ${enabled(snmp.checkers)}`, ` SNMP traps ${enabled(snmp.traps)}`]),
    ...(dbus === undefined ? [] : [' DBus enabled', ` DBus service name = ${dbus.serviceName}`]),
    ...listed(' Webhooks:', (global.webhooks ?? []).map(({ secretUrl, urlFile, events }) => `   ${secretUrl === undefined ? `of ${urlFile ?? ''}` : originOf(secretUrl)}: ${events.join(' ')}`)),
    ` Script security ${enabled(global.enableScriptSecurity)}`,
    ...optional(' Default script user', scriptUser === undefined ? undefined : accountText(scriptUser)),
    ...optional(' umask', numberOfMask),
  ];
}
