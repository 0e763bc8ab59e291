/**
 * How often the log says the same: what packets of strangers cause, and what comes and goes with a server that flaps, is told a
 * bounded number of times a minute for each kind and subject, and what was kept back is counted at the end of the minute.
 */

import type { LogEntry } from '../base/log.js';
import { after, seconds, type Micros } from '../base/time.js';
import type { HealthNote } from '../health/notes.js';
import type { VrrpNote } from '../vrrp/notes.js';
import { entry } from './narrate/entry.js';

const LINES_A_MINUTE = 15;
const MINUTE = seconds(60);
/** Kinds that strangers can make up and that are kept apart; beyond that all others share one place, so that nothing grows. */
const KINDS = 4_096;
/** Servers are made up by nobody. Beyond so many kinds those whose minute is over are forgotten. */
const SERVER_KINDS = 100_000;

interface Window {
  readonly endsAt: Micros;
  told: number;
  keptBack: number;
}

export interface NoteLimit<Note> {
  /** Whether this one, of so many lines, may be told now. `before`: what has to be said about the ones that were not. */
  readonly admit: (note: Note, lines: number, now: Micros) => { readonly admitted: boolean; readonly before: readonly LogEntry[] };
}

export function createVrrpNoteLimit(): NoteLimit<VrrpNote> {
  return createNoteLimit(vrrpKind, (note) => ('instance' in note ? `(${note.instance}) ` : ''), KINDS);
}

export function createPoolNoteLimit(): NoteLimit<HealthNote> {
  return createNoteLimit(poolKind, (note) => ('server' in note ? `${note.server}: ` : ''), SERVER_KINDS);
}

/** `kindOf`: undefined for what is always told. */
function createNoteLimit<Note>(kindOf: (note: Note) => string | undefined, subjectOf: (note: Note) => string, most: number): NoteLimit<Note> {
  const windows = new Map<string, Window>();
  const forgetQuiet = (now: Micros): void => {
    for (const [key, { endsAt, keptBack }] of windows) if (endsAt <= now && keptBack === 0) windows.delete(key);
  };
  return {
    admit: (note, lines, now) => {
      const kind = kindOf(note);
      if (kind === undefined) return { admitted: true, before: [] };
      if (windows.size >= most && !windows.has(kind)) forgetQuiet(now);
      const key = windows.has(kind) || windows.size < most ? kind : 'others';
      let window = windows.get(key);
      const before: LogEntry[] = [];
      if (window === undefined || now >= window.endsAt) {
        if (window !== undefined && window.keptBack > 0) before.push(keptBackEntry(subjectOf(note), window.keptBack));
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

function keptBackEntry(subject: string, count: number): LogEntry {
  return entry('notesKeptBack', `${subject}${count} more of the next message were not logged in the last minute`, { count });
}

/** What a server does by itself again and again. Operators' words, drains and quorums are always told. */
function poolKind(note: HealthNote): string | undefined {
  switch (note.type) {
    case 'probeFailed':
    case 'probeRescheduled':
    case 'checkFailed':
    case 'checkSucceeded':
    case 'urlPassed':
    case 'serverAdded':
    case 'serverRemoved':
    case 'serverEnabled':
    case 'serverDisabled':
    case 'weightChanged':
    case 'fileFollowed':
    case 'sessionFollowed':
      return `${note.virtualServer} ${note.server} ${note.type} ${'check' in note ? note.check : ''}`;
    default:
      return undefined;
  }
}

/** Undefined for what no packet of a stranger can repeat at will. */
function vrrpKind(note: VrrpNote): string | undefined {
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
