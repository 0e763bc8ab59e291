/**
 * Root of the control process as a service of its own (`holdfast serve`): daemons connect and feed it, clients ask it, as they ask
 * the control process of a single daemon. It needs no right at all where systemd hands it its sockets, and neither daemons nor
 * clients notice when it is started again, but for a moment without answers.
 */

import type { Server } from 'node:net';

import { createEventStreams } from '../../control/event-streams.js';
import type { ControlReport } from '../../control/feed.js';
import { createMergedFeeds } from '../../control/merged-feeds.js';
import { createPendingCommands } from '../../control/pending-commands.js';
import { createControlServer } from '../../control/server.js';
import type { ControlServer, Door } from '../../control/server.js';
import { listenOn } from '../../control/socket.js';
import { adminSocketPath } from '../../control/socket-paths.js';
import { createControlState } from '../../control/state.js';
import type { ControlEvent } from '../../control/status.js';
import { openClock } from '../../io/clock.js';
import { openLogger } from '../../io/logs/logger.js';
import type { LogSettings } from '../../io/logs/logger.js';
import { makeExpendable } from '../../io/processes/expendable.js';
import { openServiceManager } from '../../io/processes/service-manager.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import { narrateLifecycle } from '../../runtime/narrate/lifecycle.js';
import { followEventLoopLag } from '../children/event-loop-lag.js';
import { dropPrivileges } from '../children/privileges.js';
import { openBus, openSnmp } from '../feed/surfaces-told.js';
import { createDaemonConnections } from './daemon-connections.js';
import type { ConnectedDaemon } from './daemon-connections.js';
import { handedSockets } from './handed-sockets.js';
import { createLinksAsked } from './links-asked.js';
import { createPostOffice } from './post-office.js';
import { createSurfaces } from './surfaces.js';

export interface ServiceOptions {
  /** Where sockets are made that systemd has not handed over. */
  readonly feedPath: string;
  readonly socketPath: string;
  /** Who may ask, and who may command, beside root. */
  readonly groupId: number;
  readonly adminGroupId: number;
  readonly log: LogSettings;
}

/** Points: whoever asks can wait. */
const EXPENDABLE = 300;
/** sysexits.h EX_SOFTWARE. */
const BUG = 70;
const NO_SOCKET = 1;
/** Clients at the same time. */
const MOST_OVER_HTTP = 64;

/** Runs until a signal ends it. */
export function runControlService(options: ServiceOptions): void {
  makeExpendable(EXPENDABLE);
  const manager = openServiceManager(process.env, openClock());
  const log = openLogger(options.log);
  const tell = (note: LifecycleNote): void => log.log(narrateLifecycle(note));
  process.on('uncaughtException', (error) => {
    tell({ type: 'crashed', reason: error.stack ?? error.message });
    log.finish(() => process.exit(BUG));
  });
  const { servers, close } = createService(tell);
  const leave = (): void => {
    manager.stopping();
    close(() => log.finish(() => process.exit(0)));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, leave);
  for (const signal of ['SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => undefined);
  openAll(options, servers, (refusal) => {
    if (refusal === undefined) {
      dropPrivileges();
      manager.ready('daemons and clients are answered');
      return;
    }
    tell({ type: 'controlRefused', ...refusal });
    log.finish(() => process.exit(NO_SOCKET));
  });
}

/** Nothing listens yet. */
function createService(tell: (note: LifecycleNote) => void): { readonly servers: Servers; readonly close: (done: () => void) => void } {
  const streams = createEventStreams();
  const happened = (events: readonly ControlEvent[]): void => {
    streams.send(events);
    surfaces.happened(events);
  };
  const state = createControlState(happened, () => connections.all().forEach(({ report }) => report({ type: 'looked' })));
  followEventLoopLag((lag) => state.hear({ type: 'lag', of: 'control', lag }));
  const merged = createMergedFeeds((feed) => {
    state.hear(feed);
    surfaces.hear(feed);
  });
  const commands = createPendingCommands((id, command) => {
    const daemon = connections.inChargeOf(command);
    if (daemon === undefined) commands.answered(id, { done: false, error: 'the daemon that would do it is not there' });
    else daemon.report({ type: 'command', id, command });
  });
  const reportToFirst = (report: ControlReport): boolean => {
    const [first] = connections.all();
    first?.report(report);
    return first !== undefined;
  };
  const links = createLinksAsked(() => reportToFirst({ type: 'linksWanted' }));
  const posts = createPostOffice(tell);
  const connections = createDaemonConnections({
    onCome: (daemon) => {
      const ears = [merged.open(daemon.introduction), posts.open(daemon.report)];
      tell({ type: 'daemonJoined', ...nameOf(daemon) });
      return {
        hear: (feed) => {
          if (feed.type === 'answer') commands.answered(feed.id, feed.answer);
          else if (feed.type === 'links') links.answered(feed.links);
          for (const ear of ears) ear.hear(feed);
        },
        close: () => {
          tell({ type: 'daemonGone', ...nameOf(daemon) });
          for (const ear of ears) ear.close();
        },
      };
    },
    onChanged: () => surfaces.configure(connections.all().map(({ introduction }) => introduction.settings)),
  });
  const surfaces = createSurfaces({
    state,
    openBus: (settings) => openBus(settings, tell, { status: state.status, request: (request) => void reportToFirst({ type: 'asked', request }), onSettled: () => undefined }),
    openSnmp: (settings) =>
      openSnmp(settings, tell, {
        borrow: (done) => done('its socket is not for the user of this service'),
        obey: (command, done) => commands.send(command, (answer) => done(answer.done)),
        onLook: state.looked,
      }),
    onTrouble: (reason) => tell({ type: 'httpDoor', address: 'the socket of its unit', reason }),
  });
  const door = (more: Door): ControlServer => createControlServer(state, streams, surfaces.metrics, { links: links.ask, ...more });
  const doors = { control: door({}), admin: door({ commands }), http: door({ commands, guard: surfaces.guard, mostConnections: MOST_OVER_HTTP }) };
  return {
    servers: { feed: connections.server, control: doors.control.server, admin: doors.admin.server, http: doors.http.server },
    close: (done) => {
      for (const each of Object.values(doors)) each.close();
      surfaces.close();
      connections.close();
      posts.finish(done);
    },
  };
}

const nameOf = ({ introduction: { name, pid } }: ConnectedDaemon): { readonly name: string; readonly pid: number } => ({ name, pid });

interface Servers {
  readonly feed: Server;
  readonly control: Server;
  readonly admin: Server;
  /** Only where it is handed over. */
  readonly http: Server;
}

/** Calls back when all listen, or with the first that cannot. */
function openAll({ feedPath, socketPath, groupId, adminGroupId }: ServiceOptions, servers: Servers, done: (refusal?: { readonly path: string; readonly reason: string }) => void): void {
  const handed = handedSockets(process.env);
  const plans = [
    { name: 'feed', path: feedPath, group: 0 },
    { name: 'control', path: socketPath, group: groupId },
    { name: 'admin', path: adminSocketPath(socketPath), group: adminGroupId },
  ] as const;
  const http = handed.get('http');
  if (http !== undefined) servers.http.listen({ fd: http });
  const next = (index: number): void => {
    const plan = plans[index];
    if (plan === undefined) {
      done();
      return;
    }
    const fd = handed.get(plan.name);
    if (fd !== undefined) servers[plan.name].listen({ fd }, () => next(index + 1));
    else listenOn(servers[plan.name], plan.path, plan.group, (outcome) => (outcome.type === 'listening' ? next(index + 1) : done({ path: plan.path, reason: outcome.reason })));
  };
  next(0);
}
