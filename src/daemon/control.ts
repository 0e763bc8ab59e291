/**
 * Root of the control process: answers whoever asks what the daemon does, from what the supervisor passes on, and passes
 * commands to it. It has no privilege, knows no secret and can hold nobody up: whatever its clients do is its own trouble.
 */

import { createEventStreams } from '../control/event-streams.js';
import type { ControlReport, ControlSettings, Feed } from '../control/feed.js';
import { createMetrics } from '../control/metrics/metrics.js';
import { createControlServer } from '../control/server.js';
import { createPendingCommands } from '../control/pending-commands.js';
import { listenOn } from '../control/socket.js';
import { createControlState } from '../control/state.js';
import { openLogger } from '../io/logger.js';
import { narrateLifecycle } from '../runtime/narrate-lifecycle.js';
import { dropPrivileges } from './privileges.js';

/** sysexits.h EX_SOFTWARE: a bug. The supervisor starts another one. */
const BUG = 70;

/** Runs until its parent is gone or lets go of it. */
export function runControl(settingsText: string | undefined): void {
  const settings = JSON.parse(settingsText ?? '') as ControlSettings;
  const log = openLogger(settings.log);
  process.on('uncaughtException', (error) => {
    log.log(narrateLifecycle({ type: 'crashed', reason: error.stack ?? error.message }));
    log.finish(() => process.exit(BUG));
  });
  const streams = createEventStreams();
  const state = createControlState(streams.send);
  const commands = createPendingCommands((id, command) => report({ type: 'command', id, command }));
  const metrics = createMetrics(settings.metricsNames, state.status);
  const readers = createControlServer(state, streams, metrics);
  const admins = createControlServer(state, streams, metrics, commands);
  // The supervisor ends this process when it is time, whoever else sends signals to all.
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  process.on('message', (value) => {
    const feed = value as Feed;
    if (feed.type === 'answer') commands.answered(feed.id, feed.answer);
    else state.hear(feed);
  });
  process.on('disconnect', () => {
    readers.close();
    admins.close();
    log.finish(() => process.exit(0));
  });
  listenOn(readers.server, settings.socket, settings.groupId, (outcome) => {
    if (outcome.type === 'refused') {
      dropPrivileges();
      report(outcome);
      return;
    }
    listenOn(admins.server, settings.adminSocket, settings.adminGroupId, (second) => {
      dropPrivileges();
      report(second);
    });
  });
}

function report(message: ControlReport): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
