/** What the supervisor has of a control process, be it a child or a service of its own, and who hears what it says. */

import { unreachable } from '../../base/unreachable.js';
import type { ControlReport, ControlSettings } from '../../control/feed.js';
import { linksNow } from '../../control/health.js';
import type { FeedQueue } from './feed-queue.js';

export interface Running {
  readonly queue: FeedQueue;
  /** It takes other settings without being started again. Absent = it does not. */
  readonly configure?: (settings: ControlSettings) => void;
  /** Calls back once, in a moment at the latest. */
  readonly end: (done: () => void) => void;
}

export interface Hearer {
  /** A service has been joined. */
  readonly onJoined: () => void;
  readonly onRefused: (reason: string) => void;
  readonly onCommand: (id: number, command: unknown) => void;
  readonly onLooked: () => void;
  readonly onPosted: (webhook: number, id: number) => void;
  readonly onAsked: (request: unknown) => unknown;
  readonly onEnd: (reason: string) => void;
}

/** Reports that are of one kind of control process only. */
type OwnReport = Extract<ControlReport, { readonly type: 'masterWanted' | 'refused' | 'listening' }>;

/** Hands on what a control process has said, or calls `other`. */
export function hearReport(report: ControlReport, hearer: Hearer, queue: FeedQueue, other: (report: OwnReport) => void): void {
  switch (report.type) {
    case 'asked':
      hearer.onAsked(report.request);
      return;
    case 'posted':
      hearer.onPosted(report.webhook, report.id);
      return;
    case 'looked':
      hearer.onLooked();
      return;
    case 'command':
      hearer.onCommand(report.id, report.command);
      return;
    case 'linksWanted':
      queue.put('links', { type: 'links', links: linksNow() });
      return;
    case 'masterWanted':
    case 'refused':
    case 'listening':
      other(report);
      return;
    default:
      unreachable(report);
  }
}
