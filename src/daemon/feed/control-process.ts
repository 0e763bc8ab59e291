/** The control process as a child of the supervisor: started, spoken to over its channel, ended. */

import { fork } from 'node:child_process';
import { unlinkSync } from 'node:fs';

import type { ControlReport, ControlSettings } from '../../control/feed.js';
import { putInBackground } from '../../io/processes/background.js';
import { lendMaster } from './agentx-lender.js';
import { hearReport } from './control-end.js';
import type { Hearer, Running } from './control-end.js';
import type { EventLog } from './event-log.js';
import { createFeedQueue } from './feed-queue.js';

/** How long the daemon's own end waits for it, milliseconds. */
const FAREWELL = 500;

export function startProcess(settings: ControlSettings, log: EventLog, hearer: Hearer): Running {
  const forked = fork(process.argv[1] ?? '', ['control', JSON.stringify(settings)], {
    serialization: 'advanced',
    // What it hears is garbage as soon as there is a newer picture.
    execArgv: ['--max-semi-space-size=2'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  if (forked.pid !== undefined) putInBackground(forked.pid);
  const queue = createFeedQueue({ isOpen: () => forked.connected, send: (feed, sent) => forked.send(feed, sent) }, log);
  let owner = false;
  let ended = false;
  const over = (reason: string): void => {
    if (ended) return;
    ended = true;
    // It has no right to remove what it made as root.
    const { sockets } = settings;
    if (owner && sockets !== undefined) for (const path of [sockets.path, sockets.adminPath]) removeSocket(path);
    hearer.onEnd(reason);
  };
  forked.on('error', ({ message }) => {
    if (forked.pid === undefined) over(message);
  });
  forked.on('exit', (status, signal) => over(signal === null ? `status ${status}` : `signal ${signal}`));
  forked.on('message', (value) =>
    hearReport(value as ControlReport, hearer, queue, (report) => {
      if (report.type === 'masterWanted') {
        lendMaster(forked, settings.snmp?.master);
        return;
      }
      owner = report.type === 'listening';
      if (report.type === 'refused') hearer.onRefused(report.reason);
    }),
  );
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
