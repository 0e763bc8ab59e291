/**
 * The supervisor's end of the control process: started when the others are at work, unless the configuration wants no
 * socket, started again when it dies, and fed; or looked for, where it is a service of its own. A control process that does not
 * listen costs the supervisor one message on its way and what is newest.
 */

import { present } from '../../base/invariant.js';
import type { LogEntry } from '../../base/log.js';
import type { CommandAnswer } from '../../control/commands.js';
import type { ControlSettings, Feed, FeedEvent, Speaker } from '../../control/feed.js';
import type { WebhookConfig } from '../../conf/model.js';
import type { Child } from '../../runtime/children-events.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import { startProcess } from './control-process.js';
import { joinService } from './control-service-link.js';
import type { ControlService } from './control-service-link.js';
import type { Hearer, Running } from './control-end.js';
import { followEventLoopLag } from '../children/event-loop-lag.js';
import { createEventLog } from './event-log.js';
import { feedEvent } from './publisher.js';
import { createWebhookBook } from './webhook-settings.js';

/** If the others are not at work by then, it is started to show why, milliseconds. */
const PATIENCE = 5_000;
/** Until it is started again, milliseconds: doubled each time it ends soon after. */
const RESTART = { first: 1_000, last: 60_000, longRun: 60_000 };
/** Until a service that is not there is looked for again, milliseconds. */
const LOOK_AGAIN = 1_000;

export interface ControlLink {
  /** Of the configuration in force; undefined = nobody is to be answered. `snmpText` is asked for where SNMP is served. */
  readonly configure: (settings: ControlSettings | undefined, snmpText: () => string, webhooks: WantedWebhooks) => void;
  readonly hasSettings: () => boolean;
  /** The others are at work: it takes no time from them now. */
  readonly begin: () => void;
  /** The newest of its kind. */
  readonly show: (feed: Extract<Feed, { type: 'daemon' | 'picture' | 'byHand' | 'configuration' | 'lag' }>) => void;
  readonly gone: (of: Child) => void;
  readonly events: (from: Speaker, events: readonly FeedEvent[], lost: number) => void;
  /** What the supervisor itself has told. */
  readonly told: (entry: LogEntry) => void;
  /** After a `finish` that was none. */
  readonly reopen: () => void;
  /** Ends the process and calls back once, in a moment at the latest. */
  readonly finish: (done: () => void) => void;
}

/** The webhooks of the configuration in force; `director` is this one's name. */
export interface WantedWebhooks {
  readonly configs: readonly WebhookConfig[];
  readonly director: string;
  readonly atStart: boolean;
}

/** Who carries out what operators ask for, and what programs on D-Bus ask for. */
export interface Servants {
  /** Somebody looks at what is shown. */
  readonly looked: () => void;
  readonly obey: (command: unknown) => CommandAnswer;
  readonly serve: (request: unknown) => void;
}

/** `service`: it is one of its own; without it the control process is a child of this one. */
export function createControlLink(tell: (note: LifecycleNote) => void, { obey, serve, looked }: Servants, service?: ControlService): ControlLink {
  /** The newest of each kind. */
  const known = new Map<string, Feed>();
  const log = createEventLog();
  let begun = false;
  let settings: ControlSettings | undefined;
  const book = createWebhookBook(tell);
  const manner = service === undefined ? childManner(tell) : serviceManner(service.path, tell);
  const keeper = createKeeper(manner, (onEnd) => {
    const wanted = present(settings, 'a control process is started for settings alone');
    const hearer: Hearer = {
      onJoined: manner.began,
      onRefused: (reason) => tell({ type: 'controlRefused', path: wanted.sockets?.path ?? '', reason }),
      onCommand: (id, command) => started.queue.put(`answer ${id}`, { type: 'answer', id, answer: obey(command) }),
      onLooked: looked,
      onPosted: book.done,
      onAsked: (request) => settings?.dbus !== undefined && serve(request),
      onEnd,
    };
    const started = service === undefined ? startProcess(wanted, log, hearer) : joinService(service, wanted, log, hearer);
    started.queue.put('webhooks', webhooks());
    for (const [key, feed] of known) started.queue.put(key, feed);
    return started;
  });
  const webhooks = (): Feed => ({ type: 'webhooks', webhooks: book.list() });
  const start = (): void => settings && keeper.start();
  const begin = (): void => {
    if (begun) return;
    begun = true;
    start();
  };
  const show: ControlLink['show'] = (feed) => {
    const key = feed.type === 'picture' ? feed.of : feed.type;
    known.set(key, feed);
    keeper.running()?.queue.put(key, feed);
  };
  const lag = createLagFollower(show);
  const record = (from: Speaker, events: readonly FeedEvent[], lost: number): void => {
    log.add(from, events, lost);
    keeper.running()?.queue.work();
  };
  return {
    configure: (wanted, snmpText, { configs, director, atStart }) => {
      book.configure(configs, director, atStart ? 0 : log.lastId());
      keeper.running()?.queue.put('webhooks', webhooks());
      if (wanted?.snmp === undefined) known.delete('configuration');
      else show({ type: 'configuration', text: snmpText() });
      if (JSON.stringify(wanted) === JSON.stringify(settings)) return;
      const { configure } = keeper.running() ?? {};
      settings = wanted;
      lag.follow(wanted !== undefined);
      if (wanted !== undefined && configure !== undefined) {
        configure(wanted);
        return;
      }
      keeper.stop(() => {
        if (begun) start();
        else keeper.wait(begin, PATIENCE);
      });
    },
    hasSettings: () => settings !== undefined,
    begin,
    show,
    gone: (of) => known.delete(of) && keeper.running()?.queue.put(of, { type: 'gone', of }),
    events: record,
    told: (entry) => entry.detail || record('supervisor', [feedEvent(entry)], 0),
    reopen: start,
    finish: keeper.stop,
  };
}

