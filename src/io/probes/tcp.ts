/** TCP_CHECK: does the connection come up? Nothing is sent and the connection is closed at once, as keepalived does. */

import { given } from '../../base/given.js';
import type { Clock, Micros } from '../../base/time.js';
import { micros } from '../../base/time.js';
import type { ConnectionOptions } from '../../health/config-check.js';
import type { PassSeen, Series, Verdict } from '../../health/events.js';
import type { ConnectOutcome } from './connect-engine.js';
import { openConnector } from './connector.js';
import type { Endpoint } from './endpoint.js';
import { endpointOf } from './endpoint.js';
import { connectVerdict } from './failure.js';

export interface TcpProber {
  /**
   * Answered once through the sink, possibly before this returns. Of a series only the end is told: a failure at once, the last
   * pass up to a quarter of a second later.
   */
  readonly start: (id: number, connection: ConnectionOptions, deadline: Micros, series?: Series) => void;
  /** The series ends with the question under way, or with one that is asked now; a pass, too, is to be told at once. */
  readonly attend: (id: number) => void;
  /** The last passes of all series under way, where they were not told. */
  readonly seen: () => readonly PassSeen[];
  readonly cancel: (id: number) => void;
  /** As Connector's. */
  readonly beat: () => boolean;
  /** Tells everything that is known. */
  readonly drain: () => void;
  readonly close: () => void;
}

/** `at`: when it was so. */
export type TcpVerdictSink = (id: number, verdict: Verdict, at: Micros) => void;

/** Opens the connecting thread; see openConnector for what it throws. */
export function openTcpProber(clock: Clock, onVerdict: TcpVerdictSink): TcpProber {
  // The configuration objects live as long as the configuration, so each is laid out once.
  const endpoints = new WeakMap<ConnectionOptions, Endpoint>();
  const connector = openConnector((id, outcome, latency, at) => onVerdict(id, tcpVerdict(outcome, latency), at));
  return {
    start: (id, connection, deadline, series) => {
      let endpoint = endpoints.get(connection);
      if (endpoint === undefined) {
        endpoint = endpointOf(connection);
        endpoints.set(connection, endpoint);
      }
      const at = series?.at ?? clock.now();
      const timeout = micros(Math.min(connection.connectTimeout, deadline - at));
      const outcome = connector.connect(id, endpoint, { at, timeout, ...given({ quiet: series }) });
      if (outcome !== undefined) onVerdict(id, tcpVerdict(outcome, micros(0)), at);
    },
    attend: connector.attend,
    seen: () => {
      const seen: PassSeen[] = [];
      connector.look((id, latency, at) => void seen.push({ id, latency, at }));
      return seen;
    },
    cancel: connector.cancel,
    beat: connector.beat,
    drain: connector.take,
    close: connector.close,
  };
}

function tcpVerdict(outcome: ConnectOutcome, latency: Micros): Verdict {
  return outcome.type === 'failed' ? connectVerdict(outcome.step, outcome.code, latency) : { type: 'passed', latency };
}
