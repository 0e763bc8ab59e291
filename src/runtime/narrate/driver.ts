/** What the loop itself says, whichever machine it runs. */

import type { LogEntry } from '../../base/log.js';
import { seconds } from '../../base/time.js';
import { unreachable } from '../../base/unreachable.js';
import type { DriverNote } from '../driver.js';
import { entry, secondsText } from './entry.js';

export function narrateDriver(note: DriverNote): LogEntry {
  switch (note.type) {
    case 'alarmLate': {
      const text = `A thread timer expired ${secondsText(note.lateness)} seconds ago`;
      return entry('alarmLate', text, { latenessSeconds: note.lateness / seconds(1) }, 'warn');
    }
    case 'mailboxOverflow':
      return entry('mailboxOverflow', `Too many events waiting: ${note.event} dropped`, { dropped: note.event }, 'error');
    default:
      return unreachable(note);
  }
}
