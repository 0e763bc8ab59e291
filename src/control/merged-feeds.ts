/**
 * What several daemons of one machine tell, as if it came from one: the halves of a split service behind one API. Each of them
 * numbers its own events; here they get numbers in the order of their coming.
 */

import type { Child } from '../runtime/children-events.js';
import type { DaemonFacts, DaemonPartFacts, Feed, NumberedEvent } from './feed.js';
import { DAEMON_NAMES } from './introduction.js';
import type { DaemonName, Introduction } from './introduction.js';
import type { ByHandStatus } from './status.js';

/** One connection of a daemon. */
export interface Source {
  readonly hear: (feed: Feed) => void;
  /** Nothing it showed holds any more. */
  readonly close: () => void;
}

export interface MergedFeeds {
  /** `name` was there before: what it showed then is replaced, what it told is not told again. */
  readonly open: (who: Pick<Introduction, 'name' | 'run'>) => Source;
}

interface Daemon {
  readonly run: string;
  facts: DaemonFacts | undefined;
  isGone: boolean;
  words: readonly ByHandStatus[];
  readonly shows: Set<Child>;
  lastEvent: number;
}

/**
 * Events of one millisecond that have numbers of their own. Numbers grow with the time, so that a reader who comes back to
 * another control process neither misses events nor gets many twice.
 */
const NUMBERS_PER_MILLISECOND = 100;

export function createMergedFeeds(onFeed: (feed: Feed) => void): MergedFeeds {
  const daemons = new Map<DaemonName, Daemon>();
  const numbered = createNumbers();
  const known = (): readonly (readonly [DaemonName, Daemon])[] => DAEMON_NAMES.flatMap((name) => {
    const daemon = daemons.get(name);
    return daemon === undefined ? [] : [[name, daemon] as const];
  });
  const showAll = (): void => {
    const facts = mergedFacts(known());
    onFeed({ type: 'byHand', words: known().flatMap(([, { words }]) => words) });
    if (facts !== undefined) onFeed({ type: 'daemon', facts });
  };
  const tellGone = (of: Child): void => {
    if (![...daemons.values()].some(({ shows }) => shows.has(of))) onFeed({ type: 'gone', of });
  };
  const drop = (daemon: Daemon, of: Child): void => {
    if (daemon.shows.delete(of)) tellGone(of);
  };
  const hear = (daemon: Daemon, feed: Feed): void => {
    switch (feed.type) {
      case 'daemon':
        daemon.facts = feed.facts;
        showAll();
        return;
      case 'picture': {
        // Two of one kind: that of the first counts.
        const [, owner] = known().find(([, { shows }]) => shows.has(feed.of)) ?? [];
        daemon.shows.add(feed.of);
        if (owner === undefined || owner === daemon) onFeed(feed);
        return;
      }
      case 'gone':
        drop(daemon, feed.of);
        return;
      case 'byHand':
        daemon.words = feed.words;
        showAll();
        return;
      case 'events': {
        const fresh = freshFor(daemon, feed.events);
        if (fresh.length > 0) onFeed({ type: 'events', events: numbered(fresh) });
        return;
      }
      case 'lag':
      case 'configuration':
        onFeed(feed);
        return;
      default:
        // The rest is between one daemon and whoever asked it.
    }
  };
  return {
    open: ({ name, run }) => {
      const before = daemons.get(name);
      const daemon: Daemon = { run, facts: undefined, isGone: false, words: [], shows: new Set(), lastEvent: before?.run === run ? before.lastEvent : 0 };
      daemons.set(name, daemon);
      before?.shows.forEach(tellGone);
      return {
        hear: (feed) => daemons.get(name) === daemon && hear(daemon, feed),
        close: () => {
          if (daemons.get(name) !== daemon) return;
          daemon.isGone = true;
          for (const of of daemon.shows) drop(daemon, of);
          daemon.words = [];
          showAll();
        },
      };
    },
  };
}

/** Those that it has not told before. */
function freshFor(daemon: Daemon, events: readonly NumberedEvent[]): readonly NumberedEvent[] {
  const fresh = events.filter(({ id }) => id > daemon.lastEvent);
  daemon.lastEvent = fresh.at(-1)?.id ?? daemon.lastEvent;
  return fresh;
}

/** Gives events their numbers. */
function createNumbers(): (events: readonly NumberedEvent[]) => readonly NumberedEvent[] {
  let last = 0;
  return (events) =>
    events.map((event) => {
      last = Math.max(last + 1, event.time * NUMBERS_PER_MILLISECOND);
      return { ...event, id: last };
    });
}

/** The first one's, with the processes of all that are there; undefined while none has said anything. */
function mergedFacts(known: readonly (readonly [DaemonName, Daemon])[]): DaemonFacts | undefined {
  const all = known.flatMap(([name, { facts, isGone }]) => (facts === undefined ? [] : [{ name, facts, isGone }]));
  const present = all.filter(({ isGone }) => !isGone);
  const first = (present[0] ?? all[0])?.facts;
  if (first === undefined) return undefined;
  const processes = new Map(present.toReversed().flatMap(({ facts }) => facts.processes.map((process) => [process.name, process] as const)));
  const parts: readonly DaemonPartFacts[] = all.map(({ name, facts: { pid, startedAt, generation, stopping }, isGone }) => ({ name, pid, startedAt, generation, stopping, isGone }));
  return { ...first, processes: [...processes.values()], stopping: present.some(({ facts }) => facts.stopping), daemons: parts };
}