/** How late this process is, shown while anybody may look. */
function createLagFollower(show: ControlLink['show']): { readonly follow: (wanted: boolean) => void } {
  let end: (() => void) | undefined;
  return {
    follow: (wanted) => {
      end?.();
      end = wanted ? followEventLoopLag((lag) => show({ type: 'lag', of: 'supervisor', lag })) : undefined;
    },
  };
}

/** The one control process there is, started again when it dies. */
interface Keeper {
  readonly running: () => Running | undefined;
  readonly start: () => void;
  /** Calls `then` after so many milliseconds, unless it is started or stopped before. */
  readonly wait: (then: () => void, delay: number) => void;
  readonly stop: (done: () => void) => void;
}

/** What is told of the one control process, and when it is tried again. */
interface Manner {
  readonly began: () => void;
  readonly ended: (reason: string) => void;
  /** Anew: milliseconds until the next start of a process that ran for so many. */
  readonly pace: () => (ran: number) => number;
}

function childManner(tell: (note: LifecycleNote) => void): Manner {
  return { began: () => undefined, ended: (reason) => tell({ type: 'controlEnded', reason }), pace: createPace };
}

/** Told when it changes: a machine without the service is in order, too. */
function serviceManner(path: string, tell: (note: LifecycleNote) => void): Manner {
  let last: string | undefined;
  return {
    began: () => {
      last = undefined;
      tell({ type: 'controlServiceJoined', path });
    },
    ended: (reason) => {
      if (reason === last) return;
      last = reason;
      tell({ type: 'controlServiceMissing', path, reason });
    },
    pace: () => () => LOOK_AGAIN,
  };
}

function createKeeper({ ended, pace: newPace }: Pick<Manner, 'ended' | 'pace'>, open: (onEnd: (reason: string) => void) => Running): Keeper {
  let running: Running | undefined;
  let timer: NodeJS.Timeout | undefined;
  let pace = newPace();
  const wait = (then: () => void, delay: number): void => {
    timer = setTimeout(then, delay).unref();
  };
  const start = (): void => {
    clearTimeout(timer);
    if (running !== undefined) return;
    const startedAt = performance.now();
    const started = open((reason) => {
      if (running !== started) return;
      running = undefined;
      ended(reason);
      wait(start, pace(performance.now() - startedAt));
    });
    running = started;
  };
  return {
    running: () => running,
    start,
    wait,
    stop: (done) => {
      clearTimeout(timer);
      pace = newPace();
      const last = running;
      running = undefined;
      (last?.end ?? atOnce)(done);
    },
  };
}

/** Milliseconds until the next start of a process that ran for so many. */
function createPace(): (ran: number) => number {
  let delay = RESTART.first;
  return (ran) => {
    const wait = ran > RESTART.longRun ? RESTART.first : delay;
    delay = Math.min(wait * 2, RESTART.last);
    return wait;
  };
}

/** There is nothing to end. */
const atOnce = (done: () => void): void => done();

