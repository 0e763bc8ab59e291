/** The log sentences about the life of a process: start, files read, dumps, end. No machine's notes. */

import type { LogEntry } from '../base/log.js';
import type { Diagnostic } from '../base/source.js';
import { formatDiagnostic } from '../base/source.js';
import { unreachable } from '../base/unreachable.js';
import { detail, entry } from './narrate-entry.js';

export type LifecycleNote =
  | { readonly type: 'starting' | 'stopped'; readonly version: string }
  | { readonly type: 'runningOn'; readonly system: string }
  | { readonly type: 'commandLine'; readonly words: readonly string[] }
  /** Something about the command line that is worth knowing. */
  | { readonly type: 'remark'; readonly text: string }
  | { readonly type: 'openingFile' | 'configurationFile'; readonly path: string }
  | { readonly type: 'finding'; readonly diagnostic: Diagnostic }
  | { readonly type: 'alreadyRunning' }
  | { readonly type: 'childReloading' | 'childStopped' }
  | { readonly type: 'dumping'; readonly subject: 'parent' | 'VRRP' | 'checker'; readonly pid: number }
  | { readonly type: 'dumpingStatistics'; readonly clearing: boolean; readonly pid: number }
  | { readonly type: 'signalIgnored'; readonly signal: string }
  | { readonly type: 'unwritable'; readonly path: string; readonly reason: string }
  /** A bug: the process ends and is started again. */
  | { readonly type: 'crashed'; readonly reason: string };

export function narrateLifecycle(note: LifecycleNote): LogEntry {
  switch (note.type) {
    case 'starting':
      return entry(note.type, `Starting ${note.version}`, { version: note.version });
    case 'stopped':
      return entry(note.type, `Stopped ${note.version}`, { version: note.version });
    case 'runningOn':
      return entry(note.type, `Running on ${note.system}`, { system: note.system });
    case 'commandLine':
      return entry(note.type, `Command line: ${note.words.map((word) => `'${word}'`).join(' ')}`);
    case 'remark':
      return entry(note.type, note.text, {}, 'warn');
    case 'openingFile':
      return detail(note.type, `Opening file '${note.path}'.`, { path: note.path });
    case 'configurationFile':
      return entry(note.type, `Configuration file ${note.path}`, { path: note.path });
    case 'finding':
      return finding(note.diagnostic);
    case 'alreadyRunning':
      return entry(note.type, 'daemon is already running');
    case 'childReloading':
      return entry(note.type, 'Reloading');
    case 'childStopped':
      return entry(note.type, 'Stopped');
    case 'dumping':
      return entry(note.type, `Printing ${note.subject} data for process(${note.pid}) on signal`, { pid: note.pid });
    case 'dumpingStatistics': {
      const clearing = note.clearing ? 'and clearing ' : '';
      return entry(note.type, `Printing ${clearing}VRRP stats for process(${note.pid}) on signal`, { pid: note.pid });
    }
    case 'signalIgnored':
      return entry(note.type, `Signal ${note.signal} is not supported yet - ignoring`, { signal: note.signal }, 'warn');
    case 'unwritable':
      return entry(note.type, `Unable to open ${note.path} - ${note.reason}`, { path: note.path }, 'error');
    case 'crashed':
      return entry(note.type, `Internal error, process ends: ${note.reason}`, {}, 'error');
    default:
      return unreachable(note);
  }
}

/** One line: position first, so that editors and people find the place. */
function finding(diagnostic: Diagnostic): LogEntry {
  const { at, severity, code } = diagnostic;
  const level = severity === 'warning' ? 'warn' : severity;
  const text = formatDiagnostic(diagnostic).replace(/\n\s*/g, '; ');
  return entry('finding', text, { code, file: at.file, line: at.line, column: at.column }, level);
}
