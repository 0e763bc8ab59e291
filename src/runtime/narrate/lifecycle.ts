/** The log sentences about the life of a process: start, files read, dumps, end. No machine's notes. */

import type { LogEntry } from '../../base/log.js';
import type { Diagnostic } from '../../base/source.js';
import { formatDiagnostic } from '../../base/source.js';
import type { DeviceNote } from '../../vrrp/host/device-notes.js';
import { detail, entry } from './entry.js';
import { narrateProcess } from './process.js';
import type { ProcessNote } from './process.js';

export type LifecycleNote =
  | { readonly type: 'starting' | 'stopped'; readonly version: string }
  | { readonly type: 'runningOn'; readonly system: string }
  | { readonly type: 'commandLine'; readonly words: readonly string[] }
  /** Something about the command line that is worth knowing. */
  | { readonly type: 'remark'; readonly text: string }
  | { readonly type: 'openingFile' | 'configurationFile'; readonly path: string }
  | { readonly type: 'finding'; readonly diagnostic: Diagnostic }
  /** One line of -d. */
  | { readonly type: 'configurationLine'; readonly text: string }
  | { readonly type: 'alreadyRunning' }
  | { readonly type: 'childReloading' }
  /** CPU time of the child in microseconds. */
  | { readonly type: 'childStopped'; readonly user: number; readonly system: number }
  | { readonly type: 'dumping'; readonly subject: 'parent' | 'VRRP' | 'checker' | 'BFD'; readonly pid: number }
  | { readonly type: 'dumpingStatistics'; readonly clearing: boolean; readonly pid: number }
  | { readonly type: 'dumpingJson'; readonly pid: number }
  | { readonly type: 'signalIgnored'; readonly signal: string }
  | { readonly type: 'unwritable'; readonly path: string; readonly reason: string }
  /** What an earlier daemon knew of pools cannot be read. */
  | { readonly type: 'poolsForgotten'; readonly path: string; readonly reason: string }
  | { readonly type: 'netlinkChannel'; readonly channel: 'reflector' | 'command channel' }
  | { readonly type: 'announcementChannel' }
  | { readonly type: 'addressFound'; readonly interface: string; readonly address: string }
  /** --address-monitoring; VRRP names the interface, as keepalived does. */
  | { readonly type: 'addressReported'; readonly child: 'vrrp' | 'checkers'; readonly change: 'added' | 'removed'; readonly address: string; readonly interface: string }
  /** The picture of interfaces and addresses had gaps and is taken again. */
  | { readonly type: 'linkEventsLost'; readonly reason: string }
  | { readonly type: 'advertsRefused'; readonly interface: string; readonly reason: string }
  | { readonly type: 'announcementRefused'; readonly reason: string }
  /** A notify script of `subject`. */
  | { readonly type: 'commandNotRun'; readonly subject: string; readonly program: string; readonly reason: string }
  /** A file of the SSL block: checks over TLS are put off as long as that lasts. */
  | { readonly type: 'tlsMaterialUnusable'; readonly reason: string }
  | { readonly type: 'moduleNotLoaded'; readonly module: string; readonly reason: string }
  /** Its reader is slow or gone. */
  | { readonly type: 'fifoLineLost'; readonly path: string; readonly reason: string }
  | { readonly type: 'permissionMissing'; readonly operation: string }
  /** A bug: the process ends and is started again. */
  | { readonly type: 'crashed'; readonly reason: string }
  | DeviceNote
  | ProcessNote;

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
    case 'configurationLine':
      return entry(note.type, note.text);
    case 'alreadyRunning':
      return entry(note.type, 'daemon is already running');
    case 'childReloading':
      return entry(note.type, 'Reloading');
    case 'childStopped':
      return entry(note.type, `Stopped - used ${cpuTime(note.user)} user time, ${cpuTime(note.system)} system time`);
    case 'dumping':
    case 'dumpingStatistics':
    case 'dumpingJson':
      return dumping(note);
    case 'netlinkChannel':
      return entry(note.type, `Registering Kernel netlink ${note.channel}`);
    case 'announcementChannel':
      return entry(note.type, 'Registering gratuitous ARP shared channel');
    case 'addressFound':
    case 'addressReported':
      return aboutAddress(note);
    case 'linkEventsLost':
      return entry(note.type, `Netlink: Receive buffer overrun on monitor socket - (${note.reason})`, {}, 'warn');
    case 'advertsRefused': {
      const text = `VRRP socket on ${note.interface} failed: ${note.reason}`;
      return entry(note.type, text, { interface: note.interface, reason: note.reason }, 'error');
    }
    case 'announcementRefused':
      return entry(note.type, `Announcement failed: ${note.reason}`, { reason: note.reason }, 'error');
    case 'commandNotRun': {
      const { subject, program, reason } = note;
      return entry(note.type, `${subject}: cannot run '${program}': ${reason}`, { subject, program, reason }, 'error');
    }
    case 'tlsMaterialUnusable':
      return entry(note.type, `SSL: the files cannot be used (${note.reason}) - no SSL_GET is run`, { reason: note.reason }, 'error');
    case 'moduleNotLoaded':
      return moduleNotLoaded(note);
    case 'fifoLineLost':
      return entry(note.type, `notify fifo ${note.path} write error - ${note.reason}`, { path: note.path }, 'warn');
    case 'signalIgnored':
      return entry(note.type, `Signal ${note.signal} asks for a dump of threads, which there are none of - ignoring`, { signal: note.signal }, 'warn');
    case 'unwritable':
      return entry(note.type, `Unable to open ${note.path} - ${note.reason}`, { path: note.path }, 'error');
    case 'poolsForgotten':
      return poolsForgotten(note);
    case 'permissionMissing':
      return entry(note.type, `Missing permission: ${note.operation}`, { operation: note.operation }, 'error');
    case 'crashed':
      return entry(note.type, `Internal error, process ends: ${note.reason}`, {}, 'error');
    default:
      return narrateProcess(note);
  }
}

