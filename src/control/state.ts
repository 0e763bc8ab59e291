/**
 * What the control process knows: the newest picture of each process and the events of late. It answers from that alone,
 * so a question costs no other process anything.
 */

import type { DaemonFacts, Feed, Lag, NumberedEvent } from './feed.js';
import { bfdStatus, lvsStatus } from './lvs-status.js';
import { createPart } from './part.js';
import type { Part, View } from './part.js';
import { eventLoop, isoTime } from './picture-time.js';
import { createRecordedEvents } from './recorded-events.js';
import { bfdLines, byHandLines, daemonLines, lvsLines, screenText, silentLines, transitionLines, vrrpLines } from './screen.js';
import type { BfdStatus, ByHandStatus, ControlEvent, DaemonStatus, LvsStatus, Status, VrrpStatus } from './status.js';
import { createTransitions } from './transitions.js';
import { vrrpStatus } from './vrrp-status.js';

/** What is asked within this time of each other is one look, milliseconds. */
const LOOK = 2_000;

export interface ControlState {
  readonly hear: (feed: Feed) => void;
  /** Somebody wants figures of now: those that cost something are worth their cost for a while. */
  readonly looked: () => void;
  readonly status: () => Status;
  /** The status with the times of the newest pictures, read or not: whether their processes show anything. */
  readonly shown: () => Status;
  /** The status as JSON; its large parts are written once for all who ask between two changes. */
  readonly statusText: () => Buffer;
  /** The status as one screen of text. */
  readonly screen: () => Buffer;
  /** Those after `id`, as far as they are kept, oldest first. */
  readonly eventsAfter: (id: number) => readonly ControlEvent[];
  readonly lastEventId: () => number;
}

interface Views {
  readonly vrrp: View<VrrpStatus> | undefined;
  readonly lvs: View<LvsStatus> | undefined;
  readonly bfd: View<BfdStatus> | undefined;
}

type Small = Pick<Status, 'version' | 'daemon' | 'byHand' | 'transitions' | 'filterRepairs' | 'control'>;

/**
 * Writes the status; the same bytes for all who ask between two changes, however many of them do not read. What is large is
 * written already.
 */
function sharedBytes(): (small: string, views: Views) => Buffer {
  let last: { readonly small: string; readonly views: readonly unknown[]; readonly bytes: Buffer } | undefined;
  return (small, views) => {
    const parts = [views.vrrp, views.lvs, views.bfd];
    if (last?.small !== small || last.views.some((view, i) => view !== parts[i])) last = { small, views: parts, bytes: Buffer.from(jsonText(small, views)) };
    return last.bytes;
  };
}

function jsonText(small: string, { vrrp, lvs, bfd }: Views): string {
  const large = Object.entries({ vrrp, lvs, bfd }).flatMap(([name, view]) => (view === undefined ? [] : [`"${name}":${view.json()}`]));
  return `${[small.slice(0, -1), ...large].join()}}\n`;
}

function drawn({ daemon, byHand, transitions = [] }: Small, { vrrp, lvs, bfd }: Views, now: number): string {
  const blocks = [vrrp, lvs, bfd].flatMap((view) => (view === undefined ? [] : [view.lines(now)]));
  const silent = silentLines(daemon, { vrrp, checkers: lvs, bfd });
  return screenText([daemonLines(daemon, now), ...blocks, silent, byHandLines(byHand, now), transitionLines(transitions, now)]);
}

/** `onEvents` hears of new events, in order; `onLook` that somebody looks, not each time of many. */
export function createControlState(onEvents: (events: readonly ControlEvent[]) => void, onLook: () => void = () => undefined): ControlState {
  const parts = {
    vrrp: createPart<'vrrp', VrrpStatus>(vrrpStatus, vrrpLines),
    checkers: createPart<'checkers', LvsStatus>(lvsStatus, lvsLines),
    bfd: createPart<'bfd', BfdStatus>(bfdStatus, bfdLines),
  };
  let facts: DaemonFacts | undefined;
  const lags: { supervisor?: Lag; control?: Lag } = {};
  const recorded = createRecordedEvents();
  let words: readonly ByHandStatus[] = [];
  const transitions = createTransitions();
  const shared = sharedBytes();
  const small = (): Small => {
    const last = transitions.last();
    return {
      version: 1,
      ...(facts === undefined ? {} : { daemon: { ...daemonStatus(facts), ...eventLoop(lags.supervisor) }, control: eventLoop(lags.control) }),
      ...(words.length === 0 ? {} : { byHand: words }),
      ...(last.length === 0 ? {} : { transitions: last }),
      ...recorded.repairs(),
    };
  };
  const views = (): Views => ({ vrrp: parts.vrrp.view(), lvs: parts.checkers.view(), bfd: parts.bfd.view() });
  const status = (): Status => {
    const { vrrp, lvs, bfd } = views();
    return { ...small(), ...(vrrp && { vrrp: vrrp.status }), ...(lvs && { lvs: lvs.status }), ...(bfd && { bfd: bfd.status }) };
  };
  const record = (events: readonly NumberedEvent[]): void => {
    const fresh = recorded.add(events);
    fresh.forEach(transitions.hear);
    onEvents(fresh);
  };
  return {
    hear: (feed) => {
      switch (feed.type) {
        case 'daemon':
          facts = feed.facts;
          return;
        case 'picture':
          parts[feed.of].put(feed.text);
          return;
        case 'lag':
          lags[feed.of] = feed.lag;
          return;
        case 'byHand':
          words = feed.words;
          return;
        case 'gone':
          parts[feed.of].drop();
          return;
        case 'events':
          record(feed.events);
          return;
        default:
          // The rest is for others.
          return;
      }
    },
    looked: notOften(onLook),
    status,
    shown: () => {
      const { vrrp, lvs, bfd, ...rest } = status();
      return { ...rest, ...(vrrp && { vrrp: asOf(vrrp, parts.vrrp) }), ...(lvs && { lvs: asOf(lvs, parts.checkers) }), ...(bfd && { bfd: asOf(bfd, parts.bfd) }) };
    },
    statusText: () => shared(JSON.stringify(small()), views()),
    screen: () => Buffer.from(drawn(small(), views(), Date.now())),
    eventsAfter: recorded.after,
    lastEventId: recorded.lastId,
  };
}

/** As of the newest picture. */
function asOf<S extends { readonly asOf: string }>(status: S, { shownAt }: Pick<Part<S>, 'shownAt'>): S {
  const at = shownAt();
  return at === undefined ? status : { ...status, asOf: isoTime(at) };
}

/** Calls `done` at the first of many calls. */
function notOften(done: () => void): () => void {
  let last = -Infinity;
  return () => {
    const now = performance.now();
    if (now - last < LOOK) return;
    last = now;
    done();
  };
}

function daemonStatus({ version, pid, startedAt, configurationFile: file, generation, loadedAt, digests, stopping, processes, daemons }: DaemonFacts): DaemonStatus {
  return {
    version,
    pid,
    startedAt: isoTime(startedAt),
    stopping,
    configuration: { file, generation, loadedAt: isoTime(loadedAt), ...(digests === undefined ? {} : { digests }) },
    processes,
    ...(daemons === undefined ? {} : { daemons: daemons.map((each) => ({ ...each, startedAt: isoTime(each.startedAt) })) }),
  };
}
