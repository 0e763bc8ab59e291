/**
 * Signals as events, for every process of the daemon. All that keepalived answers have a listener before a pid file says
 * where to send them, so none has its default effect: most would end the process.
 */

import { listenRealtimeSignal } from '../../io/processes/realtime-signals.js';
import type { DumpKind } from './ipc.js';

export interface SignalHandlers {
  readonly onReload: () => void;
  readonly onStop: () => void;
  /** Ctrl-C at a terminal. */
  readonly onInterrupt: () => void;
  readonly onDump: (kind: DumpKind) => void;
  /** Servers that manual_resume keeps out may come back. */
  readonly onResume: () => void;
  /** The supervisor: restart in place. A child whose supervisor is gone: its successor is ready. */
  readonly onReplace: () => void;
  /** The supervisor: end, and leave everything as it is for the daemon that is started next. */
  readonly onLeave: () => void;
  /** A signal keepalived knows and holdfast has nothing to do for: answered, never deadly. */
  readonly onUnsupported: (signal: string) => void;
}

/** keepalived's real-time signals on Linux: SIGRTMIN+2, SIGRTMAX-1 and SIGRTMAX. */
const JSON_SIGNAL = 36;
/** Ours: SIGRTMIN+3, which keepalived does not use. */
const RESUME_SIGNAL = 37;
/** Ours: SIGRTMIN+4. */
export const REPLACE_SIGNAL = 38;
/** Ours: SIGRTMIN+5. */
export const LEAVE_SIGNAL = 39;
const CLEAR_STATISTICS_SIGNAL = 63;
const THREAD_DUMP_SIGNAL = 64;

/** Listens for the life of the process. */
export function listenSignals(handlers: SignalHandlers): void {
  process.on('SIGHUP', handlers.onReload);
  process.on('SIGTERM', handlers.onStop);
  process.on('SIGINT', handlers.onInterrupt);
  process.on('SIGUSR1', () => handlers.onDump('data'));
  process.on('SIGUSR2', () => handlers.onDump('statistics'));
  // Node ignores SIGPIPE by itself; a listener says so.
  process.on('SIGPIPE', () => undefined);
  listenRealtimeSignal(CLEAR_STATISTICS_SIGNAL, () => handlers.onDump('statisticsAndClear'));
  listenRealtimeSignal(RESUME_SIGNAL, handlers.onResume);
  listenRealtimeSignal(REPLACE_SIGNAL, handlers.onReplace);
  listenRealtimeSignal(LEAVE_SIGNAL, handlers.onLeave);
  listenRealtimeSignal(JSON_SIGNAL, () => handlers.onDump('json'));
  listenRealtimeSignal(THREAD_DUMP_SIGNAL, () => handlers.onUnsupported('SIGTDUMP'));
}
