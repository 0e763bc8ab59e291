/** Why an instance may not take part, in words. */

import type { LogEntry } from '../../base/log.js';
import { unreachable } from '../../base/unreachable.js';
import type { FaultReason, VrrpNote } from '../../vrrp/notes.js';
import { detail, entry } from './entry.js';

/**
 * At start and reload keepalived names the reason in a sentence of its own; later the link's own line stands before the
 * change of state, so the reason is a detail.
 */
export function narrateFault(note: Extract<VrrpNote, { type: 'faultFound' | 'faultCleared' }>): LogEntry {
  const { instance, reason } = note;
  const fields = { instance, reason: reason.type, ...('interface' in reason ? { interface: reason.interface } : {}) };
  if (reason.type === 'trackedFile' && !(note.type === 'faultFound' && note.starting)) {
    const change = note.type === 'faultFound' ? 'now' : 'leaving';
    return detail(note.type, `(${instance}): tracked file ${reason.file} ${change} FAULT state`, fields);
  }
  if (note.type === 'faultCleared') return detail(note.type, `(${instance}) no longer held by: ${faultText(reason)}`, fields);
  if (reason.type === 'noSourceAddress') {
    const version = reason.family === 'ipv4' ? 4 : 6;
    const text = `(${instance}) entering FAULT state (no IPv${version} address for interface)`;
    return entry(note.type, text, fields, 'warn');
  }
  if (!note.starting) return detail(note.type, `(${instance}) held in FAULT state by: ${faultText(reason)}`, fields);
  return entry(note.type, startText(instance, reason), fields, 'warn');
}

function startText(instance: string, reason: FaultReason): string {
  if (reason.type === 'trackedScript') return `(${instance}): entering FAULT state due to script ${reason.script}`;
  // keepalived writes no colon here.
  if (reason.type === 'trackedProcess') return `(${instance}) entering FAULT state (${faultText(reason)})`;
  return `(${instance}): entering FAULT state (${faultText(reason)})`;
}

/** As it stands in sentences: `interface eth0 down`. */
export function faultText(reason: FaultReason): string {
  switch (reason.type) {
    case 'interfaceMissing':
      return `interface ${reason.interface} missing`;
    case 'interfaceDown':
    case 'trackedInterfaceDown':
      return `interface ${reason.interface} down`;
    case 'trackedInterfaceUp':
      return `interface ${reason.interface} up`;
    case 'sourceAddressMissing':
      return `source address ${reason.address} missing`;
    case 'noPeer':
      return 'no unicast peer';
    case 'noSourceAddress':
      return `no ${reason.family === 'ipv4' ? 'IPv4' : 'IPv6'} address on interface ${reason.interface}`;
    case 'scriptUnknown':
      return `script ${reason.script} without a result`;
    case 'trackedScript':
      return `script ${reason.script}`;
    case 'trackedFile':
      return `tracked file ${reason.file} has status ${reason.value}`;
    case 'trackedProcess':
      return `tracked process ${reason.process} quorum not achieved`;
    case 'trackedSession':
      return `BFD session ${reason.session}`;
    default:
      return unreachable(reason);
  }
}
