/**
 * How often strangers may make the log speak: whatever packets cause is told a bounded number of times a minute for each
 * kind and instance, and what was kept back is counted at the end of the minute.
 */

import type { LogEntry } from '../base/log.js';
import { after, seconds, type Micros } from '../base/time.js';
import type { VrrpNote } from '../vrrp/notes.js';
import { entry } from './narrate/entry.js';

const LINES_A_MINUTE = 15;
const MINUTE = seconds(60);
/** Kinds that are kept apart; beyond that all others share one place, so that nothing grows. */
const KINDS = 4_096;

interface Window {
  readonly endsAt: Micros;
  told: number;
  keptBack: number;
}

export interface NoteLimit {
  /** Whether this one, of so many lines, may be told now. `before`: what has to be said about the ones that were not. */
  readonly admit: (note: VrrpNote, lines: number, now: Micros) => { readonly admitted: boolean; readonly before: readonly LogEntry[] };
}

export function createNoteLimit(): NoteLimit {
  const windows = new Map<string, Window>();
  return {
    admit: (note, lines, now) => {
      const kind = kindOf(note);
      if (kind === undefined) return { admitted: true, before: [] };
      const key = windows.has(kind) || windows.size < KINDS ? kind : 'others';
      let window = windows.get(key);
      const before: LogEntry[] = [];
      if (window === undefined || now >= window.endsAt) {
        if (window !== undefined && window.keptBack > 0) before.push(keptBack(note, window.keptBack));
        window = { endsAt: after(now, MINUTE), told: 0, keptBack: 0 };
        windows.set(key, window);
      }
      const admitted = window.told < LINES_A_MINUTE;
      if (admitted) window.told += lines;
      else window.keptBack += 1;
      return { admitted, before };
    },
  };
}

function keptBack(note: VrrpNote, count: number): LogEntry {
  const name = 'instance' in note ? `(${note.instance}) ` : '';
  return entry('notesKeptBack', `${name}${count} more of the next message were not logged in the last minute`, { count });
}

/** Undefined for what no packet of a stranger can repeat at will. */
function kindOf(note: VrrpNote): string | undefined {
  switch (note.type) {
    case 'advertRejected':
      return `${note.instance} ${note.type} ${note.rejection.type}`;
    case 'unknownVirtualRouter':
      return `${note.interface} ${note.type}`;
    case 'priorityZeroReceived':
    case 'lowerPriorityDiscarded':
    case 'lowerPriorityReceived':
    case 'higherPriorityReceived':
    case 'higherAddressReceived':
    case 'ownAddressReceived':
    case 'ownerConflict':
    case 'masterChanged':
    case 'preemptDelayStarted':
    case 'preemptDelayStopped':
    case 'advertIntervalLearnt':
    case 'advertIntervalCapped':
    case 'advertIntervalDiffers':
    case 'addressCountDiffers':
    case 'addressNotAdvertised':
    case 'clocksDiffer':
    case 'announcementSent':
      return `${note.instance} ${note.type}`;
    default:
      return undefined;
  }
}
