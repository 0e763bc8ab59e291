/** Log sentences about the kernel's LVS tables. keepalived has one of them; the others tell what it never notices. */

import type { LogEntry } from '../../base/log.js';
import { unreachable } from '../../base/unreachable.js';
import type { Drift, IpvsNote } from '../../ipvs/notes.js';
import type { Op } from '../../ipvs/plan.js';
import { detail, entry } from './entry.js';

/** Name and number of the set-socket-option that once carried each command (linux/ip_vs.h, IP_VS_BASE_CTL = 1152). */
const COMMANDS: Readonly<Record<Op['type'], { readonly name: string; readonly number: number }>> = {
  addService: { name: 'IP_VS_SO_SET_ADD', number: 1154 },
  editService: { name: 'IP_VS_SO_SET_EDIT', number: 1155 },
  deleteService: { name: 'IP_VS_SO_SET_DEL', number: 1156 },
  addDestination: { name: 'IP_VS_SO_SET_ADDDEST', number: 1159 },
  deleteDestination: { name: 'IP_VS_SO_SET_DELDEST', number: 1160 },
  editDestination: { name: 'IP_VS_SO_SET_EDITDEST', number: 1161 },
};

export function narrateIpvs(note: IpvsNote): readonly LogEntry[] {
  switch (note.type) {
    case 'ipvsMissing': {
      const text = `IPVS: Can't initialize ipvs: ${note.code}. Looking for it every second`;
      return [entry(note.type, text, { code: note.code }, 'error')];
    }
    case 'ipvsAvailable':
      return [entry(note.type, 'IPVS: available')];
    case 'tablesAdopted': {
      const { services, destinations, edits } = note;
      const text = `IPVS: found ${services} services with ${destinations} servers, ${edits} edits to make`;
      return [detail(note.type, text, { services, destinations, edits })];
    }
    case 'lookFailed':
      return [entry(note.type, `IPVS: reading the tables failed: ${note.code}`, { code: note.code }, 'error')];
    case 'applyFailed':
      return [entry(note.type, `IPVS: writing the tables failed: ${note.code}`, { code: note.code }, 'error')];
    case 'commandFailed':
      return [narrateFailure(note)];
    case 'commandFailuresUntold':
      return [entry(note.type, `IPVS: ${note.count} more commands failed`, { count: note.count }, 'error')];
    case 'driftFound':
      return narrateDrift(note);
    case 'servicesReleased':
      return [detail(note.type, `IPVS: ${note.count} services removed`, { count: note.count })];
    case 'releaseFailed':
      return [entry(note.type, `IPVS: own services could not be removed: ${note.code}`, { code: note.code }, 'error')];
    default:
      return unreachable(note);
  }
}

function narrateFailure(note: Extract<IpvsNote, { type: 'commandFailed' }>): LogEntry {
  const { operation, service, server, code, errno } = note;
  const command = COMMANDS[operation];
  const target = server === undefined ? `(${service})` : `(${service} -> ${server})`;
  const text = `IPVS cmd ${command.name}(${command.number}) error: ${code}(${errno}) ${target}`;
  return entry(note.type, text, { operation, service, code, ...(server === undefined ? {} : { server }) }, 'error');
}

function narrateDrift(note: Extract<IpvsNote, { type: 'driftFound' }>): readonly LogEntry[] {
  const text = `IPVS: ${note.count} entries were changed by somebody else, putting them right`;
  return [
    entry(note.type, text, { count: note.count }, 'warn'),
    ...note.named.map((drift) => entry('driftRepaired', `IPVS: ${driftText(drift)}`, { ...drift }, 'warn')),
  ];
}

function driftText({ repair, service, server }: Drift): string {
  switch (repair) {
    case 'addService':
      return `service ${service} had disappeared`;
    case 'editService':
      return `service ${service} was changed`;
    case 'deleteService':
      return `service ${service} does not belong here`;
    case 'addDestination':
      return `server ${server ?? ''} of ${service} had disappeared`;
    case 'editDestination':
      return `server ${server ?? ''} of ${service} was changed`;
    case 'deleteDestination':
      return `server ${server ?? ''} of ${service} does not belong here`;
    default:
      return unreachable(repair);
  }
}
