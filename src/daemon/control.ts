/**
 * Root of the control process: answers whoever asks what the daemon does, from what the supervisor passes on, and passes
 * commands to it. It has no privilege, knows no secret and can hold nobody up: whatever its clients do is its own trouble.
 */

import type { Server } from 'node:http';
import { Socket } from 'node:net';

import { createEventStreams } from '../control/event-streams.js';
import type { DbusSettings } from '../control/dbus/paths.js';
import type { ControlReport, ControlSettings, Feed, SocketSettings } from '../control/feed.js';
import type { SnmpSettings } from '../control/snmp/settings.js';
import { createMetrics } from '../control/metrics/metrics.js';
import { createControlServer } from '../control/server.js';
import { createPendingCommands } from '../control/pending-commands.js';
import { listenOn } from '../control/socket.js';
import type { Outcome } from '../control/socket.js';
import { createWebhooks } from '../control/webhooks.js';
import type { WebhookNote } from '../control/webhook.js';
import { createControlState } from '../control/state.js';
import type { SnmpOptions } from '../control/snmp/surface.js';
import type { Status } from '../control/status.js';
import { makeExpendable } from '../io/processes/expendable.js';
import type { OpenLogger } from '../io/logs/logger.js';
import { openLogger } from '../io/logs/logger.js';
import type { LifecycleNote } from '../runtime/narrate/lifecycle.js';
import { narrateLifecycle } from '../runtime/narrate/lifecycle.js';
import { joinBus } from './bus.js';
import { openHttp } from './control-http.js';
import type { BusLink } from './bus.js';
import { dropPrivileges } from './privileges.js';
import { joinSnmp } from './snmp.js';
import type { SnmpLink } from './snmp.js';

/** Points: whoever asks can wait. */
const EXPENDABLE = 300;

/** sysexits.h EX_SOFTWARE: a bug. The supervisor starts another one. */
const BUG = 70;

/** Runs until its parent is gone or lets go of it. */
export function runControl(settingsText: string | undefined): void {
  makeExpendable(EXPENDABLE);
  const settings = JSON.parse(settingsText ?? '') as ControlSettings;
  const log = openLogger(settings.log);
  process.on('uncaughtException', (error) => {
    log.log(narrateLifecycle({ type: 'crashed', reason: error.stack ?? error.message }));
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
  const webhooks = createWebhooks({
    onDone: (webhook, id) => report({ type: 'posted', webhook, id }),
    tell: (webhook, note) => log.log(narrateLifecycle(webhookNote(webhook, note))),
  });
  const lenders: ((lent: Socket | string) => void)[] = [];
  const commands = createPendingCommands((id, command) => report({ type: 'command', id, command }));
  const metrics = createMetrics(settings.metricsNames, state.shown);
  const readers = createControlServer(state, streams, metrics);
  const admins = createControlServer(state, streams, metrics, { commands });
  // Both doors want root's rights to be opened, and nothing does after that.
  const settled = countdown(1 + [settings.sockets, settings.http, settings.dbus].filter((door) => door !== undefined).length, dropPrivileges);
  const http = settings.http && openHttp(settings.http, (door) => createControlServer(state, streams, metrics, { ...door, commands }), (note) => log.log(narrateLifecycle(note)), settled);
  const bus = settings.dbus === undefined ? undefined : openBus(settings.dbus, state.status, log, settled);
  const snmp = settings.snmp === undefined ? undefined : openSnmp(settings.snmp, log, {
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

function webhookNote(webhook: string, note: WebhookNote): LifecycleNote {
  switch (note.type) {
    case 'failing':
      return { type: 'webhookFailing', webhook, reason: note.reason };
    case 'works':
      return { type: 'webhookWorks', webhook, lost: note.lost };
    default:
      return { type: 'webhookRefused', webhook, status: note.status, count: note.count };
  }
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

function openBus(settings: DbusSettings, status: () => Status, log: OpenLogger, onSettled: () => void): BusLink {
  return joinBus({
    settings,
    status,
    request: (request) => report({ type: 'asked', request }),
    onOutcome: (outcome) => log.log(narrateLifecycle(outcome.type === 'acquired' ? { type: 'busJoined', name: settings.serviceName } : { type: 'busLost', name: settings.serviceName, reason: outcome.reason })),
    onSettled,
  });
}

function openSnmp(settings: SnmpSettings, log: OpenLogger, servants: Pick<SnmpOptions, 'borrow' | 'obey' | 'onLook'>): SnmpLink {
  const tell = (note: { readonly state: 'starting' | 'joined' } | { readonly state: 'lost'; readonly reason: string }): void =>
    log.log(narrateLifecycle({ type: 'snmpLink', address: settings.master, ...note }));
  tell({ state: 'starting' });
  return joinSnmp({
    settings,
    ...servants,
    onOutcome: tell,
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
