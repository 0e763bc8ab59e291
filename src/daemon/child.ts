/**
 * What all child processes are made of: settings, logger, pid file, channel to the supervisor, and the end. Each root
 * says what configure, dump and stop mean.
 */

import type { Model } from '../conf/model.js';
import type { Child } from '../runtime/children-events.js';
import type { LifecycleNote } from '../runtime/narrate/lifecycle.js';
import { narrateLifecycle } from '../runtime/narrate/lifecycle.js';
import type { PoolReport } from '../health/events.js';
import { openClock } from '../io/clock.js';
import { KernelError } from '../io/kernel-error.js';
import { openPidFile } from '../io/files/pid-file.js';
import type { OpenLogger } from '../io/logs/logger.js';
import { openLogger } from '../io/logs/logger.js';
import type { PidFile } from '../io/files/pid-file.js';
import { makeExpendable } from '../io/processes/expendable.js';
import type { ChildSettings, DumpKind, PartOf, SessionChange, UpMessage } from './ipc.js';
import { parseDownMessage } from './ipc.js';
import { createPublisher } from './publisher.js';
import type { Publisher } from './publisher.js';
import { createSavedDumps } from './saved-dumps.js';
import type { SavedDumps } from './saved-dumps.js';
import { listenSignals } from './signals.js';

/** Points: without checks the table stays as it is, and those of VRRP and BFD hold addresses. */
const EXPENDABLE: Readonly<Record<Child, number>> = { vrrp: 0, checkers: 100, bfd: 0 };

/** Several heartbeats fit into the shortest silence the supervisor accepts of each. */
const HEARTBEAT_MILLISECONDS: Readonly<Record<Child, number>> = { vrrp: 100, checkers: 500, bfd: 500 };
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
  /** What the control process shows of this one; undefined = nothing yet. */
  readonly show: () => unknown;
  /** A BFD session that this child follows has changed. */
  readonly follow?: (change: SessionChange) => void;
  /** The VRRP instances that are master have become others. */
  readonly followMasters?: (masters: readonly string[]) => void;
  /** Quorums of virtual servers that this child tracks. */
  readonly followQuorums?: (quorums: PoolReport['quorums']) => void;
  /** An operator lets servers back in that manual_resume keeps out. */
  readonly resume?: (wanted: { readonly server?: string; readonly virtualServer?: string }) => void;
  /** Somebody looks at what `show` shows. */
  readonly looked?: () => void;
  /** The addresses of an instance are announced once more. */
  readonly announce?: (instance: string) => void;
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
  /** What `show` shows has changed, and nothing was told of it. */
  readonly refresh: () => void;
  /** Ends the process: everything is released. */
  readonly leave: () => void;
}

/** Makes this process a child of the supervisor that sent `settings`. */
export function enterChild<C extends Child>(child: C, settings: ChildSettings): ChildContext<C> {
  process.umask(settings.umask);
  const opened = openLogger(settings.log);
  let show = (): unknown => undefined;
  const publisher = createPublisher({ clock: openClock(), show: () => show(), send });
  const log: OpenLogger = {
    log: (entry) => {
      opened.log(entry);
      publisher.told(entry);
    },
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
      show = duties.show;
      listen(child, duties, publisher, createSavedDumps(child, duties.dataText, tell));
      pidFile = takePidFile(settings.pidFile, tell);
      setInterval(() => send({ type: 'alive' }), HEARTBEAT_MILLISECONDS[child]).unref();
      if (EXPENDABLE[child] > 0) makeExpendable(EXPENDABLE[child]);
      send({ type: 'ready' });
    },
    report: (message) => send(message),
    refresh: publisher.refresh,
    leave: () => {
      tell({ type: 'childStopped', ...process.cpuUsage() });
      end(0);
    },
  };
}

/**
 * `killall -HUP keepalived` and a terminal's Ctrl-C reach children as well: reload and stop are the supervisor's
 * business, so HUP and INT are ignored here. TERM is an orderly stop, and so is the loss of the supervisor.
 */
function listen<C extends Child>(child: C, duties: ChildDuties<C>, publisher: Publisher, saved: SavedDumps): void {
  const ending = createEnding(duties);
  process.on('message', (value) => {
    const message = parseDownMessage(child, value);
    if (message === undefined || ending.hasBegun()) return;
    if (message.type === 'dump') {
      duties.dump(message.kind);
      return;
    }
    if (message.type === 'overlaid') {
      duties.overlay?.(message);
      return;
    }
    if (message.type === 'looked') {
      duties.looked?.();
      return;
    }
    if (message.type === 'announce') {
      duties.announce?.(message.instance);
      return;
    }
    if (message.type === 'session') {
      duties.follow?.(message.change);
      return;
    }
    if (message.type === 'masters') {
      duties.followMasters?.(message.masters);
      return;
    }
    if (message.type === 'quorums') {
      duties.followQuorums?.(message.quorums);
      return;
    }
    if (message.type === 'resume') {
      duties.resume?.(message);
      return;
    }
    const { generation, part } = message;
    saved.before();
    publisher.configure(part.shown);
    // Log lines leave at the end of a turn: the supervisor's `complete` shall come after them.
    duties.configure(part, () => {
      saved.after(part.global);
      setImmediate(() => send({ type: 'configured', generation }));
      ending.configured();
    });
  });
  process.on('disconnect', ending.begin);
  // The supervisor may have gone while this process was starting: then the event is past.
  if (!process.connected) setImmediate(ending.begin);
  listenSignals({
    onReload: () => undefined,
    onInterrupt: () => undefined,
    onStop: ending.wanted,
    onDump: duties.dump,
    onResume: () => undefined,
    onUnsupported: () => undefined,
  });
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
