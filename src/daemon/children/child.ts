/**
 * What all child processes are made of: settings, logger, pid file, channel to the supervisor, and the end. Each root
 * says what configure, dump and stop mean.
 */

import { unreachable } from '../../base/unreachable.js';
import type { Model } from '../../conf/model.js';
import type { Child } from '../../runtime/children-events.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import { narrateLifecycle } from '../../runtime/narrate/lifecycle.js';
import type { PoolReport } from '../../health/events.js';
import type { InstanceSetting } from '../../vrrp/config.js';
import { openClock } from '../../io/clock.js';
import { KernelError } from '../../io/kernel-error.js';
import { isPidFileHeld, openPidFile } from '../../io/files/pid-file.js';
import type { OpenLogger } from '../../io/logs/logger.js';
import { openLogger } from '../../io/logs/logger.js';
import type { PidFile } from '../../io/files/pid-file.js';
import { makeExpendable } from '../../io/processes/expendable.js';
import { createEventLoopLag } from './event-loop-lag.js';
import type { ChildSettings, DownMessage, DumpKind, PartOf, SessionChange, UpMessage } from './ipc.js';
import { parseDownMessage } from './ipc.js';
import type { Relief } from '../restart/relief.js';
import { createPublisher, drawAtOnce } from '../feed/publisher.js';
import type { Drawing, Publisher } from '../feed/publisher.js';
import { createSavedDumps } from '../dumps/saved-dumps.js';
import type { SavedDumps } from '../dumps/saved-dumps.js';
import { listenSignals } from './signals.js';

/** Points: without checks the table stays as it is, and those of VRRP and BFD hold addresses. */
const EXPENDABLE: Readonly<Record<Child, number>> = { vrrp: 0, checkers: 100, bfd: 0 };

/** Several heartbeats fit into the shortest silence the supervisor accepts of each. */
const HEARTBEAT_MILLISECONDS: Readonly<Record<Child, number>> = { vrrp: 100, checkers: 500, bfd: 500 };
/** Beats that a thread may miss before that is told; one is a busy machine's. */
const MISSED_TOLD = 2;
/** sysexits.h EX_SOFTWARE: a bug. The supervisor starts such a child again; 1, 2 and 4 would end the daemon. */
const BUG = 70;
/** keepalived's status for it: no restart can help. */
const NO_PERMISSION = 4;

export interface ChildDuties<C extends Child> {
  /** Answer with `configured` when it is in force. */
  readonly configure: (part: PartOf<C>, configured: () => void) => void;
  readonly dump: (kind: DumpKind) => void;
  /** What the data file of the process says; undefined = nothing yet. */
  readonly dataText: () => string | undefined;
  /** What the control process shows of this one. */
  readonly draw: () => Drawing;
  /** Asked at each heartbeat: false when a part of the process that works beside the event loop has gone silent. Absent = there is none. */
  readonly beat?: () => boolean;
  /** A BFD session that this child follows has changed. */
  readonly follow?: (change: SessionChange) => void;
  /** The VRRP instances that are master have become others. */
  readonly followMasters?: (masters: readonly string[]) => void;
  /** Quorums of virtual servers that this child tracks. */
  readonly followQuorums?: (quorums: PoolReport['quorums']) => void;
  /** An operator lets servers back in that manual_resume keeps out. */
  readonly resume?: (wanted: { readonly server?: string; readonly virtualServer?: string }) => void;
  /** Somebody looks at what `draw` shows. */
  readonly looked?: () => void;
  /** The addresses of an instance are announced once more. */
  readonly announce?: (instance: string) => void;
  /** A manager has set something of an instance over SNMP. */
  readonly set?: (setting: InstanceSetting) => void;
  /** Leave, and leave everything as it is: another program takes over. */
  readonly relieve: (relief: Relief) => void;
  /** Only where `relieve` may go on: it does so as before. */
  readonly retain?: () => void;
  /** While it goes on by itself: the loss of the supervisor is no reason to stop. */
  readonly isOutliving?: () => boolean;
  /** While it goes on by itself: the successor is ready. */
  readonly succeeded?: () => void;
  /** The configuration in force with what operators have said since. Nothing before the first configuration. */
  readonly overlay?: (parts: Pick<Model, 'pool' | 'director'>) => void;
  /** Asked to stop, or the supervisor is gone. Called once; answer with `leave` of this child. */
  readonly stop: () => void;
  /**
   * What a process before this one has left can be removed by nobody else, and only the configuration tells what that is: a
   * stop waits until it is in force, unless the supervisor is gone.
   */
  readonly stopsConfigured?: true;
}

