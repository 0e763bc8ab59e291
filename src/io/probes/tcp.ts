/** TCP_CHECK: does the connection come up? Nothing is sent and the connection is closed at once, as keepalived does. */

import type { Clock, Micros } from '../../base/time.js';
import { micros } from '../../base/time.js';
import type { ConnectionOptions } from '../../health/config-check.js';
import type { Verdict } from '../../health/events.js';
import type { ConnectOutcome, ExchangeOutcome } from './connect-engine.js';
import { openConnectEngine } from './connect-engine.js';
import type { Endpoint } from './endpoint.js';
import { endpointOf } from './endpoint.js';
import { connectVerdict } from './failure.js';

export interface TcpProber {
  /** Answered once through the sink, possibly before this returns. */
  readonly start: (id: number, connection: ConnectionOptions, deadline: Micros) => void;
  readonly cancel: (id: number) => void;
  readonly close: () => void;
}

/** Opens the connect engine; see openConnectEngine for what it throws. */
export function openTcpProber(clock: Clock, onVerdict: (id: number, verdict: Verdict) => void): TcpProber {
  // The configuration objects live as long as the configuration, so each is laid out once.
  const endpoints = new WeakMap<ConnectionOptions, Endpoint>();
  const engine = openConnectEngine({
    onOutcome: (id, outcome, latency) => {
      onVerdict(id, tcpVerdict(outcome, latency));
    },
    onData: () => undefined,
  });
  return {
    start: (id, connection, deadline) => {
      let endpoint = endpoints.get(connection);
      if (endpoint === undefined) {
        endpoint = endpointOf(connection);
        endpoints.set(connection, endpoint);
      }
      const started = clock.now();
      const timeout = micros(Math.min(connection.connectTimeout, deadline - started));
      const outcome = engine.connect(id, endpoint, timeout);
      if (outcome !== undefined) onVerdict(id, tcpVerdict(outcome, micros(clock.now() - started)));
    },
    cancel: engine.cancel,
    close: engine.close,
  };
}

function tcpVerdict(outcome: ConnectOutcome | ExchangeOutcome, latency: Micros): Verdict {
  return outcome.type === 'failed' ? connectVerdict(outcome.step, outcome.code, latency) : { type: 'passed', latency };
}
