/**
 * The supervisor's end of the control process: started when the others are at work, unless the configuration wants no
 * socket, started again when it dies, and fed. A control process that does not listen costs the supervisor one message on
 * its way and what is newest.
 */

import { fork } from 'node:child_process';
import { unlinkSync } from 'node:fs';

import { present } from '../base/invariant.js';
import type { LogEntry } from '../base/log.js';
import { unreachable } from '../base/unreachable.js';
import type { CommandAnswer } from '../control/commands.js';
import type { ControlReport, ControlSettings, Feed, FeedEvent, Speaker } from '../control/feed.js';
import { putInBackground } from '../io/processes/background.js';
import type { WebhookConfig } from '../conf/model.js';
import type { Child } from '../runtime/children-events.js';
import type { LifecycleNote } from '../runtime/narrate/lifecycle.js';
import { lendMaster } from './agentx-lender.js';
import { createEventLog } from './event-log.js';
import type { EventLog } from './event-log.js';
import { createFeedQueue } from './feed-queue.js';
import type { FeedQueue } from './feed-queue.js';
import { feedEvent } from './publisher.js';
import { createWebhookBook } from './webhook-settings.js';

/** If the others are not at work by then, it is started to show why, milliseconds. */
const PATIENCE = 5_000;
/** Until it is started again, milliseconds: doubled each time it ends soon after. */
const RESTART = { first: 1_000, last: 60_000, longRun: 60_000 };
/** How long the daemon's own end waits for it, milliseconds. */
const FAREWELL = 500;

export interface ControlLink {
  /** Of the configuration in force; undefined = nobody is to be answered. `snmpText` is asked for where SNMP is served. */
  readonly configure: (settings: ControlSettings | undefined, snmpText: () => string, webhooks: WantedWebhooks) => void;
  readonly hasSettings: () => boolean;
  /** The others are at work: it takes no time from them now. */
  readonly begin: () => void;
  /** The newest of its kind. */
  readonly show: (feed: Extract<Feed, { type: 'daemon' | 'picture' | 'byHand' | 'configuration' }>) => void;
  readonly gone: (of: Child) => void;
  readonly events: (from: Speaker, events: readonly FeedEvent[], lost: number) => void;
  /** What the supervisor itself has told. */
  readonly told: (entry: LogEntry) => void;
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

export function createControlLink(tell: (note: LifecycleNote) => void, { obey, serve, looked }: Servants): ControlLink {
  /** The newest of each kind. */
  const known = new Map<string, Feed>();
  const log = createEventLog();
  let begun = false;
  let settings: ControlSettings | undefined;
  const book = createWebhookBook(tell);
  const keeper = createKeeper(tell, (onEnd) => {
    const wanted = present(settings, 'a control process is started for settings alone');
    const started = startProcess(wanted, log, {
      onRefused: (reason) => tell({ type: 'controlRefused', path: wanted.sockets?.path ?? '', reason }),
      onCommand: (id, command) => started.queue.put(`answer ${id}`, { type: 'answer', id, answer: obey(command) }),
      onLooked: looked,
      onPosted: book.done,
      onAsked: (request) => wanted.dbus !== undefined && serve(request),
      onEnd,
    });
    started.queue.put('webhooks', webhooks());
    for (const [key, feed] of known) started.queue.put(key, feed);
    return started;
  });
  const webhooks = (): Feed => ({ type: 'webhooks', webhooks: book.list() });
  const start = (): void => {
    if (settings !== undefined) keeper.start();
  };
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
      settings = wanted;
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
    finish: keeper.stop,
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

function createKeeper(tell: (note: LifecycleNote) => void, open: (onEnd: (reason: string) => void) => Running): Keeper {
  let running: Running | undefined;
  let timer: NodeJS.Timeout | undefined;
  let pace = createPace();
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
      tell({ type: 'controlEnded', reason });
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
      pace = createPace();
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

interface Running {
  readonly queue: FeedQueue;
  readonly end: (done: () => void) => void;
}

interface Hearer {
  readonly onRefused: (reason: string) => void;
  readonly onCommand: (id: number, command: unknown) => void;
  readonly onLooked: () => void;
  readonly onPosted: (webhook: number, id: number) => void;
  readonly onAsked: (request: unknown) => unknown;
  readonly onEnd: (reason: string) => void;
}

function startProcess(settings: ControlSettings, log: EventLog, { onRefused, onCommand, onLooked, onPosted, onAsked, onEnd }: Hearer): Running {
  const forked = fork(process.argv[1] ?? '', ['control', JSON.stringify(settings)], {
    serialization: 'advanced',
    // What it hears is garbage as soon as there is a newer picture.
    execArgv: ['--max-semi-space-size=2'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  if (forked.pid !== undefined) putInBackground(forked.pid);
  const queue = createFeedQueue(forked, log);
  let owner = false;
  let ended = false;
  const over = (reason: string): void => {
    if (ended) return;
    ended = true;
    // It has no right to remove what it made as root.
    const { sockets } = settings;
    if (owner && sockets !== undefined) for (const path of [sockets.path, sockets.adminPath]) removeSocket(path);
    onEnd(reason);
  };
  forked.on('error', ({ message }) => {
    if (forked.pid === undefined) over(message);
  });
  forked.on('exit', (status, signal) => over(signal === null ? `status ${status}` : `signal ${signal}`));
  forked.on('message', (value) => {
    const report = value as ControlReport;
    switch (report.type) {
      case 'asked':
        onAsked(report.request);
        return;
      case 'masterWanted':
        lendMaster(forked, settings.snmp?.master);
        return;
      case 'posted':
        onPosted(report.webhook, report.id);
        return;
      case 'looked':
        onLooked();
        return;
      case 'command':
        onCommand(report.id, report.command);
        return;
      case 'refused':
        owner = false;
        onRefused(report.reason);
        return;
      case 'listening':
        owner = true;
        return;
      default:
        unreachable(report);
    }
  });
  return {
    queue,
    end: (done) => {
      if (ended) {
        done();
        return;
      }
      const kill = setTimeout(() => forked.kill('SIGKILL'), FAREWELL);
      forked.once('exit', () => {
        clearTimeout(kill);
        done();
      });
      if (forked.connected) forked.disconnect();
    },
  };
}

function removeSocket(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody has removed it already.
  }
}
