/**
 * The supervisor's child processes: forked from the same bundle, spoken to by ipc.ts, ended by signals. What happens to
 * them comes back as events of the children machine; nothing is decided here.
 */

import type { ChildProcess } from 'node:child_process';

import { unreachable } from '../../base/unreachable.js';
import type { FeedEvent } from '../../control/feed.js';
import type { PoolReport } from '../../health/events.js';
import type { GroupMarks } from '../../health/marks.js';
import type { ServiceKey } from '../../ipvs/tables.js';
import type { Alert } from '../../runtime/alert-text.js';
import type { Child, ChildrenEvent, Ending } from '../../runtime/children-events.js';
import type { Legacy } from '../../vrrp/events.js';
import type { ChildSettings, DownMessage, SessionChange, SettingsMessage, UpMessage } from './ipc.js';
import { packedMessage, parseUpMessage } from './ipc.js';
import type { PreparedChildren } from './prepared-children.js';
import { forkChild } from './prepared-children.js';

/** A status no child of ours uses: the process could not be started (sysexits.h EX_OSERR). */
const NOT_STARTED = 71;

export interface ChildProcesses {
  /** Answered by childStarted, or childExited without pid when the system refuses. */
  readonly spawn: (child: Child, settings: ChildSettings) => void;
  /** Does nothing for a child that has just died: its exit is an event. */
  readonly send: (child: Child, message: DownMessage) => void;
  readonly sendAll: (message: DownMessage) => void;
  /** TERM asks for an orderly stop; a child that has no handlers yet just ends. */
  readonly signal: (child: Child, signal: 'SIGTERM' | 'SIGKILL') => void;
}

/** What children say that is no event of the children machine. */
export interface ChildReports {
  /** What the VRRP process leaves to its successor or to the guardian, should it die. */
  readonly onLegacy: (legacy: Legacy, will: Uint8Array) => void;
  /** Which states its instances are about to have. */
  readonly onStates: (states: Legacy['states']) => void;
  readonly onAlert: (alert: Alert) => void;
  /** What the BFD process says of one of its sessions. */
  readonly onSession: (change: SessionChange) => void;
  /** What the checkers process says of its pools. */
  readonly onPools: (report: PoolReport) => void;
  /** nftables_ipvs: which group has which mark. */
  readonly onMarks: (marks: GroupMarks) => void;
  readonly onServices: (services: readonly ServiceKey[]) => void;
  /** What the VRRP process says of its instances: all that are master. */
  readonly onMasters: (masters: readonly string[]) => void;
  /** For the control process. */
  readonly onPicture: (child: Child, text: string) => void;
  readonly onEvents: (child: Child, events: readonly FeedEvent[], lost: number) => void;
  /** It has ended, and what it showed holds no longer. */
  readonly onGone: (child: Child) => void;
}

/** `prepared`: processes that wait for their settings already are taken first. */
export function createChildProcesses(
  prepared: Pick<PreparedChildren, 'take'>,
  deliver: (event: ChildrenEvent) => void,
  reports: ChildReports,
): ChildProcesses {
  const running = new Map<Child, ChildProcess>();
  const send = (child: Child, message: DownMessage): void => {
    const forked = running.get(child);
    if (forked?.connected) forked.send(packedMessage(message), () => undefined);
  };
  return {
    spawn: (child, settings) => {
      const forked = prepared.take(child) ?? forkChild(child);
      const { pid } = forked;
      // Raised for a failed fork, and later for a failed signal or message, which exit reports anyway.
      forked.on('error', () => {
        if (pid === undefined) deliver({ type: 'childExited', child, ending: { type: 'status', status: NOT_STARTED } });
      });
      if (pid === undefined) return;
      running.set(child, forked);
      forked.send({ type: 'settings', settings } satisfies SettingsMessage, () => undefined);
      deliver({ type: 'childStarted', child, pid });
      forked.on('message', (value) => {
        const message = parseUpMessage(value);
        if (message?.type === 'legacy') reports.onLegacy(message.legacy, message.will);
        else if (message?.type === 'states') reports.onStates(message.states);
        else if (message?.type === 'alert') reports.onAlert(message.alert);
        else if (message?.type === 'session') reports.onSession(message.change);
        else if (message?.type === 'pools') reports.onPools(message.report);
        else if (message?.type === 'marks') reports.onMarks(message.marks);
        else if (message?.type === 'services') reports.onServices(message.services);
        else if (message?.type === 'masters') reports.onMasters(message.masters);
        else if (message?.type === 'picture') reports.onPicture(child, message.text);
        else if (message?.type === 'events') reports.onEvents(child, message.events, message.lost);
        else if (message !== undefined) deliver(heard(child, pid, message));
      });
      forked.on('exit', (status, signal) => {
        if (running.get(child) === forked) running.delete(child);
        reports.onGone(child);
        deliver({ type: 'childExited', child, pid, ending: endingOf(status, signal) });
      });
    },
    send,
    sendAll: (message) => {
      for (const child of running.keys()) send(child, message);
    },
    signal: (child, signal) => void running.get(child)?.kill(signal),
  };
}

function heard(child: Child, pid: number, message: Exclude<UpMessage, { type: 'legacy' | 'states' | 'alert' | 'session' | 'masters' | 'picture' | 'events' | 'pools' | 'marks' | 'services' }>): ChildrenEvent {
  switch (message.type) {
    case 'ready':
      return { type: 'childReady', child, pid };
    case 'configured':
      return { type: 'childConfigured', child, pid, generation: message.generation };
    case 'alive':
      return { type: 'childAlive', child, pid };
    default:
      return unreachable(message);
  }
}

function endingOf(status: number | null, signal: NodeJS.Signals | null): Ending {
  return signal === null ? { type: 'status', status: status ?? NOT_STARTED } : { type: 'signal', signal };
}
