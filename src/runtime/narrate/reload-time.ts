/** The log sentences about reload_time_file. */

import type { LogEntry } from '../../base/log.js';
import { entry } from './entry.js';

export type ReloadTimeNote =
  | { readonly type: 'reloadScheduled' | 'reloadCancelled'; readonly time: string }
  | { readonly type: 'reloadMoved'; readonly from: string; readonly to: string }
  | { readonly type: 'reloadTimeRefused'; readonly text: string; readonly problem: keyof typeof TIME_PROBLEMS };

const TIME_PROBLEMS = { format: 'format is incorrect', invalid: 'is not valid', past: 'is in the past' } as const;

export function narrateReloadTime(note: ReloadTimeNote): LogEntry {
  switch (note.type) {
    case 'reloadScheduled':
      return entry(note.type, `Scheduling reload for ${note.time}`, { time: note.time });
    case 'reloadCancelled':
      return entry(note.type, `Cancelling reload scheduled for ${note.time}`, { time: note.time });
    case 'reloadMoved':
      return entry(note.type, `Reload time updated from ${note.from} to ${note.to}`, { from: note.from, to: note.to });
    case 'reloadTimeRefused':
      return entry(note.type, `Reload time ${note.text} ${TIME_PROBLEMS[note.problem]} - ignoring`, { text: note.text }, 'warn');
  }
}
