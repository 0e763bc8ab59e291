/** Log sentences about adverts heard, sent and refused, in keepalived's words. */

import type { LogEntry } from '../../base/log.js';
import { milliseconds } from '../../base/time.js';
import type { Micros } from '../../base/time.js';
import { unreachable } from '../../base/unreachable.js';
import type { VrrpNote } from '../../vrrp/notes.js';
import { detail, entry } from './entry.js';
import { rejectionText } from './rejection.js';

type Note<Type extends VrrpNote['type']> = Extract<VrrpNote, { readonly type: Type }>;

type MasterNote = Note<'masterChanged' | 'advertIntervalLearnt' | 'advertIntervalCapped' | 'advertIntervalRestored' | 'priorityZeroSent'>;

type OwnerNote = Note<
  'ownAddressReceived' | 'ownerConflict' | 'ownerConflictPriorityReduced' | 'ownerConflictEnded' | 'ownerPriorityRestored'
>;

type OddityNote = Note<
  | 'advertRejected'
  | 'advertIntervalDiffers'
  | 'addressCountDiffers'
  | 'addressNotAdvertised'
  | 'clocksDiffer'
  | 'oldChecksumLearnt'
>;

type ConflictNote = Note<'conflictFound'>;

type ElectionNote = Note<
  | 'priorityZeroReceived'
  | 'lowerPriorityDiscarded'
  | 'lowerPriorityReceived'
  | 'higherPriorityReceived'
  | 'higherAddressReceived'
>;

export function narrateAdvert(note: MasterNote | OwnerNote | OddityNote | ElectionNote | ConflictNote): LogEntry {
  switch (note.type) {
    case 'masterChanged':
    case 'advertIntervalLearnt':
    case 'advertIntervalCapped':
    case 'advertIntervalRestored':
    case 'priorityZeroSent':
      return narrateMaster(note);
    case 'ownAddressReceived':
    case 'ownerConflict':
    case 'ownerConflictPriorityReduced':
    case 'ownerConflictEnded':
    case 'ownerPriorityRestored':
      return narrateOwner(note);
    case 'advertRejected':
    case 'advertIntervalDiffers':
    case 'addressCountDiffers':
    case 'addressNotAdvertised':
    case 'clocksDiffer':
    case 'oldChecksumLearnt':
      return narrateOddity(note);
    case 'conflictFound':
      return narrateConflict(note);
    default:
      return narrateElection(note);
  }
}

/** Our own sentences: keepalived has none. */
function narrateConflict({ type, instance, kind, by, count, detail }: ConflictNote): LogEntry {
  return entry(type, `(${instance}) CONFLICT: ${conflictText(kind, by, detail)} (${count === 1 ? 'once' : `${count} times`})`, { instance, kind, by, count }, 'warn');
}

function conflictText(kind: ConflictNote['kind'], by: string, detail: string | undefined): string {
  switch (kind) {
    case 'twoMasters':
      return `two masters: ${by} goes on advertising below our priority, so it does not hear us`;
    case 'stranger':
      return `${by} uses our virtual router id with other settings (${detail ?? 'unknown'}): another cluster, or another configuration`;
    case 'addressList':
      return `${by} advertises other virtual addresses than ours: the configurations differ`;
    case 'addressTaken':
      return `another host claims an address that we hold: ${by}`;
    default:
      return unreachable(kind);
  }
}

function narrateElection(note: ElectionNote): LogEntry {
  const { instance, source } = note;
  switch (note.type) {
    case 'priorityZeroReceived': {
      const text =
        note.state === 'BACKUP'
          ? `(${instance}) Backup received priority 0 advertisement`
          : `(${instance}) Master received priority 0 message`;
      return detail(note.type, text, { instance, source });
    }
    case 'lowerPriorityDiscarded': {
      const text = `(${instance}) received lower priority (${note.priority}) advert from ${source} - discarding`;
      return entry(note.type, text, { instance, source, priority: note.priority });
    }
    case 'lowerPriorityReceived': {
      const { priority, ownPriority, forcesElection } = note;
      const tail = forcesElection ? ', forcing new election' : '';
      const text = `(${instance}) Received advert from ${source} with lower priority ${priority}, ours ${ownPriority}${tail}`;
      return entry(note.type, text, { instance, source, priority, ownPriority });
    }
    case 'higherPriorityReceived': {
      const { priority, ownPriority } = note;
      const text = `(${instance}) Master received advert from ${source} with higher priority ${priority}, ours ${ownPriority}`;
      return entry(note.type, text, { instance, source, priority, ownPriority });
    }
    case 'higherAddressReceived': {
      const from = `(${instance}) Master received advert from ${source}`;
      const text = `${from} with same priority ${note.priority} but higher IP address than ours`;
      return entry(note.type, text, { instance, source, priority: note.priority });
    }
    default:
      return unreachable(note);
  }
}