export interface ChildContext<C extends Child> {
  readonly settings: ChildSettings;
  readonly log: OpenLogger;
  readonly tell: (note: LifecycleNote) => void;
  /** Begins to listen to supervisor and signals, writes the pid file, reports `ready`. */
  readonly serve: (duties: ChildDuties<C>) => void;
  /** To the supervisor; lost when that is gone. */
  readonly report: (message: UpMessage) => void;
  /** What `draw` shows has changed, and nothing was told of it. */
  readonly refresh: () => void;
  /** Ends the process: everything is released. */
  readonly leave: () => void;
  /** Ends the process at once: what it held is another one's. */
  readonly quit: () => void;
}

/** Makes this process a child of the supervisor that sent `settings`. */
export function enterChild<C extends Child>(child: C, settings: ChildSettings): ChildContext<C> {
  process.umask(settings.umask);
  const opened = openLogger(settings.log);
  let draw = (): Drawing => drawAtOnce(undefined);
  const lag = createEventLoopLag(HEARTBEAT_MILLISECONDS[child]);
  const publisher = createPublisher({ clock: openClock(), lag: lag.shown, draw: () => draw(), send });
  const log: OpenLogger = {
    log: (entry) => {
      opened.log(entry);
      publisher.told(entry);
    },
    flush: opened.flush,
    finish: opened.finish,
  };
  const tell = (note: LifecycleNote): void => log.log(narrateLifecycle(note));
  let pidFile: PidFile | undefined;
  const end = (status: number): void => {
    pidFile?.remove();
    log.finish(() => process.exit(status));
  };
  process.on('uncaughtException', (error) => {
    const refused = error instanceof KernelError && (error.code === 'EPERM' || error.code === 'EACCES');
    if (refused) tell({ type: 'permissionMissing', operation: error.message });
    else tell({ type: 'crashed', reason: error.stack ?? error.message });
    end(refused ? NO_PERMISSION : BUG);
  });
  return {
    settings,
    log,
    tell,
    serve: (duties) => {
      ({ draw } = duties);
      const takeOffice = (): void => {
        pidFile ??= takePidFile(settings.pidFile, tell);
      };
      listen(child, duties, publisher, createSavedDumps(child, duties.dataText, tell), takeOffice);
      // At a restart in place it is the predecessor's until this process gets its configuration.
      if (!isPidFileHeld(settings.pidFile)) takeOffice();
      startHeartbeat(child, lag.beat, duties.beat, tell);
      if (EXPENDABLE[child] > 0) makeExpendable(EXPENDABLE[child]);
      send({ type: 'ready' });
    },
    report: (message) => send(message),
    refresh: publisher.refresh,
    quit: () => {
      pidFile?.remove();
      process.exit(0);
    },
    leave: () => {
      tell({ type: 'childStopped', ...process.cpuUsage() });
      end(0);
    },
  };
}

/** Not a word while a part of the process is silent: the supervisor replaces it as it replaces one that is silent as a whole. */
function startHeartbeat(child: Child, beat: () => void, isAtWork: (() => boolean) | undefined, tell: (note: LifecycleNote) => void): void {
  let missed = 0;
  const timer = setInterval(() => {
    beat();
    missed = isAtWork?.() === false ? missed + 1 : 0;
    if (missed === 0) send({ type: 'alive' });
    if (missed === MISSED_TOLD) tell({ type: 'threadSilent', milliseconds: MISSED_TOLD * HEARTBEAT_MILLISECONDS[child] });
  }, HEARTBEAT_MILLISECONDS[child]);
  timer.unref();
}

