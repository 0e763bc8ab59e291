/**
 * Plain HTTP questions on the addon's engine: the request of http-request.ts, the reply read as it comes. The same judgement
 * as every other carrier's at half the cost of a node:net socket; connect_timeout and deadline are kept by the engine.
 */

import type { Clock, Micros } from '../../base/time.js';
import { micros } from '../../base/time.js';
import type { ConnectionOptions } from '../../health/config-check.js';
import type { Verdict } from '../../health/events.js';
import type { BodySearch } from './body-search.js';
import { openConnectEngine } from './connect-engine.js';
import type { ConnectOutcome, ExchangeOutcome } from './connect-engine.js';
import { type Endpoint, endpointOf } from './endpoint.js';
import { connectVerdict } from './failure.js';
import type { HttpJudge } from './http-judge.js';
import { HttpReplyReader } from './http-reply.js';
import { httpRequest } from './http-request.js';
import type { HttpOutcome, HttpQuestion } from './http-transport.js';

export interface PlainHttpProber {
  /** Answered once through one of the sinks, possibly before this returns. */
  readonly start: (id: number, question: HttpQuestion, deadline: Micros) => void;
  readonly cancel: (id: number) => void;
  readonly close: () => void;
}

interface Probe {
  readonly question: HttpQuestion;
  readonly search: BodySearch | undefined;
  readonly started: Micros;
  readonly reader: HttpReplyReader;
}

/** Opens an engine; see openConnectEngine for what it throws. */
export function openPlainHttpProber(
  clock: Clock,
  { judge, searchFor, budget, cancel: forget }: Omit<HttpJudge, 'close'>,
  onVerdict: (id: number, verdict: Verdict) => void,
): PlainHttpProber {
  const endpoints = new WeakMap<ConnectionOptions, Endpoint>();
  const probes = new Map<number, Probe>();

  const finish = (id: number, probe: Probe, outcome: HttpOutcome, latency: Micros): void => {
    probes.delete(id);
    judge(id, outcome, probe, latency);
  };
  const engine = openConnectEngine({
    onData: (id, bytes) => {
      const probe = probes.get(id);
      const outcome = probe?.reader.add(bytes);
      if (probe === undefined) return;
      if (outcome === undefined) {
        if (probe.reader.mustWait(() => engine.resume(id))) engine.pause(id);
        return;
      }
      engine.cancel(id);
      finish(id, probe, outcome, micros(clock.now() - probe.started));
    },
    onOutcome: (id, outcome, latency) => {
      const probe = probes.get(id);
      if (probe === undefined) return;
      if (outcome.type !== 'failed') finish(id, probe, probe.reader.end(), latency);
      else fail(id, outcome, latency);
    },
  });
  const fail = (id: number, outcome: Extract<ConnectOutcome | ExchangeOutcome, { type: 'failed' }>, latency: Micros): void => {
    const begun = probes.get(id)?.reader.hasBegun === true;
    probes.delete(id);
    forget(id);
    const late = outcome.step === 'read' && outcome.code === 'ETIMEDOUT' && begun;
    onVerdict(id, late ? { type: 'failed', failure: { type: 'readTimeout', begun }, latency } : connectVerdict(outcome.step, outcome.code, latency));
  };
  return {
    start: (id, question, deadline) => {
      const { connection, url } = question;
      let endpoint = endpoints.get(connection);
      if (endpoint === undefined) {
        endpoint = endpointOf(connection);
        endpoints.set(connection, endpoint);
      }
      const started = clock.now();
      const search = searchFor(id, question);
      probes.set(id, { question, search, started, reader: new HttpReplyReader(url, { search, budget }) });
      const time = { step: connection.connectTimeout, whole: micros(deadline - started) };
      const failed = engine.exchange(id, endpoint, Buffer.from(httpRequest(question), 'latin1'), time);
      if (failed?.type === 'failed') fail(id, failed, micros(clock.now() - started));
    },
    cancel: (id) => {
      if (probes.delete(id)) engine.cancel(id);
    },
    close: () => {
      probes.clear();
      engine.close();
    },
  };
}
