/**
 * The way to a control process that is a service of its own: a socket that only root may use, on either side. The daemon works
 * as well while nobody listens there.
 */

import { lstatSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';

import type { ControlSettings, HttpSettings } from '../../control/feed.js';
import { createFrameReader, frameOf } from '../../control/frames.js';
import { readToken } from '../../control/http-token.js';
import type { DaemonName, Introduction, ServedHttp, ServedSettings } from '../../control/introduction.js';
import { readReport } from '../../control/reports.js';
import { errorCodeOf } from '../../io/files/files.js';
import { hearReport } from './control-end.js';
import type { Hearer, Running } from './control-end.js';
import type { EventLog } from './event-log.js';
import { createFeedQueue } from './feed-queue.js';

export interface ControlService {
  /** Of its socket. */
  readonly path: string;
  /** Which daemon of the machine this one is. */
  readonly name: DaemonName;
}

/** Bytes of one report: a command has at most 64 KiB, and nothing else comes near it. */
const LONGEST_REPORT = 128 * 1_024;
/** How long the daemon's own end waits for what is on its way, milliseconds. */
const FAREWELL = 200;

/** This life of the daemon. */
const RUN = `${process.pid} ${Math.round(performance.timeOrigin)}`;

export function joinService({ path, name }: ControlService, first: ControlSettings, log: EventLog, hearer: Hearer): Running {
  let settings = first;
  let state: 'connecting' | 'joined' | 'over' = 'connecting';
  let reason = 'it has closed the connection';
  const socket = connect(path);
  const queue = createFeedQueue({ isOpen: () => state === 'joined', send: (feed, sent) => socket.write(frameOf(feed), sent) }, log);
  const introduce = (): void => {
    const introduction: Introduction = { type: 'introduction', name, run: RUN, pid: process.pid, settings: servedSettings(settings) };
    socket.write(frameOf(introduction));
  };
  const read = createFrameReader(LONGEST_REPORT, (message) => {
    const report = readReport(message);
    if (report !== undefined) hearReport(report, hearer, queue, () => undefined);
  });
  socket.on('connect', () => {
    const doubt = doubtAbout(path);
    if (doubt !== undefined) {
      reason = doubt;
      socket.destroy();
      return;
    }
    state = 'joined';
    // Before anything else, and that it has joined is an event already.
    introduce();
    hearer.onJoined();
    queue.work();
  });
  socket.on('data', (bytes: Buffer) => {
    if (read(bytes)) return;
    reason = 'it speaks another language';
    socket.destroy();
  });
  socket.on('error', (error) => {
    reason = errorCodeOf(error);
  });
  socket.on('close', () => {
    if (state === 'over') return;
    state = 'over';
    hearer.onEnd(reason);
  });
  return {
    queue,
    configure: (wanted) => {
      settings = wanted;
      if (state === 'joined') introduce();
    },
    end: (done) => {
      if (state === 'over') {
        done();
        return;
      }
      state = 'over';
      const giveUp = setTimeout(() => socket.destroy(), FAREWELL);
      socket.once('close', () => {
        clearTimeout(giveUp);
        done();
      });
      socket.end();
    },
  };
}

/** Tokens are read here: the service is nobody, and their files are root's. */
function servedSettings({ metricsNames, dbus, snmp, http }: ControlSettings): ServedSettings {
  return { metricsNames, ...(dbus && { dbus }), ...(snmp && { snmp }), ...(http === undefined ? {} : { http: servedHttp(http) }) };
}

function servedHttp({ tokenFile, groupId, adminTokenFile, adminGroupId }: HttpSettings): ServedHttp {
  const reading = readToken(tokenFile, groupId);
  if ('trouble' in reading) return reading;
  if (adminTokenFile === undefined) return { tokens: { reading: reading.token } };
  const commands = readToken(adminTokenFile, adminGroupId);
  return 'trouble' in commands ? commands : { tokens: { reading: reading.token, commands: commands.token } };
}

/** Why somebody else than root could listen there: what is fed holds secrets, and commands come back. */
function doubtAbout(path: string): string | undefined {
  try {
    const socket = lstatSync(path);
    const folder = statSync(dirname(path));
    if (!socket.isSocket()) return 'something else than a socket is there';
    if (!isRoots(socket)) return 'others than root may use the socket';
    return isRoots(folder) ? undefined : `others than root may write into ${dirname(path)}`;
  } catch (error) {
    return errorCodeOf(error);
  }
}

/** Nobody else may write. */
function isRoots({ uid, gid, mode }: Stats): boolean {
  return uid === 0 && (mode & 0o002) === 0 && ((mode & 0o020) === 0 || gid === 0);
}
