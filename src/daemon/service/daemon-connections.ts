/**
 * Daemons that feed a control service: who is there, what they are asked and what is said to them. Only root can connect, so what
 * they say is believed; a daemon that does not read is let go.
 */

import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

import type { ControlReport, Feed } from '../../control/feed.js';
import { createFrameReader, frameOf } from '../../control/frames.js';
import { DAEMON_NAMES, isIntroduction } from '../../control/introduction.js';
import type { DaemonName, Introduction } from '../../control/introduction.js';
import type { PendingCommands } from '../../control/pending-commands.js';

/** Bytes of one message: a picture of 100,000 servers is smaller. */
const LONGEST_FEED = 256 * 1_024 * 1_024;
/** Bytes that may wait for one daemon. */
const MOST_WAITING = 1_024 * 1_024;

export interface ConnectedDaemon {
  readonly introduction: Introduction;
  readonly report: (report: ControlReport) => void;
}

export interface DaemonEvents {
  /** Of a daemon that comes: who hears what it says from now on. */
  readonly onCome: (daemon: ConnectedDaemon) => { readonly hear: (feed: Feed) => void; readonly close: () => void };
  /** It has introduced itself again. */
  readonly onChanged: () => void;
}

export interface DaemonConnections {
  readonly server: Server;
  /** In the order in which their word counts. */
  readonly all: () => readonly ConnectedDaemon[];
  /** Whose matter the command is. */
  readonly inChargeOf: (command: Parameters<PendingCommands['send']>[0]) => ConnectedDaemon | undefined;
  readonly close: () => void;
}

export function createDaemonConnections({ onCome, onChanged }: DaemonEvents): DaemonConnections {
  const sockets = new Set<Socket>();
  const daemons = new Map<DaemonName, ConnectedDaemon>();
  const all = (): readonly ConnectedDaemon[] => DAEMON_NAMES.flatMap((name) => daemons.get(name) ?? []);
  const receive = (socket: Socket): void => {
    let daemon: ConnectedDaemon | undefined;
    let ears: ReturnType<DaemonEvents['onCome']> | undefined;
    const report = (said: ControlReport): void => {
      if (socket.writableLength > MOST_WAITING) socket.destroy();
      else if (socket.writable) socket.write(frameOf(said));
    };
    const introduced = (introduction: Introduction): void => {
      const isNew = daemon === undefined;
      daemon = { introduction, report };
      daemons.set(introduction.name, daemon);
      if (isNew) ears = onCome(daemon);
      onChanged();
    };
    const read = createFrameReader(LONGEST_FEED, (message) => {
      if (isIntroduction(message)) introduced(message);
      else ears?.hear(message as Feed);
    });
    sockets.add(socket);
    socket.on('data', (bytes: Buffer) => {
      if (!read(bytes)) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      ears?.close();
      if (daemon !== undefined && daemons.get(daemon.introduction.name) === daemon) daemons.delete(daemon.introduction.name);
    });
  };
  return {
    server: createServer(receive),
    all,
    inChargeOf: (command) => {
      const isInstances = 'instance' in command;
      const half: DaemonName = isInstances ? 'vrrp' : 'checkers';
      if (command.action === 'showConfiguration') return all()[0];
      return daemons.get('daemon') ?? daemons.get(half);
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