function narrateMaster(note: MasterNote): LogEntry {
  const { instance } = note;
  switch (note.type) {
    case 'priorityZeroSent':
      return detail(note.type, `(${instance}) sent 0 priority`, { instance });
    case 'masterChanged': {
      const { from, to } = note;
      const change = from === undefined ? `set to ${to}` : `changed from ${from} to ${to}`;
      return detail(note.type, `(${instance}) master ${change}`, { instance, master: to });
    }
    case 'advertIntervalLearnt': {
      const change = `from ${millisecondsText(note.from)}ms to ${millisecondsText(note.to)}ms by master`;
      return detail(note.type, `(${instance}) advertisement interval updated ${change}`, { instance });
    }
    case 'advertIntervalCapped': {
      const { source, received, taken } = note;
      const text = `(${instance}) ${source} says it advertises every ${millisecondsText(received)}ms: waiting for it as if it were every ${millisecondsText(taken)}ms`;
      return entry(note.type, text, { instance, source }, 'error');
    }
    case 'advertIntervalRestored': {
      const change = `from ${millisecondsText(note.from)}ms to locally configured ${millisecondsText(note.to)}ms`;
      return detail(note.type, `(${instance}) changing advert interval ${change}`, { instance });
    }
    default:
      return unreachable(note);
  }
}

function narrateOwner(note: OwnerNote): LogEntry {
  const { instance } = note;
  switch (note.type) {
    case 'ownAddressReceived': {
      const text = `(${instance}) WARNING - equal priority advert received from remote host with our IP address.`;
      return entry(note.type, text, { instance, source: note.source }, 'warn');
    }
    case 'ownerConflict': {
      const who = `local instance and ${note.source} are both configured as address owner`;
      const text = `(${instance}) CONFIGURATION ERROR: ${who}, please resolve`;
      return entry(note.type, text, { instance, source: note.source }, 'error');
    }
    case 'ownerConflictPriorityReduced': {
      const { source, priority } = note;
      const text = `(${instance}) ${source} is still advertising as address owner, please resolve - reducing our priority`;
      return entry(note.type, text, { instance, source, priority }, 'warn');
    }
    case 'ownerConflictEnded': {
      const text = `(${instance}): rogue address owner appears to have stopped advertising`;
      return entry(note.type, text, { instance, source: note.source });
    }
    case 'ownerPriorityRestored': {
      const text = `(${instance}) Restoring our priority to ${note.priority} since other address owner has disappeared`;
      return entry(note.type, text, { instance, priority: note.priority });
    }
    default:
      return unreachable(note);
  }
}

function narrateOddity(note: OddityNote): LogEntry {
  if (note.type === 'oldChecksumLearnt') {
    const { instance } = note;
    return entry(note.type, `(${instance}) Setting unicast VRRPv3 checksum to old version`, { instance });
  }
  const { source } = note;
  switch (note.type) {
    case 'clocksDiffer': {
      const { instance, skew, window } = note;
      const text = `(${instance}) authentication clock skew ${skew} sec from ${source} approaching window ${window} sec`;
      return entry(note.type, text, { instance, source, skew }, 'warn');
    }
    case 'advertRejected': {
      const { instance, rejection } = note;
      return entry(note.type, `(${instance}) ${rejectionText(rejection, note.source)}`, { instance, source, reason: rejection.type }, 'warn');
    }
    case 'advertIntervalDiffers': {
      const { instance, own, received } = note;
      const numbers = `ours = ${centiseconds(own)} centi-sec rcv'd=${centiseconds(received)} centi-sec`;
      return entry(note.type, `(${instance}) advertisement interval mismatch ${numbers}`, { instance, source }, 'warn');
    }
    case 'addressCountDiffers': {
      const { instance, expected, received } = note;
      return entry(note.type, `(${instance}) expected ${expected} VIPs but received ${received}`, { instance, source }, 'warn');
    }
    case 'addressNotAdvertised': {
      const { instance, virtualRouterId, address } = note;
      const what = `ip address associated with VRID ${virtualRouterId} not present in advert from ${source}`;
      return entry(note.type, `(${instance}) ${what}: ${address}`, { instance, source, address }, 'warn');
    }
    default:
      return unreachable(note);
  }
}

function centiseconds(span: Micros): number {
  return Math.round(span / milliseconds(10));
}

/** Whole milliseconds, as keepalived prints advert intervals in its sentences. */
function millisecondsText(span: Micros): string {
  return String(Math.round(span / milliseconds(1)));
}
