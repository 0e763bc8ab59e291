/** What operators have said to the running daemon, as log lines. */

import type { LogEntry } from '../../base/log.js';
import { unreachable } from '../../base/unreachable.js';
import { entry } from './entry.js';

export type OperatorNote =
  /** An operator has said something about these. */
  | { readonly type: 'operatorCommand'; readonly action: string; readonly subjects: readonly string[] }
  /** Its time is over. */
  | { readonly type: 'operatorWordOver'; readonly word: string }
  /** Said to an earlier daemon, and meant to last. */
  | { readonly type: 'operatorWordKept'; readonly word: string }
  | { readonly type: 'operatorWordsUnreadable'; readonly path: string; readonly reason: string };

export function isOperatorNote(note: { readonly type: string }): note is OperatorNote {
  return note.type.startsWith('operator');
}

export function narrateOperator(note: OperatorNote): LogEntry {
  switch (note.type) {
    case 'operatorCommand': {
      const subjects = note.subjects.join(', ');
      return entry(note.type, `By hand: ${note.action} ${subjects}`, { action: note.action, subjects });
    }
    case 'operatorWordOver':
      return entry(note.type, `By hand, and over now: ${note.word}`, { word: note.word });
    case 'operatorWordKept':
      return entry(note.type, `By hand, still: ${note.word}`, { word: note.word });
    case 'operatorWordsUnreadable': {
      const { path, reason } = note;
      return entry(note.type, `${path}, what was said by hand, cannot be read: ${reason}`, { path, reason }, 'error');
    }
    default:
      return unreachable(note);
  }
}
