/** Error codes of sockets as verdicts: what is the server's fault and what is ours. */

import type { Micros } from '../../base/time.js';
import type { Verdict } from '../../health/events.js';
import type { ConnectStep } from './connect-engine.js';

/** Says nothing about the server: no port, descriptor or memory left on this machine. */
const OUR_TROUBLE = new Set(['EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRINUSE']);

/** The verdict on a connection that did not come about, or broke while it was used; `code` is the errno's name. */
export function connectVerdict(step: ConnectStep | 'send' | 'read', code: string, latency: Micros): Verdict {
  switch (step) {
    case 'socket':
    case 'bind':
      return { type: 'local', operation: step, code };
    case 'connect':
      if (OUR_TROUBLE.has(code)) return { type: 'local', operation: code.startsWith('EADDR') ? 'bind' : 'socket', code };
      return { type: 'failed', failure: { type: connectFailure(code) }, latency };
    case 'send':
      return { type: 'failed', failure: { type: 'sendFailed' }, latency };
    case 'read':
      return { type: 'failed', failure: { type: code === 'ETIMEDOUT' ? 'readTimeout' : 'readFailed' }, latency };
  }
}

function connectFailure(code: string): 'refused' | 'unreachable' | 'hostUnreachable' | 'connectTimeout' | 'connectionFailed' {
  switch (code) {
    case 'ECONNREFUSED':
      return 'refused';
    case 'ENETUNREACH':
    case 'ENETDOWN':
      return 'unreachable';
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
      return 'hostUnreachable';
    case 'ETIMEDOUT':
      return 'connectTimeout';
    default:
      return 'connectionFailed';
  }
}
