/** The log sentences about how the kernel runs a process, and about programs that belong to the daemon as a whole. */

import type { LogEntry } from '../../base/log.js';
import type { Child } from '../children-events.js';
import type { DeviceNote } from '../../vrrp/host/device-notes.js';
import { narrateDevice } from './device.js';
import { entry } from './entry.js';
import { isOperatorNote, narrateOperator } from './operator.js';
import type { OperatorNote } from './operator.js';
import { narrateReloadTime, type ReloadTimeNote } from './reload-time.js';
import { isWebhookNote, narrateWebhook, type WebhookProcessNote } from './webhook.js';

export type OnceScriptName = 'startup' | 'shutdown';

export type ProcessNote =
  | { readonly type: 'namespaceRefused'; readonly reason: string }
  /** A reload would have changed it; the configuration before stays. */
  | { readonly type: 'changeNeedsRestart'; readonly what: string }
  /** A thread beside the event loop, of a process that is replaced for it. */
  | { readonly type: 'threadSilent'; readonly milliseconds: number }
  | { readonly type: 'guardianEnded'; readonly reason: string }
  /** A restart in place that does not take place: the program that runs goes on. */
  | { readonly type: 'restartRefused'; readonly reason: string }
  /** This program has taken over from one that did not stop. */
  | { readonly type: 'tookOver' }
  /** The VRRP process is dead and the next one comes too late. */
  | { readonly type: 'goodbyeInItsPlace' }
  /** max_auto_priority: the process ran late and raised itself. */
  | { readonly type: 'realTimePriorityRaised'; readonly priority: number }
  /** It lost its real-time priority until the next turn of its loop. */
  | { readonly type: 'realTimeLimitReached'; readonly child: Child }
  | { readonly type: 'schedulingRefused'; readonly setting: string; readonly reason: string }
  /** The program behind a notify FIFO ended by itself; it is started again. */
  | { readonly type: 'fifoReaderEnded'; readonly path: string; readonly program: string }
  | { readonly type: 'onceScriptRunning'; readonly name: OnceScriptName; readonly program: string }
  | { readonly type: 'onceScriptSucceeded' | 'onceScriptTimedOut'; readonly name: OnceScriptName }
  /** `reason` as in `status 3`. */
  | { readonly type: 'onceScriptFailed'; readonly name: OnceScriptName; readonly reason: string }
  /** reload_check_config: the new configuration is not used. */
  | { readonly type: 'trialFailed'; readonly path: string }
  | ReloadTimeNote
  /** Alerts on their way may be lost; the next one starts a new process. */
  | { readonly type: 'mailProcessFailed'; readonly reason: string }
  /** The mail process took none for a while. */
  | { readonly type: 'mailsLost'; readonly count: number }
  /** There is no control socket. */
  | { readonly type: 'controlRefused'; readonly path: string; readonly reason: string }
  /** It is started again; nobody is told anything until then. */
  | { readonly type: 'controlEnded'; readonly reason: string }
  /** The control process is a service of its own. */
  | { readonly type: 'controlServiceJoined'; readonly path: string }
  | { readonly type: 'controlServiceMissing'; readonly path: string; readonly reason: string }
  /** Of the control service: a daemon is shown, and is no longer. */
  | { readonly type: 'daemonJoined' | 'daemonGone'; readonly name: string; readonly pid: number }
  /** keepalived's objects are on D-Bus under this name; and they are no longer, or never were. */
  /** The API over HTTP: open, or refused for a reason. */
  | { readonly type: 'httpDoor'; readonly address: string; readonly reason?: string }
  | { readonly type: 'busJoined'; readonly name: string }
  | { readonly type: 'busLost'; readonly name: string; readonly reason: string }
  /** The MIBs are served through the AgentX master at this address; and they are not, for now. */
  | { readonly type: 'snmpLink'; readonly state: 'starting' | 'joined'; readonly address: string }
  | { readonly type: 'snmpLink'; readonly state: 'lost'; readonly address: string; readonly reason: string }
  | WebhookProcessNote
  | OperatorNote
  /** Its number does not fit into 32 bits. */
  | { readonly type: 'fileNumberInvalid'; readonly path: string; readonly text: string }
  /** The system does not tell of changes of this tracked file: it is looked at every second. */
  | { readonly type: 'fileUnwatched'; readonly path: string; readonly reason: string }
  /** The kernel does not tell of processes: they are counted every second. */
  | { readonly type: 'processEventsUntold'; readonly reason: string }
  | { readonly type: 'processEventsLost'; readonly reason: string }
  /** /proc does not show processes of other accounts: those that are tracked may be among them. */
  | { readonly type: 'processesHidden' }
  /** Nobody has said whether late processes may raise themselves. */
  | { readonly type: 'automaticPriorityOpen' };