/**
 * `killall -HUP keepalived` and a terminal's Ctrl-C reach children as well: reload and stop are the supervisor's
 * business, so HUP and INT are ignored here. TERM is an orderly stop, and so is the loss of the supervisor.
 */
function listen<C extends Child>(child: C, duties: ChildDuties<C>, publisher: Publisher, saved: SavedDumps, takeOffice: () => void): void {
  const ending = createEnding(duties);
  process.on('message', (value) => {
    const message = parseDownMessage(child, value);
    if (message === undefined || ending.hasBegun()) return;
    if (message.type !== 'configure') {
      hear(message, duties);
      return;
    }
    const { generation, part } = message;
    takeOffice();
    saved.before();
    publisher.configure(part.shown);
    // Log lines leave at the end of a turn: the supervisor's `complete` shall come after them.
    duties.configure(part, () => {
      saved.after(part.global);
      setImmediate(() => send({ type: 'configured', generation }));
      ending.configured();
    });
  });
  process.on('disconnect', () => {
    if (duties.isOutliving?.() !== true) ending.begin();
  });
  // The supervisor may have gone while this process was starting: then the event is past.
  if (!process.connected) setImmediate(ending.begin);
  listenSignals({
    onReload: () => undefined,
    onInterrupt: () => undefined,
    onStop: ending.wanted,
    onDump: duties.dump,
    onResume: () => undefined,
    onReplace: () => duties.succeeded?.(),
    onLeave: () => undefined,
    onUnsupported: () => undefined,
  });
}

/** Everything but a configuration. */
function hear<C extends Child>(message: Exclude<DownMessage<PartOf<C>>, { readonly type: 'configure' }>, duties: ChildDuties<C>): void {
  switch (message.type) {
    case 'dump':
      duties.dump(message.kind);
      return;
    case 'overlaid':
      duties.overlay?.(message);
      return;
    case 'looked':
      duties.looked?.();
      return;
    case 'announce':
      duties.announce?.(message.instance);
      return;
    case 'instanceSet':
      duties.set?.(message.setting);
      return;
    case 'session':
      duties.follow?.(message.change);
      return;
    case 'masters':
      duties.followMasters?.(message.masters);
      return;
    case 'quorums':
      duties.followQuorums?.(message.quorums);
      return;
    case 'resume':
      duties.resume?.(message);
      return;
    case 'relieve':
      duties.relieve(message);
      return;
    case 'retain':
      duties.retain?.();
      return;
    default:
      unreachable(message);
  }
}

interface OrderlyEnd {
  /** Somebody asks for it. */
  readonly wanted: () => void;
  readonly configured: () => void;
  /** Now, whatever there is. */
  readonly begin: () => void;
  readonly hasBegun: () => boolean;
}

function createEnding({ stop, stopsConfigured }: Pick<ChildDuties<Child>, 'stop' | 'stopsConfigured'>): OrderlyEnd {
  let isConfigured = stopsConfigured !== true;
  let isWanted = false;
  let hasBegun = false;
  const begin = (): void => {
    if (hasBegun) return;
    hasBegun = true;
    stop();
  };
  return {
    begin,
    hasBegun: () => hasBegun,
    wanted: () => {
      isWanted = true;
      if (isConfigured) begin();
    },
    configured: () => {
      isConfigured = true;
      if (isWanted) begin();
    },
  };
}

function takePidFile(path: string, tell: (note: LifecycleNote) => void): PidFile | undefined {
  const opened = openPidFile(path);
  if (opened.type === 'opened') return opened.file;
  // A child works without its pid file: it is there for scripts.
  tell({ type: 'unwritable', path, reason: opened.type === 'locked' ? 'another process holds it' : opened.reason });
  return undefined;
}

function send(message: UpMessage, sent: () => void = () => undefined): void {
  if (process.connected) process.send?.(message, undefined, undefined, sent);
}
