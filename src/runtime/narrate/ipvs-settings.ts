/** Log sentences about what IPVS keeps beside its tables: timeouts and sync daemons. */

import type { LogEntry } from '../../base/log.js';
import type { SettingsNote, SettingsOp } from '../../ipvs/settings.js';
import { detail, entry } from './entry.js';

/** Name and number of the set-socket-option that once carried each command (linux/ip_vs.h, IP_VS_BASE_CTL = 1152). */
const COMMANDS: Readonly<Record<SettingsOp['type'], string>> = {
  setTimeouts: 'IP_VS_SO_SET_TIMEOUT(1162)',
  startDaemon: 'IP_VS_SO_SET_STARTDAEMON(1163)',
  stopDaemon: 'IP_VS_SO_SET_STOPDAEMON(1164)',
};

export function narrateIpvsSettings(note: SettingsNote): LogEntry {
  const { op } = note;
  const fields = 'daemon' in op ? { ...op.daemon } : { ...op.timeouts };
  if (note.type === 'settingRefused') {
    const text = `IPVS cmd ${COMMANDS[op.type]} error: ${note.code}(${note.errno}) (${subjectOf(op)})`;
    return entry(note.type, text, { ...fields, operation: op.type, code: note.code }, 'error');
  }
  if (note.drift) {
    const text = `IPVS: ${subjectOf(op)} was changed by somebody else, ${op.type === 'stopDaemon' ? 'stopped' : 'put right'}`;
    return entry('settingRepaired', text, { ...fields, operation: op.type }, 'warn');
  }
  return detail(note.type, `IPVS: ${doneText(op)}`, { ...fields, operation: op.type });
}

function subjectOf(op: SettingsOp): string {
  return 'daemon' in op ? `sync daemon ${op.daemon.role} on ${op.daemon.interface}` : 'connection timeouts';
}

function doneText(op: SettingsOp): string {
  if (op.type === 'setTimeouts') {
    const { tcp, tcpFin, udp } = op.timeouts;
    return `connection timeouts are tcp ${tcp} s, tcpfin ${tcpFin} s, udp ${udp} s`;
  }
  return `${subjectOf(op)} ${op.type === 'startDaemon' ? 'started' : 'stopped'}`;
}
