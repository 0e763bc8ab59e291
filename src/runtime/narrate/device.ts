/** The log sentences about devices of instances, kernel settings and the packet filter. */

import type { LogEntry } from '../../base/log.js';
import { unreachable } from '../../base/unreachable.js';
import type { DeviceNote } from '../../vrrp/host/device-notes.js';
import { detail, entry } from './entry.js';

/** keepalived calls both VMAC when they go. */
const KINDS = { macvlan: 'VMAC', ipvlan: 'ipvlan' } as const;

export function narrateDevice(note: DeviceNote): LogEntry {
  switch (note.type) {
    case 'deviceMade':
    case 'deviceFound':
    case 'deviceReplaced':
    case 'deviceRemoved': {
      const { instance, device, kind } = note;
      return entry(note.type, `(${instance})${deviceText(note.type, note.type === 'deviceRemoved' ? KINDS.macvlan : KINDS[kind])} ${device}`, { instance, device, kind });
    }
    case 'deviceFailed': {
      const { instance, device, reason } = note;
      return entry(note.type, `(${instance}) device ${device}: ${reason}; trying again until it works`, { instance, device, reason }, 'error');
    }
    case 'filterImplied':
      return entry(note.type, 'use_vmac or no_accept/strict specified, but no firewall configured - using nftables');
    case 'filterRefused':
      return entry(note.type, `Packet filter failed: ${note.reason}`, { reason: note.reason }, 'error');
    case 'filterRepaired': {
      const { type, table, count } = note;
      const changes = namedText(note);
      return entry(type, `Packet filter: ${table} was changed by somebody else and is put right (${changes})`, { table, count, changes }, 'warn');
    }
    case 'settingChanged': {
      const { path, from, to } = note;
      return sysctlEntry(path)(note.type, `NOTICE: setting sysctl ${dotted(path)} from ${from} to ${to}`, { path, from, to });
    }
    case 'settingRestored': {
      const { path, to } = note;
      return sysctlEntry(path)(note.type, `NOTICE: resetting sysctl ${dotted(path)} to ${to}`, { path, to });
    }
    case 'settingFailed': {
      const { path, reason } = note;
      return entry(note.type, `Unable to set sysctl ${dotted(path)}: ${reason}`, { path, reason }, 'error');
    }
    default:
      return unreachable(note);
  }
}

function namedText({ count, named }: { readonly count: number; readonly named: readonly string[] }): string {
  return [...named, ...(count > named.length ? [`${count - named.length} more`] : [])].join(', ');
}

/** The colon after the instance is keepalived's, and only there. */
function deviceText(type: 'deviceMade' | 'deviceFound' | 'deviceReplaced' | 'deviceRemoved', kind: string): string {
  switch (type) {
    case 'deviceMade':
      return `: Success creating ${kind} interface`;
    case 'deviceFound':
      return ' Found matching interface';
    case 'deviceReplaced':
      return ` Deleting old ${kind} interface`;
    case 'deviceRemoved':
      return ` Success removing ${kind} interface`;
  }
}

/** keepalived tells of those that concern the whole host. */
function sysctlEntry(path: string): typeof entry {
  return /\/(all|default)\//.test(path) ? entry : detail;
}

function dotted(path: string): string {
  return `net.${path.replaceAll('/', '.')}`;
}