function dumping(note: Extract<LifecycleNote, { readonly type: 'dumping' | 'dumpingStatistics' | 'dumpingJson' }>): LogEntry {
  const { type, pid } = note;
  const what = type === 'dumping' ? `${note.subject} data` : type === 'dumpingJson' ? 'VRRP as json' : `${note.clearing ? 'and clearing ' : ''}VRRP stats`;
  return entry(type, `Printing ${what} for process(${pid}) on signal`, { pid });
}

function aboutAddress(note: Extract<LifecycleNote, { readonly type: 'addressFound' | 'addressReported' }>): LogEntry {
  const { address, interface: name } = note;
  if (note.type === 'addressFound') return detail(note.type, `Assigned address ${address} for interface ${name}`, { address, interface: name });
  const { type, child, change } = note;
  const where = child === 'checkers' ? '' : ` ${change === 'added' ? 'to' : 'from'} ${name}`;
  return entry(type, `Netlink reflector reports IP ${address} ${change}${where}`, { address, interface: name });
}

function poolsForgotten({ type, path, reason }: Extract<LifecycleNote, { readonly type: 'poolsForgotten' }>): LogEntry {
  return entry(type, `${path}, what was known of pools, cannot be read: ${reason} - servers that wait for an operator may come back`, { path, reason }, 'error');
}

function moduleNotLoaded({ type, module, reason }: Extract<LifecycleNote, { readonly type: 'moduleNotLoaded' }>): LogEntry {
  return entry(type, `Unable to load module ${module}: modprobe ended with ${reason}`, { module, reason }, 'warn');
}

/** Microseconds as keepalived prints seconds. */
function cpuTime(microseconds: number): string {
  return (microseconds / 1_000_000).toFixed(6);
}

/** One line: position first, so that editors and people find the place. */
function finding(diagnostic: Diagnostic): LogEntry {
  const { at, severity, code } = diagnostic;
  const level = severity === 'warning' ? 'warn' : severity;
  const text = formatDiagnostic(diagnostic).replace(/\n\s*/g, '; ');
  return entry('finding', text, { code, file: at.file, line: at.line, column: at.column }, level);
}
