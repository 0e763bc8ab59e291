/**
 * What the control process knows: the newest picture of each process and the events of late. It answers from that alone,
 * so a question costs no other process anything.
 */

import { unreachable } from '../base/unreachable.js';
import type { Child } from '../runtime/children-events.js';
import type { DaemonFacts, Feed, NumberedEvent, Picture } from './feed.js';
import { bfdStatus, lvsStatus } from './lvs-status.js';
import { isoTime } from './picture-time.js';
import type { ByHandStatus, ControlEvent, DaemonStatus, Status } from './status.js';
import { vrrpStatus } from './vrrp-status.js';

/** What is asked within this time of each other is one look, milliseconds. */
const LOOK = 2_000;
/** Events kept for those who come later. */
const HISTORY = 2_000;

export interface ControlState {
  readonly hear: (feed: Feed) => void;
  /** Somebody wants figures of now: those that cost something are worth their cost for a while. */
  readonly looked: () => void;
  readonly status: () => Status;
  /** The status as JSON; made once for all who ask between two changes. */
  readonly statusText: () => Buffer;
  /** Those after `id`, as far as they are kept, oldest first. */
  readonly eventsAfter: (id: number) => readonly ControlEvent[];
  readonly lastEventId: () => number;
}

/** `onEvents` hears of new events, in order; `onLook` that somebody looks, not each time of many. */
export function createControlState(onEvents: (events: readonly ControlEvent[]) => void, onLook: () => void = () => undefined): ControlState {
  let lookedAt = -Infinity;
  const pictures = new Map<Child, string>();
  let facts: DaemonFacts | undefined;
  let history: ControlEvent[] = [];
  let words: readonly ByHandStatus[] = [];
  let lastId = 0;
  let text: Buffer | undefined;

  const status = (): Status => {
    const vrrp = pictures.get('vrrp');
    const checkers = pictures.get('checkers');
    const bfd = pictures.get('bfd');
    return {
      version: 1,
      ...(facts === undefined ? {} : { daemon: daemonStatus(facts) }),
      ...(vrrp === undefined ? {} : { vrrp: vrrpStatus(JSON.parse(vrrp) as Picture<'vrrp'>) }),
      ...(checkers === undefined ? {} : { lvs: lvsStatus(JSON.parse(checkers) as Picture<'checkers'>) }),
      ...(words.length === 0 ? {} : { byHand: words }),
      ...(bfd === undefined ? {} : { bfd: bfdStatus(JSON.parse(bfd) as Picture<'bfd'>) }),
    };
  };
  const record = (events: readonly NumberedEvent[]): void => {
    const fresh = events.map(({ from, time, ...event }) => ({ ...event, time: isoTime(time), process: from }));
    history = [...history, ...fresh].slice(-HISTORY);
    lastId = history.at(-1)?.id ?? 0;
    onEvents(fresh);
  };
  return {
    hear: (feed) => {
      switch (feed.type) {
        case 'daemon':
          facts = feed.facts;
          text = undefined;
          return;
        case 'picture':
          pictures.set(feed.of, feed.text);
          text = undefined;
          return;
        case 'byHand':
          words = feed.words;
          text = undefined;
          return;
        case 'answer':
        case 'configuration':
        case 'master':
          return;
        case 'gone':
          pictures.delete(feed.of);
          text = undefined;
          return;
        case 'events':
          record(feed.events);
          return;
        default:
          return unreachable(feed);
      }
    },
    looked: () => {
      const now = performance.now();
      if (now - lookedAt < LOOK) return;
      lookedAt = now;
      onLook();
    },
    status,
    statusText: () => (text ??= Buffer.from(`${JSON.stringify(status())}\n`)),
    eventsAfter: (id) => history.filter((event) => event.id > id),
    lastEventId: () => lastId,
  };
}

function daemonStatus({ version, pid, startedAt, configurationFile: file, generation, loadedAt, stopping, processes }: DaemonFacts): DaemonStatus {
  return {
    version,
    pid,
    startedAt: isoTime(startedAt),
    stopping,
    configuration: { file, generation, loadedAt: isoTime(loadedAt) },
    processes,
  };
}
