/**
 * Root of the control process: answers whoever asks what the daemon does, from what the supervisor passes on, and passes
 * commands to it. It has no privilege, knows no secret and can hold nobody up: whatever its clients do is its own trouble.
 */

import type { Server } from 'node:http';
import { Socket } from 'node:net';

import { createEventStreams } from '../control/event-streams.js';
import type { ControlReport, ControlSettings, Feed, SocketSettings } from '../control/feed.js';
import { createMetrics } from '../control/metrics/metrics.js';
import { createControlServer } from '../control/server.js';
import { createPendingCommands } from '../control/pending-commands.js';
import { listenOn } from '../control/socket.js';
import type { Outcome } from '../control/socket.js';
import { createWebhooks } from '../control/webhooks.js';
import { createControlState } from '../control/state.js';
import { giveMemoryBack, holdLittleMemory } from '../io/processes/memory.js';
import { makeExpendable } from '../io/processes/expendable.js';
import { openLogger } from '../io/logs/logger.js';
import type { LifecycleNote } from '../runtime/narrate/lifecycle.js';
import { narrateLifecycle } from '../runtime/narrate/lifecycle.js';
import { followEventLoopLag } from './children/event-loop-lag.js';
import { openHttp } from './feed/control-http.js';
import { dropPrivileges } from './children/privileges.js';
import { openBus, openSnmp } from './feed/surfaces-told.js';
import { webhookNote } from './feed/webhook-note.js';

/** Points: whoever asks can wait. */
const EXPENDABLE = 300;

/** sysexits.h EX_SOFTWARE: a bug. The supervisor starts another one. */
const BUG = 70;

/** Runs until its parent is gone or lets go of it. */
export function runControl(settingsText: string | undefined): void {
  makeExpendable(EXPENDABLE);
  holdLittleMemory();
  giveMemoryBack();
  const settings = JSON.parse(settingsText ?? '') as ControlSettings;
  const log = openLogger(settings.log);
  const tell = (note: LifecycleNote): void => log.log(narrateLifecycle(note));
  process.on('uncaughtException', (error) => {
    tell({ type: 'crashed', reason: error.stack ?? error.message });
    log.finish(() => process.exit(BUG));
  });
  const streams = createEventStreams();
  const state = createControlState(
    (events) => {
      streams.send(events);
      bus?.hear(events);
      webhooks.hear(events);
    },
    () => report({ type: 'looked' }),
  );
  followEventLoopLag((lag) => state.hear({ type: 'lag', of: 'control', lag }));
  const webhooks = createWebhooks({
    onDone: (webhook, id) => report({ type: 'posted', webhook, id }),
    tell: (webhook, note) => tell(webhookNote(webhook, note)),
  });
  const lenders: ((lent: Socket | string) => void)[] = [];
  const commands = createPendingCommands((id, command) => report({ type: 'command', id, command }));
  const metrics = createMetrics(settings.metricsNames, state.shown);
  const readers = createControlServer(state, streams, metrics);
  const admins = createControlServer(state, streams, metrics, { commands });
  // Both doors want root's rights to be opened, and nothing does after that.
  const settled = countdown(1 + [settings.sockets, settings.http, settings.dbus].filter((door) => door !== undefined).length, dropPrivileges);
  const http = settings.http && openHttp(settings.http, (door) => createControlServer(state, streams, metrics, { ...door, commands }), tell, settled);
  const bus = settings.dbus === undefined ? undefined : openBus(settings.dbus, tell, { status: state.status, request: (request) => report({ type: 'asked', request }), onSettled: settled });
  const snmp = settings.snmp === undefined ? undefined : openSnmp(settings.snmp, tell, {
    borrow: (done) => {
      lenders.push(done);
      report({ type: 'masterWanted' });
    },
    obey: (command, done) => commands.send(command, (answer) => done(answer.done)),
    onLook: state.looked,
  });
  // The supervisor ends this process when it is time, whoever else sends signals to all.
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  process.on('message', (value, handle) => {
    const feed = value as Feed;
    if (feed.type === 'answer') commands.answered(feed.id, feed.answer);
    else if (feed.type === 'master') lenders.shift()?.(handle instanceof Socket ? handle : (feed.refusal ?? 'nothing was lent'));
    else state.hear(feed);
    snmp?.hear(feed);
    if (feed.type === 'webhooks') webhooks.configure(feed.webhooks, state.eventsAfter(0));
    if (feed.type === 'daemon' || (feed.type === 'picture' && feed.of === 'vrrp')) bus?.changed();
  });
  const leave = (): void => {
    readers.close();
    admins.close();
    http?.close();
    bus?.close();
    snmp?.close();
    // Whoever lets go of this process kills it soon after.
    webhooks.finish(() => log.finish(() => process.exit(0)));
  };
  process.on('disconnect', leave);
  // The supervisor may have gone while this process was starting: then the event is past.
  if (!process.connected) setImmediate(leave);
  if (settings.sockets !== undefined) openSockets(settings.sockets, readers.server, admins.server, settled);
  settled();
}

function openSockets({ path, groupId, adminPath, adminGroupId }: SocketSettings, readers: Server, admins: Server, settled: () => void): void {
  const end = (outcome: Outcome): void => {
    settled();
    report(outcome);
  };
  listenOn(readers, path, groupId, (outcome) => {
    if (outcome.type === 'refused') end(outcome);
    else listenOn(admins, adminPath, adminGroupId, end);
  });
}

/** Calls `done` with the last of so many calls. */
function countdown(count: number, done: () => void): () => void {
  let left = count;
  return () => {
    left -= 1;
    if (left === 0) done();
  };
}

function report(message: ControlReport): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
