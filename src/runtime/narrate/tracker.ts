/** What is told of tracked scripts, processes and BFD sessions themselves, in keepalived's words. */

import type { LogEntry } from '../../base/log.js';
import { unreachable } from '../../base/unreachable.js';
import type { TrackerNote } from '../../vrrp/notes.js';
import type { ProgramEnding } from '../../base/program-ending.js';
import { detail, entry } from './entry.js';

export function narrateTracker(note: TrackerNote): LogEntry {
  switch (note.type) {
    case 'scriptStatusChanged':
      return entry(note.type, `Script \`${note.script}\` now returning ${note.status}`, { script: note.script, status: note.status });
    case 'scriptChanged': {
      const { script, up } = note;
      return entry(note.type, `VRRP_Script(${script}) ${endingText(note.ending)}`, { script, up }, up ? 'info' : 'warn');
    }
    case 'scriptStillRunning': {
      const state = note.late ? 'being timed out' : 'already running';
      return entry(note.type, `Track script ${note.script} is ${state}, expect idle - skipping run`, { script: note.script }, 'warn');
    }
    case 'scriptKept': {
      const { script, up } = note;
      return entry(note.type, `VRRP_Script(${script}) considered ${up ? 'successful' : 'unsuccessful'} on reload`, { script, up });
    }
    case 'quorumChanged': {
      const { process, up } = note;
      return entry(note.type, `Quorum ${up ? 'gained' : 'lost'} for tracked process ${process}`, { process, up }, up ? 'info' : 'warn');
    }
    case 'sessionChanged': {
      const { session, up, delay } = note;
      const text = `Received BFD event: instance ${session} is in state ${up ? 'Up' : 'Down'} (delivered in ${delay} usec)`;
      return detail(note.type, text, { session, up, delayUs: delay });
    }
    case 'trackedSessionChanged': {
      const { instance, session, up } = note;
      const text = `VRRP_Instance(${instance}) Tracked BFD instance ${session} is ${up ? 'UP' : 'DOWN'}`;
      return entry(note.type, text, { instance, session, up }, up ? 'info' : 'warn');
    }
    case 'trackedPoolChanged': {
      const { instance, virtualServer, up } = note;
      const text = `(${instance}) tracked virtual server ${virtualServer} has ${up ? 'its quorum' : 'lost its quorum'}`;
      return entry(note.type, text, { instance, virtualServer, up }, up ? 'info' : 'warn');
    }
    default:
      return unreachable(note);
  }
}

function endingText(ending: ProgramEnding): string {
  switch (ending.type) {
    case 'exited':
      return ending.status === 0 ? 'succeeded' : `failed (exited with status ${ending.status})`;
    case 'killed':
      return `failed (due to signal ${ending.signal})`;
    case 'timedOut':
      return 'timed_out';
    case 'notStarted':
      return `failed (cannot be run: ${ending.reason})`;
    default:
      return unreachable(ending);
  }
}
