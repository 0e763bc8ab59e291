/**
 * HTTP_GET and SSL_GET: asks once and judges the answer. Plain questions go to the addon's engine (http-plain.ts); TLS goes
 * over Node's streams (http-exchange.ts), HTTP/1.1 judged by status or as JSON to undici (http-undici.ts), HTTP/2 and gRPC to
 * http-http2.ts. For these time is kept here: connect_timeout bounds the connection and every later step, the probe's deadline bounds the whole.
 */

import type { Clock, Micros } from '../../base/time.js';
import { after, earliest, isDue, micros } from '../../base/time.js';
import type { ProbeFailure, Verdict } from '../../health/events.js';
import { exchangeHttp } from './http-exchange.js';
import { exchangeHttp2 } from './http-http2.js';
import { type PlainHttpProber, openPlainHttpProber } from './http-plain.js';
import { openHttpJudge } from './http-judge.js';
import type { HttpEvents, HttpExchange, HttpPhase, HttpQuestion } from './http-transport.js';
import { askUndici, canAskUndici } from './http-undici.js';
import { type TlsClient, createTlsClient } from './tls-client.js';

export interface HttpProber {
  /** Answered once through the sink, at the latest when `deadline` has passed. */
  readonly start: (id: number, question: HttpQuestion, deadline: Micros) => void;
  readonly cancel: (id: number) => void;
  /** The SSL block. */
  readonly configureTls: TlsClient['configure'];
  readonly close: () => void;
}

interface Probe {
  readonly question: HttpQuestion;
  readonly started: Micros;
  readonly deadline: Micros;
  phase: HttpPhase | 'connecting';
  /** When the step under way began. */
  stepAt: Micros;
  timer: NodeJS.Timeout | undefined;
  exchange: HttpExchange | undefined;
}

export function openHttpProber(clock: Clock, onVerdict: (id: number, verdict: Verdict) => void): HttpProber {
  const probes = new Map<number, Probe>();
  const tls = createTlsClient();
  const judge = openHttpJudge(onVerdict);
  let plain: PlainHttpProber | undefined;

  const end = (id: number, verdict: Verdict | undefined): void => {
    const probe = probes.get(id);
    if (probe === undefined) return;
    probes.delete(id);
    clearTimeout(probe.timer);
    probe.exchange?.abort();
    if (verdict === undefined) return;
    judge.cancel(id);
    onVerdict(id, verdict);
  };
  const watchTime = (id: number, probe: Probe): void => {
    const now = clock.now();
    const limit = earliest(after(probe.stepAt, probe.question.connection.connectTimeout), probe.deadline);
    if (isDue(limit, now)) {
      const latency = micros(now - probe.started);
      end(id, { type: 'failed', failure: timeoutIn(probe.phase), latency });
      return;
    }
    // Node's timers have whole milliseconds and may fire early: too early is looked at again.
    const remaining = Math.ceil(((limit ?? now) - now) / 1_000);
    probe.timer = setTimeout(() => {
      watchTime(id, probe);
    }, remaining);
  };
  return {
    start: (id, question, deadline) => {
      const byUndici = canAskUndici(question);
      if (!byUndici && !question.tls && question.http2 !== true) {
        plain ??= openPlainHttpProber(clock, judge, onVerdict);
        plain.start(id, question, deadline);
        return;
      }
      const started = clock.now();
      const search = judge.searchFor(id, question);
      const probe: Probe = { question, started, deadline, phase: 'connecting', stepAt: started, timer: undefined, exchange: undefined };
      probes.set(id, probe);
      const events: HttpEvents = {
        onProgress: (phase) => {
          probe.phase = phase;
          probe.stepAt = clock.now();
        },
        onOutcome: (outcome) => {
          if (probes.get(id) !== probe) return;
          end(id, undefined);
          judge.judge(id, outcome, { question, search }, micros(clock.now() - started));
        },
        search, budget: judge.budget,
      };
      probe.exchange = carrierOf(question, byUndici)(question, events, tls);
      if (probes.get(id) === probe) watchTime(id, probe);
    },
    configureTls: tls.configure,
    cancel: (id) => {
      plain?.cancel(id);
      judge.cancel(id);
      end(id, undefined);
    },
    close: () => {
      plain?.close();
      judge.close();
      for (const id of [...probes.keys()]) end(id, undefined);
    },
  };
}

function carrierOf({ http2 }: HttpQuestion, byUndici: boolean): typeof exchangeHttp {
  if (http2 === true) return exchangeHttp2;
  return byUndici ? askUndici : exchangeHttp;
}

/** Until the question is sent the connection, TLS included, is not there yet. */
function timeoutIn(phase: Probe['phase']): ProbeFailure {
  if (phase === 'connecting' || phase === 'connected') return { type: 'connectTimeout' };
  return phase === 'asked' ? { type: 'readTimeout' } : { type: 'readTimeout', begun: true };
}