/** keepalived's name of the process in the sentence, and the beginning of its keywords. */
const NAMES: Readonly<Record<Child, readonly [process: string, keyword: string]>> = {
  vrrp: ['VRRP', 'vrrp'],
  checkers: ['Healthcheck', 'checker'],
  bfd: ['BFD', 'bfd'],
};

export function narrateProcess(note: ProcessNote | DeviceNote): LogEntry {
  if (isOperatorNote(note)) return narrateOperator(note);
  if (isWebhookNote(note)) return narrateWebhook(note);
  if (note.type === 'mailProcessFailed' || note.type === 'mailsLost') return narrateMailProcess(note);
  switch (note.type) {
    case 'namespaceRefused':
      return entry(note.type, `Unable to set network namespace - exiting: ${note.reason}`, { reason: note.reason }, 'error');
    case 'changeNeedsRestart':
      return entry(note.type, `Cannot change ${note.what} at a reload - please restart`, { what: note.what }, 'error');
    case 'threadSilent':
      return entry(note.type, `A thread has been silent for ${note.milliseconds} ms - no sign of life is given any more`, { milliseconds: note.milliseconds }, 'error');
    case 'guardianEnded':
      return entry(note.type, `Guardian process ended (${note.reason}): starting it again`, { reason: note.reason }, 'warn');
    case 'restartRefused':
      return entry(note.type, `No restart in place, everything goes on as it was: ${note.reason}`, { reason: note.reason }, 'error');
    case 'tookOver':
      return entry(note.type, 'Taking over from the program before, which did not stop');
    case 'goodbyeInItsPlace':
      return entry(note.type, 'VRRP process cannot be replaced in time: priority 0 is sent in its place', {}, 'warn');
    case 'realTimePriorityRaised':
      return entry(note.type, `Set realtime priority ${note.priority}`, { priority: note.priority });
    case 'realTimeLimitReached':
      return realTimeLimitReached(note);
    case 'schedulingRefused': {
      const { setting, reason } = note;
      return entry(note.type, `Cannot set ${setting} of this process: ${reason}`, { setting, reason }, 'error');
    }
    case 'fifoReaderEnded': {
      const { path, program } = note;
      return entry(note.type, `${program}, which reads ${path}, ended: starting it again`, { path, program }, 'warn');
    }
    case 'fileNumberInvalid': {
      const { path, text } = note;
      return entry(note.type, `Invalid number ${text} read from ${path} - ignoring`, { path }, 'warn');
    }
    case 'fileUnwatched': {
      const { path, reason } = note;
      return entry(note.type, `Changes of ${path} cannot be watched (${reason}): it is read every second`, { path, reason }, 'warn');
    }
    case 'processEventsUntold': {
      const text = `The kernel does not tell of processes (${note.reason}): tracked processes are counted every second`;
      return entry(note.type, text, { reason: note.reason }, 'warn');
    }
    case 'processesHidden':
      return entry(note.type, 'Processes of other accounts are hidden (hidepid of /proc): track_process does not see them', {}, 'warn');
    case 'processEventsLost':
      return entry(note.type, `Process events lost (${note.reason}), counting anew`, { reason: note.reason }, 'warn');
    case 'onceScriptRunning':
      return entry(note.type, `Running ${note.name} script ${note.program}`, { name: note.name, program: note.program });
    case 'onceScriptSucceeded':
      return entry(note.type, `${note.name} script succeeded`, { name: note.name });
    case 'onceScriptTimedOut':
      return entry(note.type, `${note.name} script timed out`, { name: note.name }, 'warn');
    case 'onceScriptFailed':
      return entry(note.type, `${note.name} script failed, ${note.reason}`, { name: note.name, reason: note.reason }, 'warn');
    case 'trialFailed':
      return entry(note.type, `New config failed validation, see ${note.path} for details`, { path: note.path }, 'warn');
    case 'reloadScheduled':
    case 'reloadCancelled':
    case 'reloadMoved':
    case 'reloadTimeRefused':
      return narrateReloadTime(note);
    case 'automaticPriorityOpen':
      return entry(note.type, 'NOTICE: setting config option max_auto_priority should result in better keepalived performance');
    default:
      return narrateControl(note);
  }
}

