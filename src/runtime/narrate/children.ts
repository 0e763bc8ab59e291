/** The supervisor's log sentences, in keepalived's words where it has them. Decides nothing. */

import type { LogEntry } from '../../base/log.js';
import { seconds } from '../../base/time.js';
import { unreachable } from '../../base/unreachable.js';
import type { Child, ChildrenNote, Ending } from '../children-events.js';
import { entry, secondsText } from './entry.js';

/** keepalived's names of the processes in its sentences. */
const PROCESS_NAMES: Readonly<Record<Child, string>> = { checkers: 'Healthcheck', vrrp: 'VRRP', bfd: 'BFD' };

const PERMANENT_ERRORS = { 1: 'FATAL', 2: 'CONFIG', 4: 'missing permission' } as const;

export function narrateChildren(note: ChildrenNote): LogEntry {
  switch (note.type) {
    case 'childStarted':
      return aboutProcess(note, `Starting ${PROCESS_NAMES[note.child]} child process, pid=${note.pid}`);
    case 'childDiedRespawning':
      return aboutProcess(note, `${PROCESS_NAMES[note.child]} child process(${note.pid}) died: Respawning`, 'error');
    case 'childDiedExiting':
      return aboutProcess(note, `${PROCESS_NAMES[note.child]} child process(${note.pid}) died: Exiting`, 'error');
    case 'childExited':
      return aboutProcess(note, `pid ${note.pid} ${endingText(note.ending)}`, 'warn');
    case 'childExitedPermanently': {
      const text = `pid ${note.pid} exited with permanent error ${PERMANENT_ERRORS[note.status]}. Terminating`;
      return aboutProcess(note, text, 'error');
    }
    case 'childNotStarted': {
      const text = `${PROCESS_NAMES[note.child]} child process could not be started: it ${endingText(note.ending)}`;
      return entry('childNotStarted', text, { child: note.child }, 'error');
    }
    case 'childStartedToTidy': {
      const text = `${PROCESS_NAMES[note.child]} process is started once more, to remove what the one before it has left`;
      return entry('childStartedToTidy', text, { child: note.child });
    }
    case 'restartDelayed': {
      const delay = note.delay / seconds(1);
      const text = `Restart of ${PROCESS_NAMES[note.child]} process delayed ${delay} seconds to limit respawn rate`;
      return entry('restartDelayed', text, { child: note.child, delaySeconds: delay });
    }
    case 'childSilent': {
      const silence = secondsText(note.silence);
      return aboutProcess(note, `${PROCESS_NAMES[note.child]} process silent for ${silence} seconds - killing it`, 'error');
    }
    case 'childKilled':
      return aboutProcess(note, `${PROCESS_NAMES[note.child]} process failed to die - forcing termination`, 'warn');
    case 'reloading':
      return entry('reloading', 'Reloading ...');
    case 'reloadQueued':
      return entry('reloadQueued', 'Reload requested while loading: it follows when this one is complete');
    case 'reloadFailed':
      return entry('reloadFailed', 'New configuration not used: the one before it stays', {}, 'error');
    case 'nothingToRun':
      return entry('nothingToRun', 'Warning - keepalived has no configuration to run', {}, 'warn');
    case 'replacing':
      return entry('replacing', 'Restarting in place: addresses, services and connections stay');
    case 'leaving':
      return entry('leaving', 'Stopping for the start that follows: addresses, services and connections stay');
    case 'replacementRefused':
      return entry('replacementRefused', 'No restart now: a start, a reload or a stop is under way', {}, 'warn');
    case 'stopping':
      return entry('stopping', 'Stopping');
    case 'configurationComplete': {
      const text = note.reload ? 'Reload complete' : 'Startup complete';
      return entry('configurationComplete', text, { reload: note.reload, generation: note.generation });
    }
    default:
      return unreachable(note);
  }
}

function aboutProcess(
  note: { readonly type: string; readonly child: Child; readonly pid: number },
  text: string,
  level: LogEntry['level'] = 'info',
): LogEntry {
  return entry(note.type, text, { child: note.child, pid: note.pid }, level);
}

function endingText(ending: Ending): string {
  return ending.type === 'status' ? `exited with status ${ending.status}` : `exited due to signal ${ending.signal}`;
}
