/**
 * The service manager that started this process (systemd's sd_notify protocol): told when it is ready, reloads or stops, and
 * that it is alive. Without one nothing is sent and nothing is held up.
 */

import type { Clock } from '../../base/time.js';
import { openDatagramSender } from '../sockets/datagram-sender.js';
import { sockaddrUn } from '../sockets/sockaddr.js';

export interface ServiceManager {
  /** Everything is at work, with the configuration in force: the first time and after each reload, well or not. */
  readonly ready: (status: string) => void;
  readonly reloading: () => void;
  readonly stopping: () => void;
  /** What a program needs that takes the place of this one, and no other one may have. */
  readonly environment: NodeJS.ProcessEnv;
}

const NOBODY: ServiceManager = { ready: () => undefined, reloading: () => undefined, stopping: () => undefined, environment: {} };

/**
 * Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of `environment`, so that no program started later speaks in this
 * one's name. The watchdog is fed at half its interval from the first `ready` on, by the event loop: a loop that hangs is
 * silent.
 */
export function openServiceManager(environment: NodeJS.ProcessEnv, clock: Clock): ServiceManager {
  const { NOTIFY_SOCKET: path, WATCHDOG_USEC: microseconds, WATCHDOG_PID: watched } = environment;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) Reflect.deleteProperty(environment, name);
  const send = path === undefined ? undefined : openSender(path);
  if (send === undefined) return NOBODY;
  const isWatched = watched === undefined || Number(watched) === process.pid;
  const interval = isWatched ? Number(microseconds ?? 0) / 2_000 : 0;
  let feeding: NodeJS.Timeout | undefined;
  return {
    ready: (status) => {
      send(`READY=1\nMAINPID=${process.pid}\nSTATUS=${status}`);
      if (interval > 0) feeding ??= setInterval(() => send('WATCHDOG=1'), interval).unref();
    },
    // systemd takes READY=1 for the end of the reload only when it knows when it began.
    reloading: () => send(`RELOADING=1\nMONOTONIC_USEC=${clock.now()}`),
    stopping: () => send('STOPPING=1'),
    environment: { NOTIFY_SOCKET: path, WATCHDOG_USEC: microseconds, WATCHDOG_PID: watched },
  };
}

/** Undefined when there can be no socket. A manager that does not read loses messages. */
function openSender(path: string): ((text: string) => void) | undefined {
  // An abstract address begins with a zero byte, written @.
  const address = path.startsWith('@') ? sockaddrUn(`\0${path.slice(1)}`).slice(0, -1) : sockaddrUn(path);
  const socket = openDatagramSender();
  return socket && ((text) => void socket.send(new TextEncoder().encode(text), address));
}