function realTimeLimitReached({ type, child }: Extract<ProcessNote, { readonly type: 'realTimeLimitReached' }>): LogEntry {
  const [process, keyword] = NAMES[child];
  return entry(type, `${process} process has used too much CPU time, ${keyword}_rlimit_rttime may need to be increased`, { child }, 'warn');
}

function narrateMailProcess(note: Extract<ProcessNote, { readonly type: 'mailProcessFailed' | 'mailsLost' }>): LogEntry {
  if (note.type === 'mailProcessFailed') return entry(note.type, `Mail process ended: ${note.reason}`, { reason: note.reason }, 'error');
  return entry(note.type, `${note.count} alert${note.count === 1 ? '' : 's'} not mailed: too many at once`, { count: note.count }, 'warn');
}

type ControlNote = Extract<ProcessNote, { readonly type: 'controlRefused' | 'controlEnded' | 'controlServiceJoined' | 'controlServiceMissing' | 'daemonJoined' | 'daemonGone' | 'httpDoor' | 'busJoined' | 'busLost' | 'snmpLink' }>;

function narrateControl(note: ControlNote | Parameters<typeof narrateDevice>[0]): LogEntry {
  switch (note.type) {
    case 'controlRefused': {
      const { path, reason } = note;
      return entry(note.type, `Control socket ${path} cannot be made: ${reason}`, { path, reason }, 'error');
    }
    case 'httpDoor': {
      const { address, reason } = note;
      if (reason === undefined) return entry('httpOpened', `Control API listens on http://${address}/`, { address });
      return entry('httpRefused', `Control API does not listen on http://${address}/: ${reason}`, { address, reason }, 'error');
    }
    case 'busJoined':
      return entry(note.type, `Acquired the name ${note.name} on the session bus`, { name: note.name });
    case 'busLost':
      return entry(note.type, `Lost the name ${note.name} on the session bus: ${note.reason}`, { name: note.name }, 'warn');
    case 'snmpLink': {
      const { address } = note;
      if (note.state !== 'lost') {
        return note.state === 'starting' ? entry('snmpStarting', 'Starting SNMP subagent', { address }) : entry('snmpJoined', `AgentX subagent connected to ${address}`, { address });
      }
      return entry('snmpLost', `No AgentX master at ${address}: ${note.reason}; trying again`, { address, reason: note.reason }, 'warn');
    }
    case 'controlEnded':
      return entry(note.type, `Control process ended (${note.reason}): starting it again`, { reason: note.reason }, 'warn');
    case 'controlServiceJoined':
      return entry(note.type, `Control service at ${note.path} joined`, { path: note.path });
    case 'controlServiceMissing': {
      const { path, reason } = note;
      return entry(note.type, `No control service at ${path} (${reason}); looking for it again`, { path, reason }, 'warn');
    }
    case 'daemonJoined':
    case 'daemonGone': {
      const { name, pid } = note;
      return entry(note.type, `${name} daemon (pid ${pid}) ${note.type === 'daemonGone' ? 'is gone' : 'is shown'}`, { name, pid });
    }
    default:
      return narrateDevice(note);
  }
}
